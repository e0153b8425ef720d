import type { AlertDeliveries, AlertSubscriptions } from '../domain/alert-repositories.ts';
import { type AlertSubscription, nextWeekly, quietUntil } from '../domain/subscription.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { createWorkerLoop } from '../lib/worker.ts';

export interface WeeklyScheduleParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'listWeeklyDue' | 'moveWeekly'>;
  readonly deliveries: Pick<AlertDeliveries, 'addAll'>;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onQueued: () => void;
  readonly log: { error(fields: object, message: string): void };
}

export interface WeeklySchedule {
  start(): void;
  stop(): Promise<void>;
}

const lookEveryMs = 60_000;

/**
 * Queues each weekly digest once, whichever process sees first that it is due. While nobody looked, several may have fallen due: they
 * are one. It comes when quiet hours end.
 */
export function createWeeklySchedule(parts: WeeklyScheduleParts): WeeklySchedule {
  const { subscriptions, deliveries, now, log } = parts;

  async function queue({ id, weeklyAt, quiet, timeZone }: AlertSubscription): Promise<void> {
    if (weeklyAt === undefined) return;
    const at = now();
    const delivery = {
      ...{ id: newOpaqueId(), subscriptionId: id, key: `weekly ${id} ${weeklyAt}`, held: false, attempts: 0 },
      body: { kind: 'weekly' as const },
      dueAt: (quiet && quietUntil(at, quiet, timeZone)) ?? at,
    };
    // In this order: a process that ends in between queues it again, under the same key.
    await deliveries.addAll([delivery]);
    await subscriptions.moveWeekly(id, weeklyAt, nextWeekly(at, timeZone));
  }

  const loop = createWorkerLoop({
    async pass() {
      const due = await subscriptions.listWeeklyDue(now());
      for (const subscription of due) {
        await queue(subscription).catch((error: unknown) =>
          log.error({ err: error, subscriptionId: subscription.id }, 'a weekly digest could not be queued'),
        );
      }
      if (due.length > 0) parts.onQueued();
      return lookEveryMs;
    },
    wait: parts.wait,
    onFailure: (error) => log.error({ err: error }, 'queueing weekly digests failed; it is tried again'),
  });
  return { start: loop.start, stop: loop.stop };
}
