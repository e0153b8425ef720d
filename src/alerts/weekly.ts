import type {
  AlertDeliveries,
  AlertSubscriptions,
  Alerts,
  SyncCounts,
  TokenSnapshots,
} from '../domain/alert-repositories.ts';
import { type AlertSubscription, matchesSubscription, nextWeekly, quietUntil } from '../domain/subscription.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { dayMs } from '../lib/time.ts';
import { createWorkerLoop } from '../lib/worker.ts';
import type { DeliveryTarget } from './send-failures.ts';
import type { AlertDrawings, CardMessage } from './views.ts';

interface WeeklyScheduleParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'listWeeklyDue' | 'moveWeekly'>;
  readonly deliveries: Pick<AlertDeliveries, 'addAll'>;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly onQueued: () => void;
  readonly log: { error(fields: object, message: string): void };
}

interface WeeklySchedule {
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

interface DrawWeeklyParts {
  readonly snapshots: Pick<TokenSnapshots, 'listOfTenant'>;
  readonly alerts: Pick<Alerts, 'listOpen'>;
  readonly syncs: SyncCounts;
  readonly draw: AlertDrawings['weekly'];
  readonly now: () => number;
}

const weekMs = 7 * dayMs;

/** The week of what a subscription covers: its tokens as they were seen last, what is open of them, and how their syncs ended. */
export function createDrawWeekly(parts: DrawWeeklyParts): (place: DeliveryTarget) => Promise<CardMessage> {
  return async ({ subscription, conversation }) => {
    const { tenantId, scope: covered, locale } = subscription;
    const now = parts.now();
    const snapshots = await parts.snapshots.listOfTenant(tenantId);
    const tokens = snapshots.map(({ token }) => token).filter(({ id }) => covered === 'all' || covered.includes(id));
    const alerts = (await parts.alerts.listOpen(tenantId)).filter((alert) => matchesSubscription(subscription, alert));
    const syncs = await parts.syncs.countEnded(tenantId, covered, now - weekMs);
    return parts.draw({ locale, now, conversationKind: conversation.kind, tokens, alerts, syncs });
  };
}
