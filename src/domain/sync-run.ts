import { findInstant, minuteMs } from '../lib/time.ts';
import type { LicensesBefore, LicensesCompared } from './licenses.ts';
import { stuckAfterMs, type VppToken } from './token.ts';
import type { ConversationReference, Locale, Person } from './turn.ts';

/** A run that has ended, as its receipt needs it. `after` is the last that was seen of the token. */
export type EndedRun = TokenRun & {
  readonly outcome: SyncOutcome;
  readonly endedAt: number;
  readonly after: VppToken;
  /** An earlier process began it, and may have written on its card a moment ago. */
  readonly isTakenOver?: true;
};

/** Why not all of a batch was asked for. */
export type Stopped =
  | { readonly reason: 'restarted' | 'tokenRejected' | 'claimsChallenge' }
  | { readonly reason: 'missingScope'; readonly scopes: readonly string[] };

/**
 * One request to sync one token, from before its POST to its receipt. `Snapshot` is the token as it was seen, in plain data.
 * A run that is not `joined` leads: at most one leads per token until it ended.
 */
export interface SyncRun<Snapshot> {
  readonly id: string;
  readonly tenantId: string;
  readonly tokenId: string;
  readonly phase: 'posting' | 'running' | 'ended';
  readonly joined: boolean;
  readonly requester: Person;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly messageId?: string;
  /** The card it writes on; absent until the card was sent. */
  readonly activityId?: string;
  /** The batch whose one card tells of it, in place of a card of its own. */
  readonly batchId?: string;
  readonly before: Snapshot;
  readonly after?: Snapshot;
  readonly seenInProgress: boolean;
  /** The POST had no clear answer: the sync may not have begun. */
  readonly uncertain: boolean;
  readonly outcome?: string;
  /** Why Graph refused it late, when its card stood already. */
  readonly refusal?: string;
  /** Epoch milliseconds: of the request, then of the POST. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When its receipt stood on its card, or was given up. Of a run in a batch: when it ended, for its batch tells it. */
  readonly reportedAt?: number;
  /** When the sync that it joined was asked for; absent when somebody began that elsewhere. */
  readonly joinedSince?: number;
  /** How long the sync took; absent when its beginning is not known or its end was not watched. */
  readonly tookMs?: number;
  /** How long this token's syncs usually take, as it was known at the start. */
  readonly usualMs?: number;
  /** Until they were compared. */
  readonly licensesBefore?: LicensesBefore;
  readonly licenses?: LicensesCompared;
}

export interface RunEnd<Snapshot> {
  readonly outcome: string;
  readonly endedAt: number;
  readonly after?: Snapshot;
  readonly tookMs?: number;
  readonly refusal?: string;
  /** When nothing is left to tell of it. */
  readonly reportedAt?: number;
}

export interface SyncRuns<Snapshot> {
  /** Stores a new run. False when it would lead and another run already leads for the token. */
  add(run: SyncRun<Snapshot>): Promise<boolean>;
  find(id: string): Promise<SyncRun<Snapshot> | undefined>;
  list(ids: readonly string[]): Promise<SyncRun<Snapshot>[]>;
  findLeader(tenantId: string, tokenId: string): Promise<SyncRun<Snapshot> | undefined>;
  /** The newest ended run of a token that led and had this outcome. */
  findLastEnded(tenantId: string, tokenId: string, outcome: string): Promise<SyncRun<Snapshot> | undefined>;
  /** How long the newest led syncs of a token that completed took, at most `most`. */
  listTimesTaken(tenantId: string, tokenId: string, most: number): Promise<number[]>;
  /** Whether a later run, unless it was refused, writes on the card of this one. */
  isSuperseded(run: SyncRun<Snapshot>): Promise<boolean>;
  /** The tenant's tokens that a run leads for, until it ends. */
  listLedTokenIds(tenantId: string): Promise<string[]>;
  /** The tenant's tokens that a leading run completed after `after`. */
  listTokenIdsCompletedAfter(tenantId: string, after: number): Promise<string[]>;
  /** Every run of a batch, ended ones too. */
  listOfBatch(batchId: string): Promise<SyncRun<Snapshot>[]>;
  markRunning(
    id: string,
    posted: { readonly startedAt: number; readonly uncertain: boolean; readonly licensesBefore?: LicensesBefore },
  ): Promise<void>;
  markSeenInProgress(id: string): Promise<void>;
  setCard(id: string, activityId: string): Promise<void>;
  /** Keeps what was found, and no longer what there was before. */
  setLicenses(id: string, compared: LicensesCompared): Promise<void>;
  /** Ends the run. True for the one caller who ended it. */
  end(id: string, ended: RunEnd<Snapshot>): Promise<boolean>;
  /** True for the one caller who marked it first. */
  markReported(id: string, toldAt: number): Promise<boolean>;
  /** Erases runs that began more than 180 days ago. */
  prune(now: number): Promise<void>;
}

export type TokenRun = SyncRun<VppToken>;

type Verdict = { readonly ended: false } | { readonly ended: true; readonly outcome: SyncOutcome };

