import { randomUUID } from 'node:crypto';
import type { Attempted, Audit } from '../audit/audit.ts';
import type { AuditNote } from '../domain/audit-note.ts';
import { type AuthorizedTurn, GraphError } from '../domain/graph.ts';
import {
  findUsualMs,
  isInProgress,
  newestCounted,
  type RunEnd,
  type SyncRuns,
  type TokenRun,
} from '../domain/sync-run.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { getVppToken, syncLicenses } from '../graph/vpp.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { AppsRead, Licenses } from './licenses.ts';

export type StartedSync =
  | {
      readonly kind: 'started' | 'joined';
      readonly run: TokenRun;
      /** Who began the sync that was joined, if it was one of ours. */
      readonly leader?: TokenRun;
      /** Graph's answer to a POST that has none yet: to be followed without it, and told to the follower. */
      readonly late?: Promise<LateAnswer>;
    }
  | { readonly kind: 'coolingDown'; readonly token: VppToken; readonly agoMs: number; readonly waitMs: number };

type Resting = Extract<StartedSync, { kind: 'coolingDown' }>;

interface StartSyncParts extends PostSyncParts {
  readonly runs: SyncRuns<VppToken>;
  readonly cooldownMs: number;
  readonly beta: boolean;
}

export interface StartSync {
  /**
   * Starts a sync as the person of the turn, or joins the one that is going on. Stores the run before its POST, so that the
   * POST is never repeated, and reads the token anew first. A join has a run and a card of its own. Its apps are read right
   * before the POST, which waits for them for 2 s at the most and happens without them all the same. A POST without an answer is
   * waited for until the run had better be followed: `late` is what it says then.
   * Rejects with GraphError when Graph refuses; then no run is left open. Rejects with NotAuditedError, and sends nothing, when the
   * audit cannot be told first. Whatever comes of it is in the audit.
   */
  start(turn: SyncTurn, tokenId: string): Promise<StartedSync>;
  /** Ids of the runs whose POST has no answer yet. */
  list(): string[];
  /** Resolves once every POST that is under way now has its answer. */
  settle(): Promise<void>;
}

/** A turn that asks for one sync; `batchId` when it is one of many that are told together, which share one list of apps. */
export interface SyncTurn extends AuthorizedTurn {
  readonly batchId?: string;
  readonly apps?: AppsRead;
}

