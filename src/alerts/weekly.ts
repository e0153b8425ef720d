import type { AlertRepositories } from '../domain/alert-repositories.ts';
import { dayOf, daysLeftOf, warnedDays } from '../domain/license-runway.ts';
import { type AlertSubscription, matchesSubscription, nextWeekly, quietUntil } from '../domain/subscription.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs, minuteMs } from '../lib/time.ts';
import { createWorkerLoop } from '../lib/worker.ts';
import type { CardMessage } from './alert-messenger.ts';
import type { AlertViews, DeliveryTarget } from './announce.ts';

interface WeeklyScheduleParts {
  readonly runtime: Runtime;
  readonly repositories: AlertRepositories;
  readonly onQueued: () => void;
}

interface WeeklySchedule {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Queues each weekly digest once, in whichever process first sees that it is due, and delivers it when quiet hours end. Several
 * that fell due while no process ran become one.
 */
export function createWeeklySchedule({ runtime, repositories, onQueued }: WeeklyScheduleParts): WeeklySchedule {
  const { subscriptions, deliveries } = repositories;
  const { now, wait, log } = runtime;

  async function queue({ id, weeklyAt, quiet, timeZone }: AlertSubscription): Promise<void> {
    if (weeklyAt === undefined) return;
    const at = now();
    // In this order: a process that ends between the two queues it again, under the same key.
    await deliveries.addAll([
      {
        id: newOpaqueId(),
        subscriptionId: id,
        key: `weekly ${id} ${weeklyAt}`,
        body: { kind: 'weekly' },
        held: false,
        dueAt: (quiet && quietUntil(at, quiet, timeZone)) ?? at,
        attempts: 0,
      },
    ]);
    await subscriptions.moveWeekly(id, weeklyAt, nextWeekly(at, timeZone));
  }

  return createWorkerLoop({
    async pass() {
      const due = await subscriptions.listWeeklyDue(now());
      for (const subscription of due) {
        await queue(subscription).catch((error: unknown) =>
          log.error({ err: error, subscriptionId: subscription.id }, 'a weekly digest could not be queued'),
        );
      }
      if (due.length > 0) onQueued();
      return minuteMs;
    },
    wait,
    onFailure: (error) => log.error({ err: error }, 'queueing weekly digests failed; it is retried'),
  });
}

interface DrawWeeklyParts {
  readonly runtime: Runtime;
  readonly repositories: AlertRepositories;
  readonly views: AlertViews;
}

const weekMs = 7 * dayMs;

/** Draws the week of a subscription's tokens: their state as last seen, their open alerts, and how their syncs ended. */
export function createDrawWeekly({ runtime, repositories, views }: DrawWeeklyParts) {
  const { alerts, snapshots, syncCounts, countedApps } = repositories;

  return async ({
    subscription,
    conversation,
  }: Pick<DeliveryTarget, 'subscription' | 'conversation'>): Promise<CardMessage> => {
    const { tenantId, scope, locale, timeZone } = subscription;
    const now = runtime.now();
    const seen = (await snapshots.listOfTenant(tenantId)).map(({ token }) => token);
    const open = await alerts.listOpen(tenantId);
    const today = dayOf(now);
    const tokenIds = scope === 'all' ? undefined : scope;
    const runningOut = await countedApps.listRunningOut(tenantId, today, warnedDays, tokenIds);
    const week = {
      locale,
      now,
      timeZone,
      conversationKind: conversation.kind,
      tokens: seen.filter(({ id }) => scope === 'all' || scope.includes(id)),
      alerts: open.filter((alert) => matchesSubscription(subscription, alert)),
      runsOut: runningOut.flatMap((app) => {
        const daysLeft = daysLeftOf(app, app, today);
        return daysLeft === undefined ? [] : [{ name: app.name, tokenId: app.tokenId, daysLeft }];
      }),
      syncs: await syncCounts.countEnded(tenantId, scope, now - weekMs),
    };
    return views.weekly(week, conversation);
  };
}
