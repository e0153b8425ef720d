import type { AlertSubscription } from '../domain/subscription.ts';
import { SendingError } from '../domain/turn.ts';
import { mostAttempts, retryDelayMs } from '../lib/retry.ts';
import type { TellingParts } from './telling-place.ts';

export interface GiveWayParts extends Pick<TellingParts, 'deliveries' | 'onOutcome' | 'now' | 'log'> {
  readonly suspend: (subscription: AlertSubscription, why: string, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/** After a conversation could not be told: puts off what is due, drops what was tried for a day, or suspends the subscription. */
export type GiveWay = (subscription: AlertSubscription, error: unknown, signal: AbortSignal) => Promise<void>;

export function createGiveWay({ deliveries, suspend, random, onOutcome, now, log }: GiveWayParts): GiveWay {
  return async (subscription, error, signal) => {
    const { id } = subscription;
    const due = await deliveries.listDue(id, now());
    if (error instanceof SendingError && error.fault === 'closed') {
      onOutcome('dropped', due.length);
      return suspend(subscription, error.code, signal);
    }
    const retryAfterMs = error instanceof SendingError ? error.retryAfterMs : undefined;
    const isLast = (attempts: number) => attempts + 1 >= mostAttempts;
    const [later, last] = [due.filter((each) => !isLast(each.attempts)), due.filter((each) => isLast(each.attempts))];
    const delayMs = retryDelayMs(Math.max(0, ...due.map(({ attempts }) => attempts)), retryAfterMs, random);
    // Edits before the end of quiet hours are a courtesy: they are not tried again.
    await deliveries.markEdited((await deliveries.listUnedited(id, now())).map((held) => held.id));
    await deliveries.putOff(
      later.map((each) => each.id),
      now() + delayMs,
    );
    await deliveries.settle(
      last.map((each) => each.id),
      'dropped',
      now(),
    );
    onOutcome('putOff', later.length);
    onOutcome('dropped', last.length);
    const fields = { err: error, subscriptionId: id, deliveries: later.length, delayMs };
    if (error instanceof SendingError) log.warn(fields, 'alerts are told later');
    else log.error(fields, 'telling alerts failed; it is tried again');
    if (last.length > 0)
      log.error({ subscriptionId: id, deliveries: last.length }, 'alerts are dropped after a day of trying');
  };
}