export function createStartSync(parts: StartSyncParts): StartSync {
  const { runs, audit, now, cooldownMs, beta } = parts;
  const post = createPostSync(parts);
  /** POSTs of this process that have no answer yet: whoever comes meanwhile waits for how they go. */
  const posting = new Map<string, { readonly runId: string; readonly settled: Promise<void> }>();

  async function start(turn: SyncTurn, tokenId: string): Promise<StartedSync> {
    try {
      return await tryToStart(turn, tokenId);
    } catch (error) {
      await audit.recordFailure(turn, { action: actionOf(turn), token: { id: tokenId } }, error);
      throw error;
    }
  }

  async function tryToStart(turn: SyncTurn, tokenId: string): Promise<StartedSync> {
    const key = `${turn.session.tenantId} ${tokenId}`;
    await posting.get(key)?.settled;
    const token = await getVppToken(turn.graph, tokenId, { beta });
    const resting = await findCoolDown(turn, token);
    const leader = await runs.findLeader(turn.session.tenantId, token.id);
    // A POST began while this was read; how it goes decides whether there is anything to join.
    if (posting.has(key)) return tryToStart(turn, tokenId);
    if (leader || isInProgress(token, now())) return join(turn, token, leader);
    if (resting) {
      await audit.record(turn, { ...attemptOf(turn, token), outcome: resting.kind });
      return resting;
    }
    const usualMs = findUsualMs(await runs.listTimesTaken(turn.session.tenantId, token.id, newestCounted));
    const run: TokenRun = { ...newRun(turn, token, 'posting'), ...(usualMs !== undefined && { usualMs }) };
    return (await lead(turn, run, key)) ?? tryToStart(turn, tokenId);
  }

  /** Undefined when another process leads already. */
  async function lead(turn: SyncTurn, run: TokenRun, key: string): Promise<StartedSync | undefined> {
    const settled = Promise.withResolvers<void>();
    const settle = () => {
      posting.delete(key);
      settled.resolve();
    };
    posting.set(key, { runId: run.id, settled: settled.promise });
    try {
      const begun = await begin(turn, run);
      if (begun?.late) void begun.late.then(settle);
      else settle();
      return begun && { kind: 'started', ...begun };
    } catch (error) {
      settle();
      throw error;
    }
  }

  async function begin(turn: SyncTurn, run: TokenRun): Promise<PostedSync | undefined> {
    const attempted = { ...attemptOf(turn, run.before), runId: run.id, clientRequestId: randomUUID() };
    await audit.recordBefore(turn, { ...attempted, outcome: 'started' });
    if (await runs.add(run)) return post(turn, run, attempted);
    await audit.record(turn, { ...attempted, stage: 'ended', outcome: 'overtaken' });
    return undefined;
  }

  async function join(turn: SyncTurn, token: VppToken, leader?: TokenRun): Promise<StartedSync> {
    // The leader's own snapshot counts: the token may already show the end of what is being joined.
    const run: TokenRun = {
      ...newRun(turn, leader?.before ?? token, 'running'),
      joined: true,
      ...(leader && { joinedSince: leader.startedAt }),
      uncertain: leader?.uncertain ?? false,
    };
    await runs.add(run);
    await audit.record(turn, { ...attemptOf(turn, token), runId: run.id, outcome: 'joined' });
    return { kind: 'joined', run, ...(leader && { leader }) };
  }

  async function findCoolDown(turn: AuthorizedTurn, token: VppToken): Promise<Resting | undefined> {
    if (cooldownMs === 0) return undefined;
    const last = await runs.findLastEnded(turn.session.tenantId, token.id, 'completed');
    const agoMs = now() - (last?.endedAt ?? Number.NEGATIVE_INFINITY);
    if (agoMs < 0 || agoMs >= cooldownMs) return undefined;
    return { kind: 'coolingDown', token, agoMs, waitMs: cooldownMs - agoMs };
  }

  function newRun(turn: SyncTurn, before: VppToken, phase: 'posting' | 'running'): TokenRun {
    return {
      id: newOpaqueId(),
      tenantId: turn.session.tenantId,
      tokenId: before.id,
      phase,
      joined: false,
      requester: turn.person,
      conversation: turn.conversation,
      locale: turn.locale,
      ...(turn.messageId && { messageId: turn.messageId }),
      ...(turn.cardId && { activityId: turn.cardId }),
      ...(turn.batchId && { batchId: turn.batchId }),
      before,
      seenInProgress: before.lastSyncStatus === 'inProgress',
      uncertain: false,
      startedAt: now(),
    };
  }

  return {
    start,
    list: () => [...posting.values()].map(({ runId }) => runId),
    async settle() {
      await Promise.all([...posting.values()].map(({ settled }) => settled));
    },
  };
}

const actionOf = ({ batchId }: SyncTurn) => (batchId === undefined ? 'sync' : 'syncAll');

const attemptOf = (turn: SyncTurn, token: VppToken) =>
  ({
    action: actionOf(turn),
    token: { id: token.id, name: tokenName(token) },
  }) as const;

interface PostSyncParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'markRunning' | 'end'>;
  readonly audit: Audit;
  readonly licenses: Pick<Licenses, 'before'>;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** What Graph's answer says of a run that is followed already. */
export type LateAnswer =
  | { readonly kind: 'taken'; readonly posted: Pick<TokenRun, 'startedAt' | 'uncertain'> }
  /** Nothing was started. The run has ended where `isEnded`, and is for its follower to tell; to end, too, where the store was away. */
  | { readonly kind: 'refused'; readonly error: unknown; readonly refusal: string; readonly isEnded: boolean };

