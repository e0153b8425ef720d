import type { Registry } from 'prom-client';
import type { AlertRepositories, Conversations, InAlertTransaction } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { within } from '../lib/async.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import { createWorkerLoop } from '../lib/worker.ts';
import { createDeliveryMetrics } from '../telemetry/alert-metrics.ts';
import type { AlertMessenger } from './alert-messenger.ts';
import type { AlertViews } from './announce.ts';
import { ClaimLost, createDeliverToSubscription, type DeliverToSubscription } from './delivery.ts';
import { createHandleSendFailure } from './send-failures.ts';
import { createResume, createSuspend, type Resume } from './suspend.ts';
import { createDrawWeekly, createWeeklySchedule } from './weekly.ts';

interface NotifierParts {
  readonly runtime: Runtime;
  readonly repositories: AlertRepositories;
  readonly inAlertTransaction: InAlertTransaction;
  readonly conversations: Conversations;
  readonly messenger: AlertMessenger;
  readonly views: AlertViews;
  readonly registry: Registry;
}

export interface AlertNotifier {
  start(): void;
  /** Delivers at once: to be called when something was queued. */
  wake(): void;
  readonly resume: Resume;
  /** Sends nothing more. Resolves once messages under way are answered and recorded, after 5 s at the latest. */
  stop(): Promise<void>;
}

/** Posts and edits messages in Teams for everything that is queued: alerts, weekly digests, and what a suspension left to show. */
export function createNotifier(parts: NotifierParts): AlertNotifier {
  const { runtime, repositories, inAlertTransaction, registry } = parts;
  const { onOutcome } = createDeliveryMetrics({ registry, deliveries: repositories.deliveries });
  const suspend = createSuspend(parts);
  const deliver = createDeliverToSubscription({
    ...parts,
    onOutcome,
    drawWeekly: createDrawWeekly(parts),
    handleSendFailure: createHandleSendFailure({ runtime, repositories, suspend, onOutcome }),
  });
  const loop = createDeliveryLoop(runtime, repositories, deliver);
  const { wake } = loop;
  const weekly = createWeeklySchedule({ runtime, repositories, onQueued: wake });

  return {
    wake,
    resume: createResume({ runtime, repositories, inAlertTransaction, onQueued: wake }),
    start() {
      loop.start();
      weekly.start();
    },
    async stop() {
      await Promise.all([weekly.stop(), loop.stop()]);
    },
  };
}

/** Other processes may queue deliveries, and held ones fall due. */
const pollEveryMs = 5_000;
/** Longer than waiting for room and a call to Teams take together, since the lease is checked before each call. */
const leaseMs = minuteMs;
const renewAfterMs = leaseMs / 3;
const mostAtOnce = 50;
const stopWithinMs = 5_000;

/** Delivers to many conversations side by side: in each in order, and by one process at a time. */
function createDeliveryLoop(
  { now, wait, log }: Runtime,
  { subscriptions }: AlertRepositories,
  deliver: DeliverToSubscription,
) {
  /** New at every start, so that a restarted process does not take its former leases for its own. */
  const owner = newOpaqueId();
  const turns = new Map<string, Promise<void>>();

  async function takeTurn(subscription: AlertSubscription, claimedAt: number): Promise<void> {
    const { id } = subscription;
    let renewedAt = claimedAt;

    async function checkLease(): Promise<void> {
      if (loop.stopping.aborted) throw new ClaimLost();
      const at = now();
      if (at >= renewedAt && at - renewedAt < renewAfterMs) return;
      if (!(await subscriptions.renewLease(id, owner, at, leaseMs))) throw new ClaimLost();
      renewedAt = at;
    }

    try {
      const hadWork = await deliver({ subscription, checkLease, signal: loop.stopping });
      // A subscription that is due for no reason must not be claimed again without a rest.
      if (!hadWork) await wait(pollEveryMs, loop.stopping);
      await subscriptions.release(id, owner);
    } catch (error) {
      // Not released: it is retried once the lease has expired, when the database may be back.
      log.error({ err: error, subscriptionId: id }, 'alerts of a conversation could not be delivered');
    }
  }

  function begin(subscription: AlertSubscription, claimedAt: number): void {
    const { id } = subscription;
    if (turns.has(id)) return;
    const turn = takeTurn(subscription, claimedAt).finally(() => {
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
      return pollEveryMs;
    },
    wait,
    onFailure: (error) => log.error({ err: error }, 'claiming due deliveries failed; it is retried'),
  });

  return {
    start: loop.start,
    wake: loop.wake,
    async stop(): Promise<void> {
      const ended = loop.stop().then(() => Promise.all(turns.values()));
      await within(stopWithinMs, ended, wait);
      if (turns.size > 0) log.warn({ conversations: turns.size }, 'stopped before Teams had answered everything');
    },
  };
}
