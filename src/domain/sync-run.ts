import { findInstant, minuteMs } from '../lib/time.ts';
import type { LicensesBefore, LicensesCompared } from './licenses.ts';
import { stuckAfterMs, type VppToken } from './token.ts';
import type { ConversationReference, Locale, Requester } from './turn.ts';

/**
 * How a followed sync ended. `noResult`: it did not end before the deadline. `deleted`: the token was deleted meanwhile.
 * `notStarted`: Intune never began it. `lost`: nobody could read the token any more. `refusedLate`: Graph refused the request after
 * the card was sent.
 */
export type SyncOutcome =
  | 'completed'
  | 'failed'
  | 'stuck'
  | 'noResult'
  | 'deleted'
  | 'notStarted'
  | 'refusedLate'
  | 'lost';

/** `refused`: Graph refused the request at once, so the sync never began. */
export type RunOutcome = SyncOutcome | 'refused';

/**
 * One request to sync one token, from before its POST to its receipt. `before` and `after` are the token as it was read.
 * A run that is not `joined` leads: at most one run leads per token until it ends.
 */
export interface SyncRun {
  readonly id: string;
  readonly tenantId: string;
  readonly tokenId: string;
  readonly phase: 'posting' | 'running' | 'ended';
  readonly joined: boolean;
  readonly requester: Requester;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly messageId?: string;
  /** The card that shows the run; absent until it was sent. */
  readonly activityId?: string;
  /** The batch whose one card shows the run, in place of a card of its own. */
  readonly batchId?: string;
  readonly before: VppToken;
  readonly after?: VppToken;
  readonly seenInProgress: boolean;
  /** The POST had no clear answer: the sync may not have begun. */
  readonly uncertain: boolean;
  readonly outcome?: RunOutcome;
  /** The reason why Graph refused the request after the card was sent. */
  readonly refusal?: string;
  /** Epoch milliseconds: of the request, then of the POST. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When its receipt was on its card, or was given up. Of a run in a batch: when it ended, because the batch's card reports it. */
  readonly reportedAt?: number;
  /** When the joined sync was requested; absent when it was started outside the bot. */
  readonly joinedSince?: number;
  /** Duration of the sync; absent when its beginning is not known or its end was not watched. */
  readonly tookMs?: number;
  /** How long this token's syncs usually take, as known at the start. */
  readonly usualMs?: number;
  /** Kept until they were compared. */
  readonly licensesBefore?: LicensesBefore;
  readonly licenses?: LicensesCompared;
}

/** A run that has ended, with everything its receipt needs. `after` is the token as last seen. */
export type EndedRun = SyncRun & {
  readonly outcome: SyncOutcome;
  readonly endedAt: number;
  readonly after: VppToken;
  /** An earlier process started it, and may have edited its card a moment ago. */
  readonly isTakenOver?: true;
};

/** The reason why the rest of a batch was not requested. */
export type Stopped =
  | { readonly reason: 'restarted' | 'tokenRejected' | 'claimsChallenge' | 'forbidden' }
  | { readonly reason: 'missingScope'; readonly scopes: readonly string[] };

export interface RunEnd {
  readonly outcome: RunOutcome;
  readonly endedAt: number;
  readonly after?: VppToken;
  readonly tookMs?: number;
  readonly refusal?: string;
  /** Given when nothing is left to report. */
  readonly reportedAt?: number;
}

