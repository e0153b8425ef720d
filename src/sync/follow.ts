import type { Audit } from '../audit/audit.ts';
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
  type SyncRuns,
  type TokenRun,
} from '../domain/sync-run.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { getVppToken } from '../graph/vpp.ts';
import { untilAborted } from '../lib/async.ts';
import { isJsonObject } from '../lib/json.ts';
import type { LateAnswer } from './start-sync.ts';

interface FollowerParts extends ReadTokenParts {
  readonly runs: SyncRuns<VppToken>;
  readonly board: RunReporter;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly deadlineMs: number;
  readonly log: { error(fields: object, message: string): void };
}

export interface Follower {
  /**
   * Follows a run until it ends, whatever happens on the way. `late`: its POST has no answer yet; a refusal ends it. A run already followed here is not followed twice.
   */
  follow(run: TokenRun, late?: Promise<LateAnswer>): void;
  /** Goes on with a run that another process left behind. One that died while POSTing counts as unclear. */
  takeOver(run: TokenRun): Promise<void>;
  /** Ids of the runs that are followed here. */
  list(): string[];
  /** Stops looking at once; unfinished runs stay stored for the next process. */
  stop(): Promise<void>;
}

/** What was seen before the end of a sync that was watched to it. */
type Watched = Pick<SeenEnd, 'inProgressAt'>;
type FollowedRun = TokenRun & Pick<EndedRun, 'isTakenOver'>;

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
    let watched: Watched | undefined = run.isTakenOver ? undefined : {};
    let blindLooks = 0;
    let lookedAt = run.startedAt;
    // A run taken up after its deadline is looked at once all the same: most likely it has ended meanwhile.
    for (let looks = 0; !stopping.signal.aborted; looks += 1) {
      const leftMs = Math.max(0, parts.deadlineMs - (now() - run.startedAt));
      if (leftMs === 0 && looks > 0) return end(run, 'noResult', last);
      const everyMs = nextReadInMs(lookedAt - run.startedAt);
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
      const look = await readToken(run, parts, signal);
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

/** A refusal right after a permission was granted passes by itself; this many in a row do not. */
const mostBlindLooks = 3;
const retryAfterMs = 5_000;

type TokenReading =
  | { readonly kind: 'seen'; readonly token: VppToken }
  /** Nothing was learnt this time; the next look may tell. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'gone' }
  /** Nobody may look for this run any more. */
  | { readonly kind: 'blind' };

interface ReadTokenParts {
  /** Whose eyes may be used, best first: the requester's own while they are signed in, else the app's. */
  readonly listReaders: (run: TokenRun) => readonly ReadOnlyGraph[];
  readonly beta: boolean;
}

/**
 * Looks at a run's token once, with whoever may. A refusal passes on to the next reader, and so does a token that is not found:
 * it may be hidden from one and not from the other.
 */
async function readToken(run: TokenRun, parts: ReadTokenParts, signal: AbortSignal): Promise<TokenReading> {
  let isMissing = false;
  for (const graph of parts.listReaders(run)) {
    try {
      return { kind: 'seen', token: await getVppToken(graph, run.tokenId, { beta: parts.beta, signal }) };
    } catch (error) {
      if (error instanceof AppTokenError && !passing.has(error.reason)) continue;
      if (!(error instanceof GraphError)) return { kind: 'nothing' };
      if (error.reason === 'notFound') isMissing = true;
      else if (!refusals.has(error.reason)) return { kind: 'nothing' };
    }
  }
  return { kind: isMissing ? 'gone' : 'blind' };
}

/** Reasons of Entra's that the next look may find gone. */
const passing: ReadonlySet<string> = new Set(['throttled', 'unavailable']);
const refusals: ReadonlySet<string> = new Set(['tokenRejected', 'claimsChallenge', 'missingScope', 'forbidden']);

/** Where a run shows how it goes on and how it ended. */
export interface RunReporter {
  /** Called after every look that saw no end, with the token as it was last seen. */
  showGoingOn(run: TokenRun, seen: { readonly token: VppToken; readonly at: number }): void;
  /** Never rejects: how the run ended is stored, and its showing is tried again. */
  showEnd(run: EndedRun): Promise<void>;
  /** Called instead of `showEnd` when the end was stored before: by another process, or by this one without an answer. Never rejects. */
  showStoredEnd(run: EndedRun): Promise<void>;
}

/** A run of a batch is told on the batch's card, any other on its own. */
export function createRunReporters(boards: { readonly single: RunReporter; readonly batch: RunReporter }): RunReporter {
  const of = ({ batchId }: { readonly batchId?: string }) => (batchId === undefined ? boards.single : boards.batch);
  return {
    showGoingOn: (run, seen) => of(run).showGoingOn(run, seen),
    showEnd: (run) => of(run).showEnd(run),
    showStoredEnd: (run) => of(run).showStoredEnd(run),
  };
}

/** Keeps how each sync ended, beside telling the people it is told to. */
export function recordEnds(board: RunReporter, audit: Pick<Audit, 'record'>): RunReporter {
  return {
    ...board,
    async showEnd(run) {
      const { requester: person, conversation, tenantId, id: runId, outcome, after } = run;
      const turn = { person, conversation, session: { tenantId } };
      const action = run.batchId === undefined ? 'sync' : 'syncAll';
      const token = { id: run.tokenId, name: tokenName(after) };
      const as = outcome === 'refusedLate' ? 'refused' : outcome;
      const kept = audit.record(turn, { action, stage: 'ended', outcome: as, runId, token });
      await Promise.all([kept, board.showEnd(run)]);
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

interface Shared {
  /** When looks were asked for lately. */
  asked: number[];
  readonly listings: Map<string, { readonly at: number; readonly rows: Promise<ReadonlyMap<string, Row>> }>;
}

/** A listing this old, and looks this long ago, do not count any more. */
const windowMs = 2_000;
const forgetAfterMs = 60_000;

/**
 * Looks at many tokens through few requests: from `busyFrom` looks in 2 s on, a listing of their folder serves them all for
 * 2 s. Graph takes 1,000 requests in 20 s; a large batch looked at one by one would be more.
 * What one person may see is never shown for another: each requester's readers share among themselves alone.
 */
export function createSharedReads({ now, busyFrom = 20 }: { now: () => number; busyFrom?: number }) {
  const readers = new Map<string, Shared>();

  function sharedOf(reader: string): Shared {
    const at = now();
    for (const [key, { asked }] of readers) if ((asked.at(-1) ?? 0) < at - forgetAfterMs) readers.delete(key);
    const shared = readers.get(reader) ?? { asked: [], listings: new Map() };
    shared.asked = [...shared.asked.filter((earlier) => earlier > at - windowMs), at];
    readers.set(reader, shared);
    return shared;
  }

  const share = (reader: string, graph: ReadOnlyGraph): ReadOnlyGraph => ({
    ...graph,
    async get(path, options = {}) {
      const shared = sharedOf(reader);
      if (shared.asked.length < busyFrom) return graph.get(path, options);
      const { signal, ...what } = options;
      const slash = path.lastIndexOf('/');
      const folder = path.slice(0, slash);
      const key = JSON.stringify([folder, what]);
      const known = shared.listings.get(key);
      const listing =
        known && known.at > now() - windowMs ? known : { at: now(), rows: graph.listPages(folder, what).then(byId) };
      shared.listings.set(key, listing);
      const rows = await untilAborted(listing.rows, signal);
      // One that is missing there may be gone or hidden: its own request tells.
      return rows.get(decodeURIComponent(path.slice(slash + 1)).toLowerCase()) ?? graph.get(path, options);
    },
  });

  // The app's own eyes come last, whether or not the person's are there.
  return ({ tenantId, requester }: Pick<TokenRun, 'tenantId' | 'requester'>, graphs: readonly ReadOnlyGraph[]) =>
    graphs.map((graph, index) => share([tenantId, requester.aadObjectId, graphs.length - index].join(' '), graph));
}

function byId(rows: readonly unknown[]): ReadonlyMap<string, Row> {
  return new Map(
    rows.flatMap((row) =>
      isJsonObject(row) && typeof row.id === 'string' ? [[row.id.toLowerCase(), row] as const] : [],
    ),
  );
}
