import type { AlertRepositories, DeliveryOutcome } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { SendingError } from '../domain/turn.ts';
import { mostAttempts, retryDelayMs } from '../lib/retry.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Suspend } from './suspend.ts';

interface SendFailureParts {
  readonly runtime: Runtime;
  readonly repositories: AlertRepositories;
  readonly suspend: Suspend;
  readonly onOutcome: (outcome: DeliveryOutcome, count: number) => void;
}

/** Puts off what is due to a subscription after a failed attempt, drops what was tried for a day, or suspends the subscription. */
export type HandleSendFailure = (subscription: AlertSubscription, error: unknown, signal: AbortSignal) => Promise<void>;

export function createHandleSendFailure(parts: SendFailureParts): HandleSendFailure {
  const { suspend, onOutcome } = parts;
  const { deliveries } = parts.repositories;
  const { now, random, log } = parts.runtime;

  return async (subscription, error, signal) => {
    const { id } = subscription;
    const due = await deliveries.listDue(id, now());
    if (error instanceof SendingError && error.fault === 'closed') {
      onOutcome('dropped', due.length);
      return suspend(subscription, error.code, signal);
    }
    const retryAfterMs = error instanceof SendingError ? error.retryAfterMs : undefined;
    const delayMs = retryDelayMs(Math.max(0, ...due.map(({ attempts }) => attempts)), retryAfterMs, random);
    const isLast = ({ attempts }: { readonly attempts: number }) => attempts + 1 >= mostAttempts;
    const last = due.filter(isLast).map((delivery) => delivery.id);
    const later = due.filter((delivery) => !isLast(delivery)).map((delivery) => delivery.id);
    // Edits before the end of quiet hours are a courtesy: they are not retried.
    await deliveries.markEdited((await deliveries.listUnedited(id, now())).map((held) => held.id));
    await deliveries.putOff(later, now() + delayMs);
    await deliveries.settle(last, 'dropped', now());
    onOutcome('putOff', later.length);
    onOutcome('dropped', last.length);
    const fields = { err: error, subscriptionId: id, deliveries: later.length, delayMs };
    if (error instanceof SendingError) log.warn(fields, 'alerts are delivered later');
    else log.error(fields, 'delivering alerts failed; it is retried');
    if (last.length > 0)
      log.error({ subscriptionId: id, deliveries: last.length }, 'alerts are dropped after a day of retries');
  };
}
