import { dayMs, findInstant, hourMs, minuteMs } from '../lib/time.ts';
import { staleAfterMs, type VppToken } from './token.ts';

/**
 * Everything that can be wrong, each with the stages it may reach, the mildest first. `expiring`: days left, where `d1` and `d0` begin
 * two days and one day ahead; `syncStale`: hours since the last completed sync; `licenses`: the worst app of the token, where `runsOut7`
 * is an app that runs out within 7 days. `tokenDeleted` stays open while the name is kept. `monitoringBroken` concerns a tenant, all
 * others a token: its stage is `unanswered` while the cause may pass without help, then `monitoringBroken` when an
 * administrator must act.
 * Source: Intune's connector status warns 7 days before expiry and after 1 day without a sync, and is unhealthy once expired and after
 * 3 days without one (learn.microsoft.com/intune/intune-service/fundamentals/tenant-status).
 */
export const conditionStages = {
  tokenDeleted: ['tokenDeleted'],
  expired: ['expired'],
  invalid: ['invalid'],
  assignedToExternalMDM: ['assignedToExternalMDM'],
  duplicateLocationId: ['duplicateLocationId'],
  expiring: ['d30', 'd14', 'd7', 'd3', 'd1', 'd0'],
  syncFailed: ['syncFailed'],
  syncStuck: ['syncStuck'],
  syncStale: ['h36', 'h72'],
  licenses: ['low', 'runsOut14', 'runsOut7', 'runsOut3', 'usedUp'],
  monitoringBroken: ['unanswered', 'monitoringBroken'],
} as const;

export type Condition = keyof typeof conditionStages;
export type Stage = (typeof conditionStages)[Condition][number];

/**
 * The conditions that a conversation may choose. `tokenDeleted` is sent to every subscription that covers the token, chosen or not,
 * and `monitoringBroken` to every one of the tenant.
 */
export type ChosenCondition = Exclude<Condition, 'monitoringBroken'>;
export const chosenConditions = Object.keys(conditionStages).filter(
  (condition): condition is ChosenCondition => condition !== 'monitoringBroken',
);

/** One thing that is, or was, wrong with a token, from the first reading that showed it to its end. Times are epoch milliseconds. */
export interface Alert {
  readonly id: string;
  readonly tenantId: string;
  /** Empty for `monitoringBroken`. */
  readonly tokenId: string;
  readonly condition: Condition;
  /** The worst stage since it opened: it never steps down. */
  readonly stage: Stage;
  /** Counts every change, so that each can be reported once. */
  readonly revision: number;
  readonly openedAt: number;
  /** When it was last announced (a new message or a reply, not an edit). */
  readonly notifiedAt: number;
  /** Absent while it is open. */
  readonly endedAt?: number;
  readonly ending?: AlertEnding;
  /**
   * Set when its end was not announced because it comes and goes. Back soon after, its return is announced only if it is still open
   * then; an end before that is not announced either.
   */
  readonly suppressedUntil?: number;
  /** When it last came back soon after an end. Its opening, when it followed another alert's announced end that closely. */
  readonly returnedAt?: number;
  readonly acknowledged?: { readonly by: string; readonly at: number };
  readonly snoozed?: { readonly by: string; readonly at: number; readonly until: number };
  /** The token as it was last seen; absent for `monitoringBroken`. */
  readonly token?: VppToken;
  readonly detail: AlertDetail;
}

/** The fields of an alert that no query selects by, and that are stored together as JSON. */
export type AlertState = Pick<
  Alert,
  'suppressedUntil' | 'returnedAt' | 'acknowledged' | 'snoozed' | 'token' | 'detail'
>;

/** `superseded`: a worse condition of the same token takes its place, as `expired` does for `expiring`. */
export type AlertEnding = 'resolved' | 'deleted' | 'superseded';