export interface SyncRuns {
  /** Stores a new run. False when it would lead and another run already leads for the token. */
  add(run: SyncRun): Promise<boolean>;
  find(id: string): Promise<SyncRun | undefined>;
  list(ids: readonly string[]): Promise<SyncRun[]>;
  findLeader(tenantId: string, tokenId: string): Promise<SyncRun | undefined>;
  /** The newest ended run of a token that led and had this outcome. */
  findLastEnded(tenantId: string, tokenId: string, outcome: RunOutcome): Promise<SyncRun | undefined>;
  /** Milliseconds that the newest led and completed syncs of a token took, at most `most` of them. */
  listTimesTaken(tenantId: string, tokenId: string, most: number): Promise<number[]>;
  /** True when a later run that was not refused uses the card of this one. */
  isSuperseded(run: SyncRun): Promise<boolean>;
  /** A token's runs with a card of their own that have not ended, or ended at `endedAfter` or later; the newest first. */
  listWithCards(tenantId: string, tokenId: string, endedAfter: number): Promise<SyncRun[]>;
  /** The newest run that a message shows, of those that were not refused. `conversationId` may be with or without the thread. */
  findOnCard(tenantId: string, conversationId: string, activityId: string): Promise<SyncRun | undefined>;
  /** The tenant's tokens for which a run leads and has not ended. */
  listLedTokenIds(tenantId: string): Promise<string[]>;
  /** The tenant's tokens for which a leading run completed after `after`. */
  listTokenIdsCompletedAfter(tenantId: string, after: number): Promise<string[]>;
  /** Every run of a batch, ended ones too. */
  listOfBatch(batchId: string): Promise<SyncRun[]>;
  markRunning(
    id: string,
    posted: { readonly startedAt: number; readonly uncertain: boolean; readonly licensesBefore?: LicensesBefore },
  ): Promise<void>;
  markSeenInProgress(id: string): Promise<void>;
  setCard(id: string, activityId: string): Promise<void>;
  /** Stores the comparison and drops `licensesBefore`. */
  setLicenses(id: string, compared: LicensesCompared): Promise<void>;
  /** Ends the run. True for the one caller who ended it. */
  end(id: string, ended: RunEnd): Promise<boolean>;
  /** True for the one caller who marked it first. */
  markReported(id: string, reportedAt: number): Promise<boolean>;
  /** Erases runs that began more than 180 days ago. */
  prune(now: number): Promise<void>;
}

type Verdict = { readonly ended: false } | { readonly ended: true; readonly outcome: SyncOutcome };

/** How long a request without a clear answer gets to show any effect. */
export const unclearForMs = minuteMs;
/** How long a token that failed before must keep reading `failed`, unmodified, before that counts as this sync's own end. */
export const unseenFailureMs = 2 * minuteMs;

/**
 * Decides from a fresh reading of the token whether a run has ended, and how. Microsoft documents no completion signal, so the
 * token's dates and status decide.
 * Ended = `lastSyncDateTime` moved past the recorded one and the status is not `inProgress`; a failure may leave that date
 * unmoved, so `inProgress` (or any other status) turning into `failed` ends it too. The POST's own body never decides.
 * A token that read `failed` before and still does may only lag: the POST itself, or somebody's edit, moves
 * `lastModifiedDateTime` before the sync shows. Only when nothing moved for two minutes after both, far beyond the known lag, is it
 * a sync that failed faster than it could be seen; and only if Graph accepted the POST.
 * Source: learn.microsoft.com/graph/api/resources/intune-onboarding-vpptoken (lastSyncDateTime, lastSyncStatus).
 */
export function judge(run: SyncRun, token: VppToken, now: number): Verdict {
  const { before } = run;
  if (token.lastSyncStatus === 'inProgress') {
    const sinceMs = now - timeOf(token.lastModifiedDateTime, run.startedAt);
    return sinceMs >= stuckAfterMs && now - run.startedAt >= stuckAfterMs
      ? { ended: true, outcome: 'stuck' }
      : { ended: false };
  }
  const failed = token.lastSyncStatus === 'failed';
  if (isLater(token.lastSyncDateTime, before.lastSyncDateTime))
    return { ended: true, outcome: failed ? 'failed' : 'completed' };
  const turnedFailed = before.lastSyncStatus !== 'failed' || run.seenInProgress || isUnseenFailure(run, token, now);
  if (failed && turnedFailed) return { ended: true, outcome: 'failed' };
  if (run.uncertain && !run.seenInProgress && now - run.startedAt >= unclearForMs)
    return { ended: true, outcome: 'notStarted' };
  return { ended: false };
}

function isUnseenFailure({ before, startedAt, uncertain }: SyncRun, token: VppToken, now: number): boolean {
  const unchangedSince = Math.max(startedAt, timeOf(token.lastModifiedDateTime, startedAt));
  const isModified = isLater(token.lastModifiedDateTime, before.lastModifiedDateTime);
  return !uncertain && isModified && now - unchangedSince >= unseenFailureMs;
}

