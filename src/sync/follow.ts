import { GraphError, type ReadOnlyGraph } from '../domain/graph.ts';
import { stoppedAsking } from '../domain/licenses.ts';
import { AppTokenError } from '../domain/sign-in-request.ts';
import {
  type EndedRun,
  findTimeTakenMs,
  judge,
  nextReadInMs,
  type SeenEnd,
  type SyncOutcome,
  type SyncRun,
  type SyncRuns,
} from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { getConnector } from '../graph/connectors.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { RunReporter } from './run-reporter.ts';
import type { LateAnswer } from './start-sync.ts';

interface FollowerParts extends ReadTokenParts {
  readonly runtime: Runtime;
  readonly runs: SyncRuns;
  readonly reporter: RunReporter;
  readonly deadlineMs: number;
}

export interface Follower {
  /**
   * Follows a run until it ends, whatever happens on the way; a run that is followed here already is not followed twice.
   * `late` is the answer to a POST that has none yet; a refusal ends the run.
   */
  follow(run: SyncRun, late?: Promise<LateAnswer>): void;
  /** Goes on with a run of another process. When that ended during the POST, the run counts as uncertain. */
  takeOver(run: SyncRun): Promise<void>;
  /** Ids of the runs that are followed here. */
  list(): string[];
  /** Reads no more; unfinished runs stay stored for the next process. */
  stop(): Promise<void>;
}

/** A refusal right after a permission was granted passes by itself; this many in a row do not. */
const mostRefusedReads = 3;
const retryAfterMs = 5_000;

/** Facts from before the end of a sync that this process watched from its beginning. */
type Watched = Pick<SeenEnd, 'inProgressAt'>;
type FollowedRun = SyncRun & Pick<EndedRun, 'isTakenOver'>;

/** Follows runs by reading their tokens until each shows its end or the deadline has passed. */
export function createFollower(parts: FollowerParts): Follower {
  const { runs, reporter, deadlineMs } = parts;
  const { now, wait, log } = parts.runtime;
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
      outcome,
      endedAt,
      after,
      ...(tookMs !== undefined && { tookMs }),
      ...(run.refusal !== undefined && { refusal: run.refusal }),
      ...(run.batchId !== undefined && { reportedAt: endedAt }),
    };
    const isFirst = isEnded || (await runs.end(run.id, ended));
    const endedRun: EndedRun = { ...run, phase: 'ended', ...ended };
    await (isFirst ? reporter.showEnd(endedRun) : reporter.showStoredEnd(endedRun));
  }

  async function followToEnd(started: FollowedRun, late?: Promise<LateAnswer>): Promise<void> {
    let run = started;
    let answer: LateAnswer | undefined;
    void late?.then((given) => {
      answer = given;
    });
    let last = run.before;
    let lastSeenAt = run.startedAt;
    // A run of another process may have ended at any time since, so nobody knows how long it took.
    let watched: Watched | undefined = run.isTakenOver ? undefined : {};
    let refusedReads = 0;
    let readAt = run.startedAt;
    // Past its deadline a run is still read once: most likely it has ended meanwhile.
    for (let reads = 0; !stopping.signal.aborted; reads += 1) {
      const leftMs = Math.max(0, deadlineMs - (now() - run.startedAt));
      if (leftMs === 0 && reads > 0) return end(run, 'noResult', last);
      const everyMs = nextReadInMs(readAt - run.startedAt);
      // A clock that was set back must not put off the next reading.
      const dueInMs = Math.min(everyMs, Math.max(0, readAt + everyMs - now()));
      await wait(Math.min(dueInMs, leftMs), stopping.signal);
      if (stopping.signal.aborted) return;
      if (answer?.kind === 'refused') {
        const { refusal, isEnded } = answer;
        return end({ ...run, refusal }, 'refusedLate', last, { isEnded });
      }
      if (answer) run = { ...run, ...answer.posted };
      const readWithinMs = Math.max(1_000, deadlineMs - (now() - run.startedAt));
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(readWithinMs)]);
      readAt = now();
      const reading = await readToken(run, parts, signal);
      if (reading.kind === 'gone') return end(run, 'deleted', last);
      refusedReads = reading.kind === 'refused' ? refusedReads + 1 : 0;
      if (refusedReads === mostRefusedReads) return end(run, 'lost', last);
      if (reading.kind === 'seen') {
        last = reading.token;
        lastSeenAt = readAt;
        const verdict = judge(run, last, now());
        if (verdict.ended) return end(run, verdict.outcome, last, { watched });
        watched = last.lastSyncStatus === 'inProgress' ? { inProgressAt: readAt } : { ...watched };
      }
      reporter.showProgress(run, { token: last, at: lastSeenAt });
      if (last.lastSyncStatus === 'inProgress' && !run.seenInProgress) {
        run = { ...run, seenInProgress: true };
        await runs.markSeenInProgress(run.id);
      }
    }
  }

  /** Starts anew after a failure, since the database may be down for a while. */
  async function followWhateverHappens(run: FollowedRun, late?: Promise<LateAnswer>): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        return await followToEnd(run, late);
      } catch (error) {
        log.error({ err: error, runId: run.id }, 'following a sync failed; it is retried');
        await wait(retryAfterMs, stopping.signal);
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
    async takeOver(run) {
      if (run.phase !== 'posting') return follow({ ...run, isTakenOver: true });
      const posted = { startedAt: run.startedAt, uncertain: true, licensesBefore: stoppedAsking };
      await runs.markRunning(run.id, posted);
      follow({ ...run, ...posted, phase: 'running', isTakenOver: true });
    },
    list: () => [...following.keys()],
    async stop() {
      stopping.abort();
      await Promise.all(following.values());
    },
  };
}

interface ReadTokenParts {
  /** Graph clients that may read the run's token, best first: the requester's own while they are signed in, then the app's. */
  readonly listReaders: (run: SyncRun) => readonly ReadOnlyGraph[];
  readonly beta: boolean;
}

type TokenReading =
  | { readonly kind: 'seen'; readonly token: VppToken }
  /** Failed for now; the next reading may succeed. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'gone' }
  /** No reader may read this token any more. */
  | { readonly kind: 'refused' };

/** Reasons of Entra's that may be gone at the next reading. */
const passing: ReadonlySet<string> = new Set(['throttled', 'unavailable']);
const refusals: ReadonlySet<string> = new Set(['tokenRejected', 'claimsChallenge', 'missingScope', 'forbidden']);

/**
 * Reads a run's token once. After a refusal the next reader is tried, and also after a 404: scope tags may hide a token from one
 * reader and not from the other.
 */
async function readToken(run: SyncRun, parts: ReadTokenParts, signal: AbortSignal): Promise<TokenReading> {
  let isMissing = false;
  for (const graph of parts.listReaders(run)) {
    try {
      return { kind: 'seen', token: await getConnector(graph, run.tokenId, { beta: parts.beta, signal }) };
    } catch (error) {
      if (error instanceof AppTokenError && !passing.has(error.reason)) continue;
      if (!(error instanceof GraphError)) return { kind: 'failed' };
      if (error.reason === 'notFound') isMissing = true;
      else if (!refusals.has(error.reason)) return { kind: 'failed' };
    }
  }
  return { kind: isMissing ? 'gone' : 'refused' };
}
