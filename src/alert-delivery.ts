import { createDrawWeekly, type DrawWeeklyParts } from './alerts/draw-weekly.ts';
import type { AlertDrawings } from './alerts/drawings.ts';
import { createGiveWay } from './alerts/give-way.ts';
import { createNotifier } from './alerts/notifier.ts';
import { createResume, type PlanDeliveries, type Resume } from './alerts/resume.ts';
import type { Alerts, Conversations } from './alerts/stores.ts';
import { createSuspend } from './alerts/suspend.ts';
import { createTellDue } from './alerts/tell-due.ts';
import { createTellSubscription } from './alerts/tell-subscription.ts';
import type { DeliveryOutcome, TellingLog } from './alerts/telling-place.ts';
import type { AlertWall } from './alerts/wall.ts';
import { createWeeklySchedule, type WeeklyScheduleParts } from './alerts/weekly-schedule.ts';
import { textsFor } from './i18n/texts.ts';
import { newOpaqueId } from './ids.ts';
import { createAlertDeliveries } from './store/alert-deliveries.ts';
import { createAlertMessages } from './store/alert-messages.ts';
import { createAlertSubscriptions } from './store/alert-subscriptions.ts';
import { createTold } from './store/alert-told.ts';
import type { Db } from './store/open-database.ts';
import { createSyncCounts } from './store/sync-counts.ts';

export interface AlertDeliveryParts {
  readonly db: Db;
  readonly alerts: Alerts;
  readonly snapshots: DrawWeeklyParts['snapshots'];
  readonly conversations: Conversations;
  readonly wall: AlertWall;
  readonly draw: AlertDrawings;
  readonly planDeliveries: PlanDeliveries;
  readonly covers: DrawWeeklyParts['covers'];
  readonly nextWeekly: WeeklyScheduleParts['nextWeekly'];
  readonly quietUntil: WeeklyScheduleParts['quietUntil'];
  readonly onOutcome: (outcome: DeliveryOutcome, count: number) => void;
  readonly now: () => number;
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
  /** See Notifier. */
  stop(): Promise<void>;
  countWaiting(): Promise<number>;
}

/** From stored deliveries to messages in Teams: everything that tells alerts, joined. */
export function createAlertDelivery(parts: AlertDeliveryParts): AlertDelivery {
  const { db, alerts, conversations, wall, draw, onOutcome, now, wait, log } = parts;
  const subscriptions = createAlertSubscriptions(db);
  const deliveries = createAlertDeliveries(db);
  const messages = createAlertMessages(db);
  const common = { subscriptions, deliveries, conversations, now, wait, log, onOutcome, newId: newOpaqueId };

  const drawWeekly = createDrawWeekly({
    ...{ alerts, snapshots: parts.snapshots, covers: parts.covers, draw: draw.weekly, now },
    syncs: createSyncCounts(db),
  });
  const tellDue = createTellDue({ ...common, alerts, messages, told: createTold(db), wall, draw, drawWeekly });
  const suspend = createSuspend({
    ...{ ...common, wall },
    draw: ({ locale, kind, code }) => textsFor(locale).suspended[kind](code),
  });
  const giveWay = createGiveWay({ ...common, suspend, random: parts.random ?? Math.random });
  const tell = createTellSubscription({ ...common, tellDue, giveWay });
  const notifier = createNotifier({ ...common, tell, owner: newOpaqueId() });
  const resume = createResume({ ...common, alerts, plan: parts.planDeliveries, onQueued: notifier.wake });
  const { nextWeekly, quietUntil } = parts;
  const weekly = createWeeklySchedule({ ...common, nextWeekly, quietUntil, onQueued: notifier.wake });

  return {
    resume,
    wake: notifier.wake,
    countWaiting: deliveries.countWaiting,
    start() {
      notifier.start();
      weekly.start();
    },
    async stop() {
      await Promise.all([weekly.stop(), notifier.stop()]);
    },
  };
}