/** True while a sync runs that a new request should join instead of POSTing again. */
export function isInProgress(token: VppToken, now: number): boolean {
  return token.lastSyncStatus === 'inProgress' && now - timeOf(token.lastModifiedDateTime, now) < stuckAfterMs;
}

/** Compares Graph's dates, whose up to seven fractional digits a JavaScript Date would lose. An absent date is before all others. */
export function isLater(date: string | undefined, than: string | undefined): boolean {
  if (date === undefined) return false;
  if (than === undefined) return true;
  const [a, b] = [Date.parse(date), Date.parse(than)];
  if (a !== b || Number.isNaN(a) || Number.isNaN(b)) return a > b;
  return fractionOf(date) > fractionOf(than);
}

const fractionOf = (date: string) => Number((/\.(\d+)/.exec(date)?.[1] ?? '').slice(0, 9).padEnd(9, '0'));

function timeOf(date: string | undefined, fallback: number): number {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? fallback : at;
}

/** The end of a sync as a reading of the token saw it. Times are epoch milliseconds. */
export interface SeenEnd {
  readonly after: VppToken;
  readonly endedAt: number;
  /** The last reading that saw the sync in progress. */
  readonly inProgressAt?: number | undefined;
}

/** Synchronized clocks differ by less. */
const skewMs = 2_000;

/**
 * Milliseconds that a sync took which was watched to its end: until Intune's own date for it, or until the reading that saw the end
 * where that date belongs to another sync or cannot be right. Undefined when its beginning or its end is not known: for a sync started
 * outside the bot, and for one that failed without being seen in progress.
 */
export function findTimeTakenMs(run: SyncRun, { after, endedAt, inProgressAt }: SeenEnd): number | undefined {
  const beganAt = run.joined ? run.joinedSince : run.startedAt;
  if (beganAt === undefined || failedWithoutProgress(run, after)) return undefined;
  const { lastSyncDateTime } = after;
  const datedAt = isLater(lastSyncDateTime, run.before.lastSyncDateTime) ? findInstant(lastSyncDateTime) : undefined;
  const isDated =
    datedAt !== undefined && datedAt >= Math.max(beganAt, (inProgressAt ?? beganAt) - skewMs) && datedAt <= endedAt;
  return Math.max(0, (isDated ? datedAt : endedAt) - beganAt);
}

/** True when the token read `failed` before and after, and no reading in between dates this failure. */
export const failedWithoutProgress = ({ before, seenInProgress }: SyncRun, after: VppToken): boolean =>
  after.lastSyncStatus === 'failed' &&
  before.lastSyncStatus === 'failed' &&
  !seenInProgress &&
  !isLater(after.lastSyncDateTime, before.lastSyncDateTime);

/** Fewer earlier syncs than this say nothing about the usual duration. */
const fewestCounted = 3;
/** Only the newest syncs count. */
export const newestCounted = 20;

/** The median of earlier durations; undefined when there are too few of them. */
export function findUsualMs(timesTakenMs: readonly number[]): number | undefined {
  if (timesTakenMs.length < fewestCounted) return undefined;
  const sorted = timesTakenMs.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return Math.round((low + high) / 2);
}

/** The first reading comes within 2 s of the POST; then one every 2.5 s in the first minute, and every 3 s later. */
const firstReadMs = 1_000;
const earlyReadMs = 2_500;
const laterReadMs = 3_000;

/** Milliseconds from one reading of a running sync to the next, when the last was `elapsedMs` after its POST; 0 is the POST itself. */
export function nextReadInMs(elapsedMs: number): number {
  if (elapsedMs < firstReadMs) return firstReadMs;
  return elapsedMs < minuteMs ? earlyReadMs : laterReadMs;
}

/** From this duration on a sync's card shows how long it has been running. */
export const firstProgressMs = 10_000;

/** Milliseconds from one edit of a running sync's card to the next, when the last was `elapsedMs` after the sync began. */
export function nextProgressInMs(elapsedMs: number): number {
  if (elapsedMs < minuteMs) return 10_000;
  return elapsedMs < 5 * minuteMs ? 30_000 : minuteMs;
}