/** How long a request without a clear answer gets to show any effect. */
export const unclearForMs = minuteMs;
/** How long a token that failed before must go on reading `failed`, untouched, before that is taken for this sync's own end. */
export const unseenFailureMs = 2 * minuteMs;

/**
 * What a fresh look at the token says of a run.
 * Ended = `lastSyncDateTime` moved past the recorded one and the status is not `inProgress`; a failure may leave that date
 * unmoved, so `inProgress` (or any other status) turning into `failed` ends it too. The POST's own body never decides.
 * A token that read `failed` before and still does may only lag: the POST itself, or somebody's edit, moves
 * `lastModifiedDateTime` while the sync has yet to show. Only when nothing moved for two minutes after both, far beyond the
 * brief lag that is known of, is it a sync that failed faster than it could be seen; and only if Graph took the POST.
 * Source: DESIGN §4 "Completion of a sync"; facts/graph-intune §2 "Completion rule".
 */
export function judge(run: TokenRun, token: VppToken, now: number): Verdict {
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

function isUnseenFailure({ before, startedAt, uncertain }: TokenRun, token: VppToken, now: number): boolean {
  const stoodSince = Math.max(startedAt, timeOf(token.lastModifiedDateTime, startedAt));
  const isModified = isLater(token.lastModifiedDateTime, before.lastModifiedDateTime);
  return !uncertain && isModified && now - stoodSince >= unseenFailureMs;
}

/** Whether somebody's sync is going on that a new request should join instead of POSTing again. */
export function isInProgress(token: VppToken, now: number): boolean {
  return token.lastSyncStatus === 'inProgress' && now - timeOf(token.lastModifiedDateTime, now) < stuckAfterMs;
}

/** Compares Graph's dates, whose up to seven fractional digits JavaScript's own dates would lose. Never is before everything. */
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

/** An end as a look saw it. Times are epoch milliseconds. */
export interface SeenEnd {
  readonly after: VppToken;
  readonly endedAt: number;
  /** The last look that saw the sync in progress. */
  readonly inProgressAt?: number | undefined;
}

/** Clocks that are kept in step differ by less. */
const skewMs = 2_000;

/**
 * How long a sync took that was watched to its end: until the moment that Intune itself dates it to, or until the look that saw it when
 * that date is not of this sync or cannot be right. Undefined when its beginning or its end is not known: of a sync that somebody
 * began elsewhere, and of one that failed without ever being seen to turn.
 */
export function findTimeTakenMs(run: TokenRun, { after, endedAt, inProgressAt }: SeenEnd): number | undefined {
  const beganAt = run.joined ? run.joinedSince : run.startedAt;
  if (beganAt === undefined || failedWithoutProgress(run, after)) return undefined;
  const { lastSyncDateTime } = after;
  const datedAt = isLater(lastSyncDateTime, run.before.lastSyncDateTime) ? findInstant(lastSyncDateTime) : undefined;
  const isDated =
    datedAt !== undefined && datedAt >= Math.max(beganAt, (inProgressAt ?? beganAt) - skewMs) && datedAt <= endedAt;
  return Math.max(0, (isDated ? datedAt : endedAt) - beganAt);
}

/** It read `failed` before and after, and nothing in between told when this one did. */
export const failedWithoutProgress = ({ before, seenInProgress }: TokenRun, after: VppToken): boolean =>
  after.lastSyncStatus === 'failed' &&
  before.lastSyncStatus === 'failed' &&
  !seenInProgress &&
  !isLater(after.lastSyncDateTime, before.lastSyncDateTime);

/** From so many syncs on there is something usual about them; only the newest count. */
const fewest = 3;
export const newestCounted = 20;

/** The median of earlier durations; undefined while there are too few to tell. */
export function findUsualMs(timesTakenMs: readonly number[]): number | undefined {
  if (timesTakenMs.length < fewest) return undefined;
  const sorted = timesTakenMs.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return Math.round((low + high) / 2);
}

/** The first look comes within 2 s of the POST; then one every 2.5 s in the first minute, and every 3 s later. */
const firstMs = 1_000;
const earlyMs = 2_500;
const laterMs = 3_000;
const earlyForMs = 60_000;

/** From one look at a running sync to the next, when the one before was `elapsedMs` after its POST; 0 stands for the POST. */
export function nextReadInMs(elapsedMs: number): number {
  if (elapsedMs < firstMs) return firstMs;
  return elapsedMs < earlyForMs ? earlyMs : laterMs;
}

/** A sync that goes on for this long has its card say for how long. */
export const firstProgressMs = 10_000;

/** From one edit of a running sync's card to the next, when the one was `elapsedMs` after the sync began. */
export function nextProgressInMs(elapsedMs: number): number {
  if (elapsedMs < minuteMs) return 10_000;
  return elapsedMs < 5 * minuteMs ? 30_000 : minuteMs;
}
/**
 * How a followed sync ended. `deleted`: the token went meanwhile. `notStarted`: it never began. `lost`: its end could not be seen.
 * `refusedLate`: Graph refused the request after the card stood already.
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
