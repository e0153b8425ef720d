import { findInstant } from '../lib/time.ts';
import {
  type AlertDetail,
  type AlertEnding,
  type Condition,
  chosenConditions,
  findExpiringStage,
  findStaleStage,
  type MonitoringFailure,
  type Stage,
} from './alert.ts';
import type { WatchedTenant } from './alert-repositories.ts';
import { GraphError } from './graph.ts';
import { isLow, licenseLevelOf, sortByLicenses } from './licenses.ts';
import { AppTokenError } from './sign-in-request.ts';
import { findHopelessState, findStuckSince, isExpired, type VppToken } from './token.ts';

/** What a look says of one condition. `unknown`: this time nothing was learnt of it, so it neither begins nor ends. */
export type Observed = { readonly condition: Condition } & ConditionState;

export type ConditionState =
  | { readonly is: 'present'; readonly stage: Stage; readonly detail: AlertDetail }
  | { readonly is: 'absent'; readonly ending: AlertEnding }
  | { readonly is: 'unknown' };

/** All that is known of a token after a look. Times are epoch milliseconds. */
export interface TokenHistory {
  readonly token: VppToken;
  readonly firstSeenAt: number;
  /** The newest sync that was ever seen completed. */
  readonly completedAt?: number;
  /** When the sync that goes on was first seen. */
  readonly inProgressSince?: number;
  /** Absent when licences were not read this time. */
  readonly apps?: {
    readonly apps: readonly { readonly name: string; readonly used: number; readonly total: number }[];
    /** Intune does not tell for certain which token they belong to. */
    readonly isApproximate: boolean;
  };
}

/** What to observe of a token that is not there any more. */
export const deletedToken: readonly Observed[] = chosenConditions.map((condition) => ({
  condition,
  is: 'absent',
  ending: 'deleted',
}));

/** What to observe of a token that could not be looked at. */
export const unseenToken: readonly Observed[] = chosenConditions.map((condition) => ({ condition, is: 'unknown' }));

export const present = (stage: Stage, detail: AlertDetail = {}): ConditionState => ({ is: 'present', stage, detail });
export const absent = (ending: AlertEnding): ConditionState => ({ is: 'absent', ending });
export const unknown: ConditionState = { is: 'unknown' };

/** What is wrong with a token, and what is not: one for every condition of a token, exactly. */
export function observeToken(facts: TokenHistory, now: number): readonly Observed[] {
  const { token } = facts;
  const of = (condition: Condition, sight: ConditionState): Observed => ({ condition, ...sight });
  const ofSync = (condition: Condition, observe: (facts: TokenHistory, now: number) => ConditionState) =>
    of(condition, isHopeless(token, now) ? absent('superseded') : observe(facts, now));
  return [
    of('expired', observeExpired(token, now)),
    of('invalid', observeBroken('invalid', token, now)),
    of('assignedToExternalMDM', observeBroken('assignedToExternalMDM', token, now)),
    of('duplicateLocationId', observeBroken('duplicateLocationId', token, now)),
    of('expiring', observeExpiring(token, now)),
    ofSync('syncFailed', observeSyncFailed),
    ofSync('syncStuck', observeSyncStuck),
    ofSync('syncStale', observeSyncStale),
    of('licenses', observeLicenses(facts)),
  ];
}

type BrokenState = 'invalid' | 'assignedToExternalMDM' | 'duplicateLocationId';

const knownStates = ['valid', 'expired', 'invalid', 'assignedToExternalMDM', 'duplicateLocationId'];

/** Nothing can be synced with it until somebody mends it. */
const isHopeless = (token: VppToken, now: number): boolean =>
  isExpired(token, now) || findHopelessState(token) !== undefined;

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
 * Intune may call an expired token `invalid`: once its date is past, `expired` says it alone. A state nobody knows, and Graph's own
 * `unknown`, is no trouble by itself, and no sign that a former trouble is over either.
 */
function observeBroken(state: BrokenState, token: VppToken, now: number): ConditionState {
  if (state === 'invalid' && isExpired(token, now)) return absent('superseded');
  if (token.state === state) return present(state);
  return knownStates.includes(token.state) ? absent(endingBeside(token, now)) : unknown;
}