/** Numbers that may change without the alert being announced again. */
export interface AlertDetail {
  /** Apps with 95 % or more of their licenses in use, or that run out soon, the worst first. */
  readonly apps?: readonly {
    readonly name: string;
    readonly used: number;
    readonly total: number;
    /** Present where it runs out within 14 days. */
    readonly daysLeft?: number;
  }[];
  /** Intune does not say for certain which token these apps belong to. */
  readonly isApproximate?: boolean;
  /** When `syncStale`, `syncStuck`, `tokenDeleted` or `monitoringBroken` began, as far as known. */
  readonly since?: number;
  /** The reason why a tenant could not be read. */
  readonly failure?: MonitoringFailure;
}

export interface MonitoringFailure {
  /** `tokens`: nothing could be read; `licenses`: tokens could, apps could not. */
  readonly part: 'tokens' | 'licenses';
  /** Reason of an AppTokenError or a GraphError; `allGone`: no token is listed where some were; `unexpected` for anything else. */
  readonly reason: string;
  readonly neededScopes?: readonly string[];
  /** Entra's or Graph's own code, for the details. */
  readonly code?: string;
}

/** A token as monitoring last saw it. Times are epoch milliseconds. */
export interface TokenSnapshot {
  readonly tenantId: string;
  readonly token: VppToken;
  readonly firstSeenAt: number;
  /** When a pass first saw it exactly like this: an unchanged token is not written again. */
  readonly seenAt: number;
  /** The newest sync that was ever seen completed. */
  readonly completedAt?: number;
  /** When a pass first saw the sync in progress that the last pass still saw. */
  readonly inProgressSince?: number;
  /** When a complete list first came without it; absent while it is listed. */
  readonly missingSince?: number;
  /** When a second list came without it and Graph did not know its id any more. */
  readonly deletedAt?: number;
}

/**
 * A change of an alert. Announced: `opened`; `escalated` to a worse stage; `reminded` (expired, every 24 h; a snooze that ended);
 * `cameBack` after a short end; `resolved`. Edits of the alert's message only: `deleted`, `superseded`, and `changed` (other numbers
 * or another cause, acknowledged, snoozed, or ended while it comes and goes). `returned`, a return that is suppressed at
 * first, is an edit where a message shows the alert, and a new message where none does.
 * `alreadyOpen` is for new subscribers: the alert was open before they subscribed.
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

const announced: readonly AlertEventKind[] = ['opened', 'escalated', 'reminded', 'cameBack', 'resolved', 'alreadyOpen'];
export const isAnnounced = (kind: AlertEventKind): boolean => announced.includes(kind);

export type Severity = 'critical' | 'warning' | 'info';

const critical: readonly Stage[] = [
  'tokenDeleted',
  'expired',
  'invalid',
  'assignedToExternalMDM',
  'd1',
  'd0',
  'h72',
  'unanswered',
  'monitoringBroken',
];
const info: readonly Stage[] = ['d30', 'd14'];

/** Critical alerts are sent during quiet hours too. */
export function severityOf(stage: Stage): Severity {
  if (critical.includes(stage)) return 'critical';
  return info.includes(stage) ? 'info' : 'warning';
}

/** Position of a stage among its condition's stages, from 0, the mildest; -1 for a stage of another condition. */
export const stageIndex = (condition: Condition, stage: Stage): number =>
  (conditionStages[condition] as readonly Stage[]).indexOf(stage);

type ExpiringStage = (typeof conditionStages.expiring)[number];
type StaleStage = (typeof conditionStages.syncStale)[number];

/** So many times 24 h before the end a stage begins: at its hour of the day, when everybody's calendar counts as many days. */
const daysAhead: Readonly<Record<ExpiringStage, number>> = { d30: 30, d14: 14, d7: 7, d3: 3, d1: 2, d0: 1 };
/** Longer than this without a completed sync. */
const staleMs: Readonly<Record<StaleStage, number>> = { h36: staleAfterMs, h72: 2 * staleAfterMs };

/** The worst stage that applies to a token that will end at `expiresAt`. */
export const findExpiringStage = (now: number, expiresAt: number): ExpiringStage | undefined =>
  conditionStages.expiring.findLast((stage) => expiresAt - now <= daysAhead[stage] * dayMs);

