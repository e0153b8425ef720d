import { dayMs, daysBetween, findInstant, minuteMs } from '../lib/time.ts';
import { staleAfterMs, type VppToken } from './token.ts';

/** What no query asks for. */
export type AlertState = Pick<
  Alert,
  'suppressedUntil' | 'returnedAt' | 'acknowledged' | 'snoozed' | 'token' | 'detail'
>;

export interface TokenSnapshot {
  readonly tenantId: string;
  readonly token: VppToken;
  readonly firstSeenAt: number;
  /** When a pass first saw it as it stands here: what did not change is not written again. */
  readonly seenAt: number;
  /** Epoch milliseconds of the newest sync that was ever seen completed. */
  readonly completedAt?: number;
  /** When a pass first saw the sync in progress that the last pass still saw. */
  readonly inProgressSince?: number;
}

/** One thing that is, or was, wrong with a token, from its first sight to its end. Times are epoch milliseconds. */
export interface Alert {
  readonly id: string;
  readonly tenantId: string;
  /** Empty for `monitoringBroken`. */
  readonly tokenId: string;
  readonly condition: Condition;
  /** The worst it has reached since it opened: it never steps down. */
  readonly stage: Stage;
  /** Counts every change, so that each can be told once. */
  readonly revision: number;
  readonly openedAt: number;
  /** When it was last told aloud (a new message or a reply, not an edit). */
  readonly notifiedAt: number;
  /** Absent while it is open. */
  readonly endedAt?: number;
  readonly ending?: AlertEnding;
  /**
   * It came back soon after an end that was told: its return is told only if it is still there then. Stays when it ends again before
   * that, which is not told either.
   */
  readonly suppressedUntil?: number;
  /** When it was open again, the last time that it came back soon after an end. */
  readonly returnedAt?: number;
  readonly acknowledged?: { readonly by: string; readonly at: number };
  readonly snoozed?: { readonly by: string; readonly until: number };
  /** The token as it was last seen; absent for `monitoringBroken`. */
  readonly token?: VppToken;
  readonly detail: AlertDetail;
}

/** `superseded`: a worse condition of the same token says it now, as `expired` does of `expiring`. */
export type AlertEnding = 'resolved' | 'deleted' | 'superseded';

/** Numbers that may change without the alert being told again. */
export interface AlertDetail {
  /** Apps at 95 % or more of `licenses`, the worst first. */
  readonly apps?: readonly { readonly name: string; readonly used: number; readonly total: number }[];
  /** Intune does not tell for certain which token these apps belong to. */
  readonly isApproximate?: boolean;
  /** Since when, as far as is known: of `syncStale`, `syncStuck` and `monitoringBroken`. */
  readonly since?: number;
  /** Why a tenant could not be looked at. */
  readonly failure?: MonitoringFailure;
}

export interface MonitoringFailure {
  /** `tokens`: nothing could be read; `licenses`: tokens could, apps could not. */
  readonly part: 'tokens' | 'licenses';
  /** Of an AppTokenError or a GraphError; `unexpected` for anything else. */
  readonly reason: string;
  readonly neededScopes?: readonly string[];
  /** Entra's or Graph's own code, for the details. */
  readonly code?: string;
}

/**
 * What became of an alert. Told aloud: `opened`; `escalated` to a worse stage; `reminded` of (expired, every 24 h; a snooze that
 * ended); `cameBack` after a short end; `resolved`. Edits of what stands there alone: `deleted`, `superseded`, and `changed`
 * (other numbers or another cause, acknowledged, snoozed, or ended within the time of flapping). `returned` within that time is an
 * edit where the alert stands, and new where nothing of it does.
 * `alreadyOpen` is for who subscribes now: it is open already.
 */
export type AlertEventKind =
  | 'opened'
  | 'escalated'
  | 'reminded'
  | 'cameBack'
  | 'resolved'
  | 'deleted'
  | 'superseded'
  | 'changed'
  | 'returned'
  | 'alreadyOpen';

export interface AlertEvent {
  readonly kind: AlertEventKind;
  /** As it is after the event. */
  readonly alert: Alert;
}

const aloud: ReadonlySet<AlertEventKind> = new Set([
  ...(['opened', 'escalated', 'reminded', 'cameBack', 'resolved', 'alreadyOpen'] as const),
]);
export const isAnnounced = ({ kind }: Pick<AlertEvent, 'kind'>): boolean => aloud.has(kind);

/**
 * What can be wrong, each with the stages it may reach, the mildest first. `expiring`: days left; `syncStale`: hours since the last
 * completed sync; `licenses`: the worst app of the token. `monitoringBroken` is of a tenant, all others of a token: `unanswered` for
 * as long as its cause passes by itself, then that somebody must mend it.
 * Source: DESIGN §1 "Alerts"; Intune's own connector status warns at 7 days and after 1 day, and is unhealthy once expired and
 * after 3 days without a sync.
 */
