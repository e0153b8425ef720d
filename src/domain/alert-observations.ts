import { findInstant } from '../lib/time.ts';
import {
  type AlertDetail,
  type AlertEnding,
  type Condition,
  findExpiringStage,
  findRunsOutStage,
  findStaleStage,
  type MonitoringFailure,
  type Stage,
  type TokenSnapshot,
} from './alert.ts';
import type { WatchedTenant } from './alert-repositories.ts';
import { type ConnectorKind, kindOf } from './connector.ts';
import { GraphError } from './graph.ts';
import { isLow, type LicenseCounts, licenseLevelOf, sortByLicenses } from './licenses.ts';
import { AppTokenError } from './sign-in-request.ts';
import { findHopelessState, findStuckSince, isExpired, type VppToken } from './token.ts';

/** The result for one condition. `unknown`: this reading says nothing of it, so it neither begins nor ends. */
export type Observed = { readonly condition: Condition } & ConditionState;

type ConditionState =
  | { readonly is: 'present'; readonly stage: Stage; readonly detail: AlertDetail }
  | { readonly is: 'absent'; readonly ending: AlertEnding }
  | { readonly is: 'unknown' };

const present = (stage: Stage, detail: AlertDetail = {}): ConditionState => ({ is: 'present', stage, detail });
const absent = (ending: AlertEnding): ConditionState => ({ is: 'absent', ending });
const unknown: ConditionState = { is: 'unknown' };

/** A token after a reading, with what earlier readings showed. Times are epoch milliseconds. */
export interface TokenHistory {
  readonly token: VppToken;
  readonly firstSeenAt: number;
  /** The newest sync that was ever seen completed. */
  readonly completedAt?: number;
  /** When the running sync was first seen. */
  readonly inProgressSince?: number;
  /** Absent when licenses were not read this time. */
  readonly apps?: {
    readonly apps: readonly CountedLicenses[];
    /** Intune does not say for certain which token they belong to. */
    readonly isApproximate: boolean;
  };
}

interface CountedLicenses extends LicenseCounts {
  readonly name: string;
  /** Until they are used up at the present pace, as far as that is known. */
  readonly daysLeft?: number;
}

/** All that can be wrong with a connector of each kind; of anything else nothing is known. */
const conditionsOf: Readonly<Record<ConnectorKind, readonly Condition[]>> = {
  vpp: [
    'tokenDeleted',
    'expired',
    'invalid',
    'assignedToExternalMDM',
    'duplicateLocationId',
    'expiring',
    'syncFailed',
    'syncStuck',
    'syncStale',
    'licenses',
  ],
  push: ['tokenDeleted', 'expired', 'expiring'],
  ade: ['tokenDeleted', 'expired', 'expiring', 'syncFailed', 'syncStuck', 'syncStale'],
};

/** Exactly one result for each condition that a connector of its kind can have, of one that is listed. */
export function observeToken(history: TokenHistory, now: number): readonly Observed[] {
  const conditions: readonly Condition[] = conditionsOf[kindOf(history.token)];
  return observeAll(history, now).filter(({ condition }) => conditions.includes(condition));
}

function observeAll(history: TokenHistory, now: number): readonly Observed[] {
  const { token } = history;
  const of = (condition: Condition, state: ConditionState): Observed => ({ condition, ...state });
  // A token that cannot sync at all has one alert for that, and none for its syncs.
  const ofSync = (condition: Condition, observe: (history: TokenHistory, now: number) => ConditionState) =>
    of(condition, isHopeless(token, now) ? absent('superseded') : observe(history, now));
  return [
    of('tokenDeleted', absent('resolved')),
    of('expired', observeExpired(token, now)),
    of('invalid', observeBroken('invalid', token, now)),
    of('assignedToExternalMDM', observeBroken('assignedToExternalMDM', token, now)),
    of('duplicateLocationId', observeBroken('duplicateLocationId', token, now)),
    of('expiring', observeExpiring(token, now)),
    ofSync('syncFailed', observeSyncFailed),
    ofSync('syncStuck', observeSyncStuck),
    ofSync('syncStale', observeSyncStale),
    of('licenses', observeLicenses(history)),
  ];
}

/** The result for `tokenDeleted` of a token that was deleted. */
export const observeDeletion = ({ missingSince, deletedAt }: TokenSnapshot): Observed => {
  const since = missingSince ?? deletedAt;
  return { condition: 'tokenDeleted', ...present('tokenDeleted', since === undefined ? {} : { since }) };
};

type BrokenState = 'invalid' | 'assignedToExternalMDM' | 'duplicateLocationId';

const knownStates = ['valid', 'expired', 'invalid', 'assignedToExternalMDM', 'duplicateLocationId'];

/** No sync can work with it until an administrator acts. */
const isHopeless = (token: VppToken, now: number): boolean =>
  isExpired(token, now) || findHopelessState(token, now) !== undefined;

function observeExpired(token: VppToken, now: number): ConditionState {
  if (isExpired(token, now)) return present('expired');
  const hasDate = findInstant(token.expirationDateTime) !== undefined;
  return hasDate || token.state === 'valid' ? absent(endingBeside(token, now)) : unknown;
}

function observeExpiring(token: VppToken, now: number): ConditionState {
  if (isExpired(token, now)) return absent('superseded');
  const expiresAt = findInstant(token.expirationDateTime);
  if (expiresAt === undefined) return unknown;
  const stage = findExpiringStage(now, expiresAt);
  return stage ? present(stage) : absent('resolved');
}

/**
 * Intune may call an expired token `invalid`: once its date is past, only `expired` is reported. A state that we do not know, and
 * Graph's own `unknown`, is no trouble, and no proof that an earlier trouble is over either.
 */
