import type { SyncOutcome } from '../cards/token-phase.ts';
import type { VppToken } from '../graph/vpp-token.ts';
import type { SyncRun } from '../store/sync-runs.ts';

export type TokenRun = SyncRun<VppToken>;

export type Verdict = { readonly ended: false } | { readonly ended: true; readonly outcome: SyncOutcome };

/** A sync reported in progress for this long is taken for stuck: it is neither joined nor waited for. */
export const stuckAfterMs = 30 * 60 * 1000;
/** How long a request without a clear answer gets to show any effect. */
export const unclearForMs = 60 * 1000;
/** How long a token that failed before must go on reading `failed`, untouched, before that is taken for this sync's own end. */
export const unseenFailureMs = 2 * 60 * 1000;

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