interface PostedSync {
  readonly run: TokenRun;
  /** Of a POST that has no answer yet: never rejects. Until then the run is stored as `posting`. */
  readonly late?: Promise<LateAnswer>;
}

/**
 * POSTs a stored run, once. Its time counts from when the POST was sent, the last one where Graph had it sent again. A POST without an
 * answer for a moment may have begun a sync all the same, so that its run is followed from then on, whatever comes of it.
 * Rejects with a refusal that came before; then the run has ended. Whatever Graph answers is in the audit.
 */
type PostSync = (
  turn: SyncTurn,
  run: TokenRun,
  attempted: Attempted & { readonly clientRequestId: string },
) => Promise<PostedSync>;

/** Leaves time for the first look within 2 s of the POST. */
const patienceMs = 1_500;

function createPostSync({ runs, audit, licenses, now, wait }: PostSyncParts): PostSync {
  return async (turn, run, attempted) => {
    const licensesBefore = await licenses.before(turn.graph, run.before, turn.apps);
    const silent = Promise.withResolvers<void>();
    let startedAt = now();
    let isAnswered = false;
    let isFollowed = false;
    let isEnded = false;

    function onSent(outcome: Promise<unknown>): void {
      startedAt = now();
      const done = new AbortController();
      void outcome.then(() => done.abort());
      void wait(patienceMs, done.signal).then(() => {
        if (done.signal.aborted || isAnswered) return;
        isFollowed = true;
        silent.resolve();
      });
    }

    async function ask(): Promise<Pick<TokenRun, 'startedAt' | 'uncertain'>> {
      const { clientRequestId } = attempted;
      let answer: Pick<AuditNote, 'requestId' | 'reason'> = {};
      const onTaken = (requestId: string) => {
        answer = { requestId };
      };
      let uncertain = false;
      try {
        await syncLicenses(turn.graph, run.tokenId, { clientRequestId, onAccepted: onTaken, onSent });
        isAnswered = true;
      } catch (error) {
        isAnswered = true;
        // 409: somebody else's sync is at work, most likely; following it is what was asked for.
        if (!(error instanceof GraphError) || (error.reason !== 'conflict' && error.reason !== 'mayHaveStarted')) {
          await audit.recordFailure(turn, { ...attempted, stage: 'ended' }, error);
          if (isFollowed) isEnded = await runs.end(run.id, refusedLate(run, error, now())).catch(() => false);
          else await runs.end(run.id, { outcome: 'refused', endedAt: now(), reportedAt: now() });
          throw error;
        }
        uncertain = true;
        answer = { reason: error.reason, ...(error.requestId && { requestId: error.requestId }) };
      }
      const posted = { startedAt, uncertain };
      // The POST cannot be taken back, so the run is followed whatever the store does now; after a restart it counts as unclear.
      await runs.markRunning(run.id, { ...posted, licensesBefore }).catch(() => undefined);
      const outcome = uncertain ? 'unclear' : 'accepted';
      await audit.record(turn, { ...attempted, stage: 'answered', outcome, ...answer });
      return posted;
    }

    const asked = ask();
    const posted = await Promise.race([asked, silent.promise]);
    if (posted) return { run: { ...run, phase: 'running', ...posted, licensesBefore } };
    const late = asked.then(
      (taken): LateAnswer => ({ kind: 'taken', posted: taken }),
      (error: unknown): LateAnswer => ({ kind: 'refused', error, refusal: refusalOf(error), isEnded }),
    );
    return { run: { ...run, phase: 'running', startedAt, licensesBefore }, late };
  };
}

const refusalOf = (error: unknown): string => (error instanceof GraphError ? error.reason : 'unexpected');

/** To be told on the card that stands already, by the next process if need be. */
const refusedLate = (run: TokenRun, error: unknown, endedAt: number): RunEnd<VppToken> => ({
  ...{ outcome: 'refusedLate', endedAt, after: run.before, refusal: refusalOf(error) },
  ...(run.batchId !== undefined && { reportedAt: endedAt }),
});