function observeBroken(state: BrokenState, token: VppToken, now: number): ConditionState {
  if (state === 'invalid' && isExpired(token, now)) return absent('superseded');
  if (token.state === state) return present(state);
  return knownStates.includes(token.state) ? absent(endingBeside(token, now)) : unknown;
}

// A token has one state at a time: a trouble hidden by another one is not resolved.
const endingBeside = (token: VppToken, now: number): AlertEnding =>
  isHopeless(token, now) ? 'superseded' : 'resolved';

/** Ends only with a later sync that did not fail: one still in progress says nothing yet. */
function observeSyncFailed({ token }: TokenHistory): ConditionState {
  if (token.lastSyncStatus === 'failed') return present('syncFailed');
  return hasEnded(token.lastSyncStatus) ? absent('resolved') : unknown;
}

/** Lasts until that sync, or one begun since, has ended. A failure is superseded by `syncFailed`. */
function observeSyncStuck({ token, inProgressSince }: TokenHistory, now: number): ConditionState {
  const since = findStuckSince(token, now, inProgressSince);
  if (since !== undefined) return present('syncStuck', { since });
  if (token.lastSyncStatus === 'failed') return absent('superseded');
  return hasEnded(token.lastSyncStatus) ? absent('resolved') : unknown;
}

/** Counts from the last completed sync; without one from the earliest known date of the token. */
function observeSyncStale({ token, completedAt, firstSeenAt }: TokenHistory, now: number): ConditionState {
  const { lastSyncDateTime, lastModifiedDateTime } = token;
  const since = completedAt ?? findInstant(lastSyncDateTime) ?? findInstant(lastModifiedDateTime) ?? firstSeenAt;
  const stage = findStaleStage(now, since);
  return stage ? present(stage, { since }) : absent('resolved');
}

const hasEnded = (status: string) => status === 'completed' || status === 'none';

/** An estimate wavers from day to day, so an alert that 14 days began does not end before more than 21 are left. */
const surelyEnoughDays = 21;

/** The worst app decides; the detail lists every app at 95 % or more or that runs out soon, the worst first. */
function observeLicenses({ apps: read }: TokenHistory): ConditionState {
  if (!read) return unknown;
  const short = read.apps.flatMap(({ name, used, total, daysLeft = Number.POSITIVE_INFINITY }) => {
    const counts = { displayName: name, usedLicenseCount: used, totalLicenseCount: total };
    const isUsedUp = isLow(counts) && licenseLevelOf(counts) !== 'low';
    const soon = isUsedUp ? undefined : findRunsOutStage(daysLeft);
    const stage: Stage | undefined = isUsedUp ? 'usedUp' : (soon ?? (isLow(counts) ? 'low' : undefined));
    return stage ? [{ ...counts, stage, app: { name, used, total, ...(soon && { daysLeft }) } }] : [];
  });
  const [worst, ...others] = sortByLicenses(short, 'en', ({ app }) => app.daysLeft);
  if (worst) {
    const apps = [worst, ...others].map(({ app }) => app);
    return present(worst.stage, { apps, ...(read.isApproximate && { isApproximate: true }) });
  }
  const mayRunOut = read.apps.some(({ daysLeft = Number.POSITIVE_INFINITY }) => daysLeft <= surelyEnoughDays);
  return mayRunOut ? unknown : absent('resolved');
}

/** One failed pass may be a hiccup; the second in a row raises an alert. */
const brokenFrom = 2;

/** The result for `monitoringBroken` after a pass over a tenant. */
export function observeMonitoring({ failedPasses, goodAt, failure }: WatchedTenant): Observed {
  const condition = 'monitoringBroken';
  if (failedPasses === 0) return { condition, is: 'absent', ending: 'resolved' };
  if (failedPasses < brokenFrom) return { condition, is: 'unknown' };
  const detail = { ...(goodAt !== undefined && { since: goodAt }), ...(failure && { failure }) };
  const stage = failure && isTransient(failure) ? 'unanswered' : condition;
  return { condition, is: 'present', stage, detail };
}

export interface FailedReading {
  readonly failure: MonitoringFailure;
  /** Present when Graph or Entra asked to wait. */
  readonly retryAfterMs?: number;
}

/** Turns an error into a failure that may be stored, shown and logged. */
export function toFailedReading(part: MonitoringFailure['part'], error: unknown): FailedReading {
  if (error instanceof AppTokenError) {
    const { failure: why } = error;
    return {
      failure: { part, reason: why.reason, ...('code' in why && { code: why.code }) },
      ...(why.reason === 'throttled' && waitOf(why)),
    };
  }
  if (error instanceof GraphError) {
    const { reason, neededScopes, status } = error;
    const code = [status, error.code].filter((known) => known !== undefined).join(' ');
    return {
      failure: { part, reason, ...(neededScopes && { neededScopes }), ...(code && { code }) },
      ...waitOf(error),
    };
  }
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  return { failure: { part, reason: isLate ? 'timedOut' : 'unexpected' } };
}

const waitOf = ({ retryAfterMs }: { readonly retryAfterMs?: number | undefined }) =>
  retryAfterMs === undefined ? {} : { retryAfterMs };

/** Refusals that an access token with new rights may overcome: the one in memory still has the old ones. */
export const isRefusal = ({ reason }: MonitoringFailure): boolean =>
  ['missingScope', 'forbidden', 'tokenRejected', 'claimsChallenge'].includes(reason);

/** Microsoft is busy or unavailable, so nobody needs to act. */
export const isTransient = ({ reason }: MonitoringFailure): boolean =>
  ['throttled', 'unavailable', 'timedOut'].includes(reason);