export const conditionStages = {
  expired: ['expired'],
  invalid: ['invalid'],
  assignedToExternalMDM: ['assignedToExternalMDM'],
  duplicateLocationId: ['duplicateLocationId'],
  expiring: ['d30', 'd14', 'd7', 'd3', 'd1', 'd0'],
  syncFailed: ['syncFailed'],
  syncStuck: ['syncStuck'],
  syncStale: ['h36', 'h72'],
  licenses: ['low', 'usedUp'],
  monitoringBroken: ['unanswered', 'monitoringBroken'],
} as const;

export type Condition = keyof typeof conditionStages;
export type Stage = (typeof conditionStages)[Condition][number];
export type Severity = 'critical' | 'warning' | 'info';

/** Of conditions that a conversation may choose; that monitoring is broken is told to every subscribed one. */
export const chosenConditions = Object.keys(conditionStages).filter(
  (condition): condition is ChosenCondition => condition !== 'monitoringBroken',
);
export type ChosenCondition = Exclude<Condition, 'monitoringBroken'>;

const critical: ReadonlySet<Stage> = new Set([
  ...(['expired', 'invalid', 'assignedToExternalMDM', 'd1', 'd0', 'h72', 'unanswered', 'monitoringBroken'] as const),
]);
const info: ReadonlySet<Stage> = new Set(['d30', 'd14']);

/** Critical ones pass through quiet hours. */
export function severityOf(stage: Stage): Severity {
  if (critical.has(stage)) return 'critical';
  return info.has(stage) ? 'info' : 'warning';
}

/** Position of a stage on its condition's ladder, from 0; -1 for one that is not on it. */
export const stageIndex = (condition: Condition, stage: Stage): number =>
  (conditionStages[condition] as readonly Stage[]).indexOf(stage);

type ExpiringStage = (typeof conditionStages.expiring)[number];
type StaleStage = (typeof conditionStages.syncStale)[number];

/** Most whole days left, as cards count them. */
const daysLeft: Readonly<Record<ExpiringStage, number>> = { d30: 30, d14: 14, d7: 7, d3: 3, d1: 1, d0: 0 };
/** Longer than this without a completed sync. */
const staleMs: Readonly<Record<StaleStage, number>> = { h36: staleAfterMs, h72: 2 * staleAfterMs };

/** The worst stage that holds of a token that ends at `expiresAt`, which is still to come. */
export const findExpiringStage = (now: number, expiresAt: number): ExpiringStage | undefined =>
  conditionStages.expiring.findLast((stage) => daysBetween(now, expiresAt) <= daysLeft[stage]);

/** The worst stage that holds of a token whose last completed sync was at `since`. */
export const findStaleStage = (now: number, since: number): StaleStage | undefined =>
  conditionStages.syncStale.findLast((stage) => now - since > staleMs[stage]);

/**
 * The first instant at which something worse than this alert's stage holds by the passing of time alone: its next stage, or the
 * expiry itself after the last stage of `expiring`. Undefined where time does not decide.
 */
export function findNextStageAt({ condition, stage, token, detail }: Alert): number | undefined {
  if (condition === 'expiring') {
    const expiresAt = findInstant(token?.expirationDateTime);
    const next = conditionStages.expiring[stageIndex(condition, stage) + 1];
    return next === undefined || expiresAt === undefined ? expiresAt : expiresAt - (daysLeft[next] + 1) * dayMs + 1;
  }
  if (condition === 'syncStale') {
    const next = conditionStages.syncStale[stageIndex(condition, stage) + 1];
    return next === undefined || detail.since === undefined ? undefined : detail.since + staleMs[next] + 1;
  }
  return undefined;
}

/** Back within this time it is the same alert, and its return is not told at once. */
export const flapMs = 30 * minuteMs;
/** However fast it comes and goes: a return is told when nobody heard of the alert for this long. */
const longestSuppressionMs = 2 * 60 * minuteMs;

export type EndedAlert = Alert & { readonly endedAt: number };

export const hasEnded = (alert: Alert): alert is EndedAlert => alert.endedAt !== undefined;

export const isReopening = ({ endedAt }: EndedAlert, now: number): boolean => now - endedAt < flapMs;

/** The ended alert, open again, with the time from which its return is to be told, if it is to be told at all. */
export function suppressReopen({ endedAt, ending, suppressedUntil, ...ended }: EndedAlert, now: number): Alert {
  const alert = { ...ended, returnedAt: now };
  const toldBy = alert.notifiedAt + longestSuppressionMs;
  // A clock that was set back would make the end one that is still to come.
  const settled = Math.min(endedAt, now) + flapMs;
  if (suppressedUntil !== undefined) return { ...alert, suppressedUntil: Math.min(settled, toldBy) };
  if (ending === 'resolved') return { ...alert, suppressedUntil: settled };
  // Nobody was told that it ended, so nobody needs to be told of its return, unless it is long ago that they heard of it.
  return toldBy <= now ? { ...alert, suppressedUntil: now } : alert;
}

export const isSuppressionOver = ({ suppressedUntil }: Alert, now: number): boolean =>
  suppressedUntil !== undefined && (now >= suppressedUntil || now < suppressedUntil - flapMs);
