import type { Registry } from 'prom-client';
import type { AlertSubscriptions, Conversations } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { createWorkerLoop } from '../lib/worker.ts';
import { createAlertMessages, createAnnouncedAlerts } from '../store/alert-deliveries.ts';
import { createTokenSnapshots } from '../store/alerts.ts';
import type { Db } from '../store/schema.ts';
import { createAlertRepositories, createInAlertTransaction } from '../store/stores.ts';
import { createSyncCounts } from '../store/sync-runs.ts';
import { createDeliveryMetrics } from '../telemetry/metrics.ts';
import { ClaimLost, createDeliverDue, createDeliverToSubscription, type DeliverToSubscription } from './delivery.ts';
import { createResume, type Resume } from './resume.ts';
import { createHandleSendFailure, createSuspend, type DeliveryLog } from './send-failures.ts';
import type { AlertDrawings, AlertMessenger } from './views.ts';
import { createDrawWeekly, createWeeklySchedule } from './weekly.ts';

interface NotifierParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'claimDue' | 'renewLease' | 'release'>;
  readonly tell: DeliverToSubscription;
  /** Of this process alone, new at every start. */
  readonly owner: string;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: DeliveryLog;
}

interface Notifier {
  start(): void;
  /** Something was queued, or may be due: looks at once. */
  wake(): void;
  /** Starts no further message; resolves once those on their way are answered and claims given back, after 5 s at the latest. */
  stop(): Promise<void>;
}

/** Others may queue something, and what waits falls due. */
const lookEveryMs = 5_000;
/** Longer than waiting for room and a call to Teams take together, since a claim is looked after before each call. */
const leaseMs = 60_000;
const keepAfterMs = leaseMs / 3;
const mostAtOnce = 50;
const stopWithinMs = 5_000;

/** Tells subscriptions what is due to them: many conversations side by side, each in its own order and by one process at a time. */
function createNotifier(parts: NotifierParts): Notifier {
  const { subscriptions, owner, now, wait, log } = parts;
  const turns = new Map<string, Promise<void>>();

  async function take(subscription: AlertSubscription, claimedAt: number): Promise<void> {
    const { id } = subscription;
    let keptAt = claimedAt;
    async function hold(): Promise<void> {
      if (loop.stopping.aborted) throw new ClaimLost();
      if (now() >= keptAt && now() - keptAt < keepAfterMs) return;
      const at = now();
      if (!(await subscriptions.renewLease(id, owner, at, leaseMs))) throw new ClaimLost();
      keptAt = at;
    }
    try {
      const hadWork = await parts.tell({ subscription, hold, signal: loop.stopping });
      // Whatever made it due, it must not be taken up again and again without a rest.
      if (!hadWork) await wait(lookEveryMs, loop.stopping);
      await subscriptions.release(id, owner);
    } catch (error) {
      // Not given back: it is tried again once the lease has passed, when the store may be well again.
      log.error({ err: error, subscriptionId: id }, 'a conversation could not be told of its alerts');
    }
  }

  function begin(subscription: AlertSubscription, claimedAt: number): void {
    const { id } = subscription;
    if (turns.has(id)) return;
    const turn = take(subscription, claimedAt).finally(() => {
      turns.delete(id);
      loop.wake();
    });
    turns.set(id, turn);
  }

  const loop = createWorkerLoop({
    async pass() {
      const at = now();
      const free = mostAtOnce - turns.size;
      if (free > 0) for (const each of await subscriptions.claimDue(owner, at, leaseMs, free)) begin(each, at);
      return lookEveryMs;
    },
    wait,
    onFailure: (error) => log.error({ err: error }, 'looking for alerts to tell failed; it is tried again'),
  });

  return {
    start: loop.start,
    wake: loop.wake,
    async stop() {
      const ended = loop.stop().then(() => Promise.all(turns.values()));
      await within(stopWithinMs, ended, wait);
      if (turns.size > 0) log.warn({ conversations: turns.size }, 'stopped before Teams had answered everything');
    },
  };
}

interface AlertDeliveryParts {
  readonly db: Db;
  readonly conversations: Conversations;
  readonly wall: AlertMessenger;
  readonly draw: AlertDrawings;
  readonly registry: Registry;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  readonly log: DeliveryLog;
}

export interface AlertDelivery {
  start(): void;
  /** Something was queued. */
  wake(): void;
  /** Something came in from a conversation. */
  readonly resume: Resume;
  /** Sends nothing more; resolves once what is on its way is answered and remembered, after 5 s at the latest. */
  stop(): Promise<void>;
}

/** From stored deliveries to messages in Teams: everything that tells alerts, joined. */
export function createAlertDelivery(parts: AlertDeliveryParts): AlertDelivery {
  const { db, conversations, wall, draw, now, wait, log } = parts;
  const { alerts, subscriptions, deliveries } = createAlertRepositories(db);
  const { onOutcome } = createDeliveryMetrics({ registry: parts.registry, countWaiting: deliveries.countWaiting });
  const common = { alerts, subscriptions, deliveries, conversations, wall, now, wait, log, onOutcome };

  const snapshots = createTokenSnapshots(db);
  const drawWeekly = createDrawWeekly({ alerts, snapshots, syncs: createSyncCounts(db), draw: draw.weekly, now });
  const messages = createAlertMessages(db);
  const tellDue = createDeliverDue({ ...common, messages, told: createAnnouncedAlerts(db), draw, drawWeekly });
  const suspend = createSuspend({
    ...common,
    draw: ({ locale, kind, code, of: { createdAt, scope: covers } }) =>
      textsFor(locale).suspended[kind](code, createdAt, covers === 'all' ? undefined : covers.length),
  });
  const giveWay = createHandleSendFailure({ ...common, suspend, random: parts.random ?? Math.random });
  const tell = createDeliverToSubscription({ ...common, tellDue, giveWay });
  const notifier = createNotifier({ ...common, tell, owner: newOpaqueId() });
  const { wake } = notifier;
  const weekly = createWeeklySchedule({ ...common, onQueued: wake });

  return {
    wake,
    resume: createResume({ ...common, inAlertTransaction: createInAlertTransaction(db), onQueued: wake }),
    start() {
      notifier.start();
      weekly.start();
    },
    async stop() {
      await Promise.all([weekly.stop(), notifier.stop()]);
    },
  };
}
