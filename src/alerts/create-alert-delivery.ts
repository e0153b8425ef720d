import type { Registry } from 'prom-client';
import type { Conversations } from '../domain/alert-repositories.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { createAlertMessages, createTold } from '../store/alert-deliveries.ts';
import { createTokenSnapshots } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { createSyncCounts } from '../store/sync-runs.ts';
import { createDeliveryMetrics } from '../telemetry/metrics.ts';
import { alertBookOver, createTogether } from './create-together.ts';
import { createDrawWeekly } from './draw-weekly.ts';
import type { AlertDrawings } from './drawings.ts';
import { createGiveWay } from './give-way.ts';
import { createNotifier } from './notifier.ts';
import { createResume, type Resume } from './resume.ts';
import { createSuspend } from './suspend.ts';
import { createTellDue } from './tell-due.ts';
import { createTellSubscription } from './tell-subscription.ts';
import type { TellingLog } from './telling-place.ts';
import type { AlertWall } from './wall.ts';
import { createWeeklySchedule } from './weekly-schedule.ts';

export interface AlertDeliveryParts {
  readonly db: Db;
  readonly conversations: Conversations;
  readonly wall: AlertWall;
  readonly draw: AlertDrawings;
  readonly registry: Registry;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  readonly log: TellingLog;
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
  const { alerts, subscriptions, deliveries } = alertBookOver(db);
  const { onOutcome } = createDeliveryMetrics({ registry: parts.registry, countWaiting: deliveries.countWaiting });
  const common = { alerts, subscriptions, deliveries, conversations, wall, now, wait, log, onOutcome };

  const snapshots = createTokenSnapshots(db);
  const drawWeekly = createDrawWeekly({ alerts, snapshots, syncs: createSyncCounts(db), draw: draw.weekly, now });
  const messages = createAlertMessages(db);
  const tellDue = createTellDue({ ...common, messages, told: createTold(db), draw, drawWeekly });
  const suspend = createSuspend({
    ...common,
    draw: ({ locale, kind, code, of: { createdAt, covers } }) =>
      textsFor(locale).suspended[kind](code, createdAt, covers === 'all' ? undefined : covers.length),
  });
  const giveWay = createGiveWay({ ...common, suspend, random: parts.random ?? Math.random });
  const tell = createTellSubscription({ ...common, tellDue, giveWay });
  const notifier = createNotifier({ ...common, tell, owner: newOpaqueId() });
  const { wake } = notifier;
  const weekly = createWeeklySchedule({ ...common, onQueued: wake });

  return {
    wake,
    resume: createResume({ ...common, together: createTogether(db), onQueued: wake }),
    start() {
      notifier.start();
      weekly.start();
    },
    async stop() {
      await Promise.all([weekly.stop(), notifier.stop()]);
    },
  };
}