// A token has one state at a time: one trouble that hides another has not mended it.
const endingBeside = (token: VppToken, now: number): AlertEnding =>
  isHopeless(token, now) ? 'superseded' : 'resolved';

// All of these are of tokens with which a sync can work.

/** Only a later sync that did not fail ends it: one that is still in progress says nothing yet. */
function observeSyncFailed({ token }: TokenHistory): ConditionState {
  if (token.lastSyncStatus === 'failed') return present('syncFailed');
  return hasEnded(token.lastSyncStatus) ? absent('resolved') : unknown;
}

/** Once stuck, it is so until that sync, or one begun since, has ended; a failure is told as such. */
function observeSyncStuck({ token, inProgressSince }: TokenHistory, now: number): ConditionState {
  const since = findStuckSince(token, now, inProgressSince);
  if (since !== undefined) return present('syncStuck', { since });
  if (token.lastSyncStatus === 'failed') return absent('superseded');
  return hasEnded(token.lastSyncStatus) ? absent('resolved') : unknown;
}

/** Counts from the last sync that completed; without one from the earliest sign of the token that there is. */
function observeSyncStale({ token, completedAt, firstSeenAt }: TokenHistory, now: number): ConditionState {
  const { lastSyncDateTime, lastModifiedDateTime } = token;
  const since = completedAt ?? findInstant(lastSyncDateTime) ?? findInstant(lastModifiedDateTime) ?? firstSeenAt;
  const stage = findStaleStage(now, since);
  return stage ? present(stage, { since }) : absent('resolved');
}

const hasEnded = (status: string) => status === 'completed' || status === 'none';

/** The worst app decides; the detail lists every app at 95 % or more, the worst first. */
function observeLicenses({ apps: read }: TokenHistory): ConditionState {
  if (!read) return unknown;
  const counted = read.apps.map(({ name, used, total }) => ({
    displayName: name,
    usedLicenseCount: used,
    totalLicenseCount: total,
  }));
  const [worst, ...others] = sortByLicenses(counted.filter(isLow), 'en');
  if (!worst) return absent('resolved');
  const apps = [worst, ...others].map(({ displayName: name, usedLicenseCount: used, totalLicenseCount: total }) => ({
    name,
    used,
    total,
  }));
  const stage = licenseLevelOf(worst) === 'low' ? 'low' : 'usedUp';
  return present(stage, { apps, ...(read.isApproximate && { isApproximate: true }) });
}

/** One failed pass may be a hiccup; the second in a row is told. */
const brokenFrom = 2;

/** Whether monitoring a tenant is broken, as it stands after a pass, and whether somebody must mend it. */
export function observeMonitoring({ failedPasses, goodAt, failure }: WatchedTenant): Observed {
  const condition = 'monitoringBroken';
  if (failedPasses === 0) return { condition, is: 'absent', ending: 'resolved' };
  if (failedPasses < brokenFrom) return { condition, is: 'unknown' };
  const detail = { ...(goodAt !== undefined && { since: goodAt }), ...(failure && { failure }) };
  const stage = failure && passesByItself(failure) ? 'unanswered' : condition;
  return { condition, is: 'present', stage, detail };
}

export interface FailedReading {
  readonly failure: MonitoringFailure;
  /** Graph or Entra asked to be left alone for this long. */
  readonly retryAfterMs?: number;
}

/** Why something could not be read, in what may be stored, shown and logged. */
export function toFailedReading(part: MonitoringFailure['part'], error: unknown): FailedReading {
  if (error instanceof AppTokenError) {
    const { failure: why } = error;
    return {
      failure: { part, reason: why.reason, ...(why.reason === 'refused' && { code: why.code }) },
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

/** Refusals that a token with new rights may overcome: the one in memory still has the old ones. */
export const isRefusal = ({ reason }: MonitoringFailure): boolean =>
  ['missingScope', 'forbidden', 'tokenRejected', 'claimsChallenge'].includes(reason);

/** Nobody needs to mend it: Microsoft is busy or away. */
const passesByItself = ({ reason }: MonitoringFailure): boolean =>
  ['throttled', 'unavailable', 'timedOut'].includes(reason);

const waitOf = ({ retryAfterMs }: { readonly retryAfterMs?: number | undefined }) =>
  retryAfterMs === undefined ? {} : { retryAfterMs };
