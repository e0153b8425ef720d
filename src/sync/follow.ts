import type { SyncOutcome } from '../cards/token-phase.ts';
import { stoppedAsking } from '../domain/licenses.ts';
import { findTimeTakenMs, judge, nextLookInMs, type SeenEnd, type TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import type { SyncRuns } from '../store/sync-runs.ts';
import { type LookParts, lookAt } from './look.ts';
import type { LateAnswer } from './post-sync.ts';
import type { EndedRun, RunBoard } from './run-board.ts';

export interface FollowerParts extends LookParts {
  readonly runs: SyncRuns<VppToken>;
  readonly board: RunBoard;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly deadlineMs: number;
  readonly log: { error(fields: object, message: string): void };
}

export interface Follower {
  /**
   * Follows a run until it ends, whatever happens on the way. `late`: its POST has no answer yet; a refusal ends it. A run already followed here is not followed twice.
   */
  follow(run: TokenRun, late?: Promise<LateAnswer>): void;
  /** Goes on with a run that another process left behind. One that died while POSTing counts as unclear. */
  takeUp(run: TokenRun): Promise<void>;
  /** Ids of the runs that are followed here. */
  list(): string[];
  /** Stops looking at once; unfinished runs stay stored for the next process. */
  stop(): Promise<void>;
}

/** What was seen before the end of a sync that was watched to it. */
type Watched = Pick<SeenEnd, 'inProgressAt'>;
type FollowedRun = TokenRun & Pick<EndedRun, 'isTakenUp'>;

export function createFollower(parts: FollowerParts): Follower {
  const { runs, now } = parts;
  const stopping = new AbortController();
  const following = new Map<string, Promise<void>>();

  async function end(
    run: FollowedRun,
    outcome: SyncOutcome,
    after: VppToken,
    { watched, isEnded = false }: { readonly watched?: Watched | undefined; readonly isEnded?: boolean } = {},
  ): Promise<void> {
    const endedAt = now();
    const tookMs = watched && findTimeTakenMs(run, { ...watched, after, endedAt });
    const ended = {
      ...{ outcome, endedAt, after },
      ...(tookMs !== undefined && { tookMs }),
      ...(run.refusal !== undefined && { refusal: run.refusal }),
      ...(run.batchId !== undefined && { toldAt: endedAt }),
    };
    const isFirst = isEnded || (await runs.end(run.id, ended));
    await parts.board[isFirst ? 'showEnd' : 'showStoredEnd']({ ...run, phase: 'ended', ...ended });
  }

  async function followToEnd(started: FollowedRun, late?: Promise<LateAnswer>): Promise<void> {
    let run = started;
    let answer: LateAnswer | undefined;
    void late?.then((given) => {
      answer = given;
    });
    let last = run.before;
    let lastSeenAt = run.startedAt;
    // What ends unseen after an earlier process died may have ended at any time.
    let watched: Watched | undefined = run.isTakenUp ? undefined : {};
    let blindLooks = 0;
    let lookedAt = run.startedAt;
    // A run taken up after its deadline is looked at once all the same: most likely it has ended meanwhile.
    for (let looks = 0; !stopping.signal.aborted; looks += 1) {
      const leftMs = Math.max(0, parts.deadlineMs - (now() - run.startedAt));
      if (leftMs === 0 && looks > 0) return end(run, 'noResult', last);
      const everyMs = nextLookInMs(lookedAt - run.startedAt);
      // A clock that was set back puts off nothing.
      const dueInMs = Math.min(everyMs, Math.max(0, lookedAt + everyMs - now()));
      await parts.wait(Math.min(dueInMs, leftMs), stopping.signal);
      if (stopping.signal.aborted) return;
      if (answer?.kind === 'refused') {
        const { refusal, isEnded } = answer;
        return end({ ...run, refusal }, 'refusedLate', last, { isEnded });
      }
      if (answer) run = { ...run, ...answer.posted };
      const lookUntilMs = Math.max(1_000, parts.deadlineMs - (now() - run.startedAt));
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(lookUntilMs)]);
      lookedAt = now();
      const look = await lookAt(run, parts, signal);
      if (look.kind === 'gone') return end(run, 'deleted', last);
      blindLooks = look.kind === 'blind' ? blindLooks + 1 : 0;
      if (blindLooks === mostBlindLooks) return end(run, 'lost', last);
      if (look.kind === 'seen') {
        last = look.token;
        lastSeenAt = lookedAt;
        const verdict = judge(run, last, now());
        if (verdict.ended) return end(run, verdict.outcome, last, { watched });
        watched = last.lastSyncStatus === 'inProgress' ? { inProgressAt: lookedAt } : { ...watched };
      }
      parts.board.showGoingOn(run, { token: last, at: lastSeenAt });
      if (last.lastSyncStatus === 'inProgress' && !run.seenInProgress) {
        run = { ...run, seenInProgress: true };
        await runs.markSeenInProgress(run.id);
      }
    }
  }

  /** The store may be away for a while; the run is taken up again until it has ended. */
  async function followWhateverHappens(run: FollowedRun, late?: Promise<LateAnswer>): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        return await followToEnd(run, late);
      } catch (error) {
        parts.log.error({ err: error, runId: run.id }, 'following a sync failed; it is taken up again');
        await parts.wait(retryAfterMs, stopping.signal);
      }
    }
  }

  function follow(run: FollowedRun, late?: Promise<LateAnswer>): void {
    if (following.has(run.id) || stopping.signal.aborted) return;
    const done = followWhateverHappens(run, late).finally(() => following.delete(run.id));
    following.set(run.id, done);
  }

  return {
    follow,
    async takeUp(run) {
      if (run.phase !== 'posting') return follow({ ...run, isTakenUp: true });
      const posted = { startedAt: run.startedAt, uncertain: true, licensesBefore: stoppedAsking };
      await runs.markRunning(run.id, posted);
      follow({ ...run, ...posted, phase: 'running', isTakenUp: true });
    },
    list: () => [...following.keys()],
    async stop() {
      stopping.abort();
      await Promise.all(following.values());
    },
  };
}

/** A refusal right after a permission was granted passes by itself; this many in a row do not. */
const mostBlindLooks = 3;
const retryAfterMs = 5_000;
