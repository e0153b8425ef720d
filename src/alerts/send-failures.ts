import type { AlertRepositories, DeliveryOutcome } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { isConversationUnknown, SendingError } from '../domain/turn.ts';
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
    const attempts = Math.max(0, ...due.map((delivery) => delivery.attempts));
    if (error instanceof SendingError && (error.fault === 'closed' || isGone(error, attempts))) {
      onOutcome('dropped', due.length);
      return suspend(subscription, error.code, signal);
    }
    const retryAfterMs = error instanceof SendingError ? error.retryAfterMs : undefined;
    const delayMs = retryDelayMs(attempts, retryAfterMs, random);
    const isLast = (delivery: { readonly attempts: number }) => delivery.attempts + 1 >= mostAttempts;
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

/** By then it has been tried for about four minutes. */
const attemptsBeforeGone = 7;

/** Teams now and then does not find a conversation that is there, so it is believed after some minutes only. */
const isGone = (error: SendingError, attempts: number) =>
  isConversationUnknown(error) && attempts >= attemptsBeforeGone;
