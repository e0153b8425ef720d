import { keptDays } from '../domain/license-runway.ts';
import { dayMs } from '../lib/time.ts';

/** How long records are kept after their use. The reasons are in docs/data.md. */
export const keptMs = {
  /** Teams repeats an activity within minutes. */
  processedActivities: dayMs,
  /** The data of receipts. Counted from the start, so that a sync that never ended is erased too. */
  syncRuns: 180 * dayMs,
  /** The outcome of each token is in the runs too; the batch serves its card alone. */
  syncBatches: 30 * dayMs,
  /** Far longer than any sign-in that was stored before is accepted by Entra or Graph. */
  signOuts: 30 * dayMs,
  /** No renewal takes longer. */
  renewals: 180 * dayMs,
  /** Counted from when they were due. */
  renewalNotices: 7 * dayMs,
  /** Over a year, so that last year's can be compared with this year's. */
  auditEntries: 400 * dayMs,
  /** So that its name is known for a while, and its alert is open. */
  deletedTokens: 30 * dayMs,
  /** Counts of an app's licenses, and an app that is gone: its trend needs 28 days. */
  countedApps: keptDays * dayMs,
  /** Counted from their end. */
  alerts: 180 * dayMs,
  /** Their keys prevent a second notification. */
  alertDeliveries: 30 * dayMs,
  /** So that alerts can be offered again where the bot comes back. */
  removedSubscriptions: 90 * dayMs,
} as const;