type RunsOutStage = Exclude<(typeof conditionStages.licenses)[number], 'low' | 'usedUp'>;
const runsOutDays: Readonly<Record<RunsOutStage, number>> = { runsOut14: 14, runsOut7: 7, runsOut3: 3 };

/** The worst stage that applies to an app whose licenses run out in so many days. */
export const findRunsOutStage = (days: number): RunsOutStage | undefined =>
  (['runsOut14', 'runsOut7', 'runsOut3'] as const).findLast((stage) => days <= runsOutDays[stage]);

/** The worst stage that applies to a token whose last completed sync was at `since`. */
export const findStaleStage = (now: number, since: number): StaleStage | undefined =>
  conditionStages.syncStale.findLast((stage) => now - since > staleMs[stage]);

/**
 * The first instant at which the passing of time alone makes this alert worse: its next stage, or the expiry itself after the last
 * stage of `expiring`. Undefined where time does not decide.
 */
export function findNextStageAt({ condition, stage, token, detail }: Alert): number | undefined {
  if (condition === 'expiring') {
    const expiresAt = findInstant(token?.expirationDateTime);
    const next = conditionStages.expiring[stageIndex(condition, stage) + 1];
    return next === undefined || expiresAt === undefined ? expiresAt : expiresAt - daysAhead[next] * dayMs;
  }
  if (condition === 'syncStale') {
    const next = conditionStages.syncStale[stageIndex(condition, stage) + 1];
    return next === undefined || detail.since === undefined ? undefined : detail.since + staleMs[next] + 1;
  }
  return undefined;
}

export type EndedAlert = Alert & { readonly endedAt: number };

export const hasEnded = (alert: Alert): alert is EndedAlert => alert.endedAt !== undefined;

/** A condition that is back within this time after an end that was not announced reopens its alert. */
export const flapMs = 30 * minuteMs;
/** However fast it comes and goes: a return is announced when the last announcement is this long ago. */
const longestSuppressionMs = 2 * hourMs;

/** True when the condition that is back belongs to this alert: an end that was announced is final. */
export const isReopening = (ended: EndedAlert, now: number): boolean => isRecent(ended, now) && !isEndAnnounced(ended);

/**
 * True when a warning opens so soon after an announced end that it seems to come and go. What is critical is announced each time,
 * and so is its end.
 */
export const isFlapping = (last: EndedAlert, stage: Stage, now: number): boolean =>
  isRecent(last, now) && severityOf(stage) !== 'critical';

/** True when an alert that opened while its condition came and went ends so soon that this is shown only by an edit. */
export const endsFlapping = ({ stage, openedAt, returnedAt }: Alert, now: number): boolean =>
  severityOf(stage) !== 'critical' && returnedAt === openedAt && Math.abs(now - openedAt) < flapMs;

const isRecent = ({ endedAt }: EndedAlert, now: number) => now - endedAt < flapMs;

const isEndAnnounced = ({ ending, suppressedUntil }: EndedAlert) =>
  ending === 'resolved' && suppressedUntil === undefined;

/** Reopens an ended alert. `suppressedUntil` is set if its return is to be announced at all: from then on. */
export function suppressReopen({ endedAt, ending, suppressedUntil, ...ended }: EndedAlert, now: number): Alert {
  const alert = { ...ended, returnedAt: now };
  const announcedBy = alert.notifiedAt + longestSuppressionMs;
  // After the clock was set back, the end may lie in the future.
  const settledAt = Math.min(endedAt, now) + flapMs;
  if (suppressedUntil !== undefined) return { ...alert, suppressedUntil: Math.min(settledAt, announcedBy) };
  // Its end was not announced, so its return need not be, unless the last announcement is long ago.
  return announcedBy <= now ? { ...alert, suppressedUntil: now } : alert;
}

export const isSuppressionOver = ({ suppressedUntil }: Alert, now: number): boolean =>
  suppressedUntil !== undefined && (now >= suppressedUntil || now < suppressedUntil - flapMs);
