import { randomUUID } from 'node:crypto';
import type { Attempted, Audit } from '../audit/audit.ts';
import type { AuditNote } from '../domain/audit-note.ts';
import { traitsOf } from '../domain/connector.ts';
import { type AuthorizedTurn, GraphError } from '../domain/graph.ts';
import {
  findUsualMs,
  isInProgress,
  newestCounted,
  type RunEnd,
  type SyncRun,
  type SyncRuns,
} from '../domain/sync-run.ts';
import { findHopelessState, type HopelessState, tokenName, type VppToken } from '../domain/token.ts';
import { requesterOf } from '../domain/turn.ts';
import { getConnector, syncConnector } from '../graph/connectors.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { findInstant } from '../lib/time.ts';
import type { AppsRead, Licenses } from './licenses.ts';

interface StartSyncParts extends PostSyncParts {
  readonly cooldownMs: number;
  readonly beta: boolean;
}

/** A turn that asks for one sync. Syncs of a batch share its card and one list of apps. */
export interface SyncTurn extends AuthorizedTurn {
  readonly batchId?: string;
  readonly apps?: AppsRead;
  /** Nothing is started while the token is in a state in which no sync can work. */
  readonly refusesHopeless?: true;
}

export type StartedSync =
  | {
      readonly kind: 'started' | 'joined';
      readonly run: SyncRun;
      /** The run that began the sync that was joined, if one of ours did. */
      readonly leader?: SyncRun;
      /** Graph's answer to a POST that has none yet: hand it to the follower with the run. */
      readonly late?: Promise<LateAnswer>;
    }
  | { readonly kind: 'coolingDown'; readonly token: VppToken; readonly agoMs: number; readonly waitMs: number }
  | { readonly kind: 'hopeless'; readonly token: VppToken; readonly state: HopelessState };

/** Graph's answer to the POST of a run that is followed already. */
export type LateAnswer =
  | { readonly kind: 'taken'; readonly posted: Pick<SyncRun, 'startedAt' | 'uncertain'> }
  /** Nothing was started. `isEnded`: the run's end is stored; otherwise the store was away and the follower has to end it. */
  | { readonly kind: 'refused'; readonly error: unknown; readonly refusal: string; readonly isEnded: boolean };

export interface StartSync {
  /**
   * Starts a sync as the person of the turn, or joins the one that is going on. Reads the token anew first, and stores the run
   * before its POST, so that the POST is never repeated. A join has a run and a card of its own. The token's apps are read right
   * before the POST, which waits up to 2 s for them and happens without them otherwise. A POST without an answer after 1.5 s is
   * answered later: see `late`.
   * Rejects with GraphError when Graph refuses; then no run is left open. Rejects with NotAuditedError, and sends nothing, when the
   * audit cannot be written first. Every outcome is in the audit.
   */
  start(turn: SyncTurn, tokenId: string): Promise<StartedSync>;
  /** Ids of the runs whose POST has no answer yet. */
  list(): string[];
  /** Resolves once every POST that is under way now has its answer. */
  settle(): Promise<void>;
}

export function createStartSync(parts: StartSyncParts): StartSync {
  const { runs, audit, cooldownMs, beta } = parts;
  const { now } = parts.runtime;
  const post = createPostSync(parts);
  /** POSTs of this process without an answer: whoever asks for the same token meanwhile waits for it. */
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
    const token = await getConnector(turn.graph, tokenId, { beta });
    const state = turn.refusesHopeless && findHopelessState(token, now());
    if (state) return { kind: 'hopeless', token, state };
    const coolDown = await findCoolDown(turn, token);
    const leader = await runs.findLeader(turn.session.tenantId, token.id);
    // A POST began while the token was read; its answer decides if there is anything to join.
    if (posting.has(key)) return tryToStart(turn, tokenId);
    if (leader || isInProgress(token, now())) return join(turn, token, leader);
    if (coolDown) {
      await audit.record(turn, { ...attemptOf(turn, token), outcome: coolDown.kind });
      return coolDown;
    }
    const usualMs = findUsualMs(await runs.listTimesTaken(turn.session.tenantId, token.id, newestCounted));
    const run: SyncRun = { ...newRun(turn, token, 'posting'), ...(usualMs !== undefined && { usualMs }) };
    return (await lead(turn, run, key)) ?? tryToStart(turn, tokenId);
  }

  /** Undefined when another process leads already. */
  async function lead(turn: SyncTurn, run: SyncRun, key: string): Promise<StartedSync | undefined> {
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

  async function begin(turn: SyncTurn, run: SyncRun): Promise<PostedSync | undefined> {
    const attempted = { ...attemptOf(turn, run.before), runId: run.id, clientRequestId: randomUUID() };
    await audit.recordBefore(turn, { ...attempted, outcome: 'started' });
    if (await runs.add(run)) return post(turn, run, attempted);
    await audit.record(turn, { ...attempted, stage: 'ended', outcome: 'overtaken' });
    return undefined;
  }

  async function join(turn: SyncTurn, token: VppToken, leader?: SyncRun): Promise<StartedSync> {
    // The leader's own snapshot counts: the token may already show the end of the sync that is joined.
    const run: SyncRun = {
      ...newRun(turn, leader?.before ?? token, 'running'),
      joined: true,
      ...(leader && { joinedSince: leader.startedAt }),
      uncertain: leader?.uncertain ?? false,
    };
    await runs.add(run);
    await audit.record(turn, { ...attemptOf(turn, token), runId: run.id, outcome: 'joined' });
    return { kind: 'joined', run, ...(leader && { leader }) };
  }

  async function findCoolDown(
    turn: AuthorizedTurn,
    token: VppToken,
  ): Promise<Extract<StartedSync, { kind: 'coolingDown' }> | undefined> {
    const { syncEveryMs } = traitsOf(token);
    const pauseMs = Math.max(cooldownMs, syncEveryMs);
    if (pauseMs === 0) return undefined;
    const last = await runs.findLastEnded(turn.session.tenantId, token.id, 'completed');
    // Where Intune itself insists on a pause, it counts from any sync, whoever asked for it.
    const askedAt = syncEveryMs === 0 ? undefined : findInstant(token.lastModifiedDateTime);
    const agoMs = now() - Math.max(last?.endedAt ?? Number.NEGATIVE_INFINITY, askedAt ?? Number.NEGATIVE_INFINITY);
    if (agoMs < 0 || agoMs >= pauseMs) return undefined;
    return { kind: 'coolingDown', token, agoMs, waitMs: pauseMs - agoMs };
  }

  function newRun(turn: SyncTurn, before: VppToken, phase: 'posting' | 'running'): SyncRun {
    return {
      id: newOpaqueId(),
      tenantId: turn.session.tenantId,
      tokenId: before.id,
      phase,
      joined: false,
      requester: requesterOf(turn),
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
  ({ action: actionOf(turn), token: { id: token.id, name: tokenName(token) } }) as const;

interface PostSyncParts {
  readonly runtime: Runtime;
  readonly runs: SyncRuns;
  readonly audit: Audit;
  readonly licenses: Licenses;
}

interface PostedSync {
  readonly run: SyncRun;
  /** Answer to a POST that has none yet; never rejects. Until then the run is stored as `posting`. */
  readonly late?: Promise<LateAnswer>;
}

type PostSync = (
  turn: SyncTurn,
  run: SyncRun,
  attempted: Attempted & { readonly clientRequestId: string },
) => Promise<PostedSync>;

/** Short enough for the first reading of the token to come within 2 s of the POST. */
const followAfterMs = 1_500;

/**
 * POSTs a stored run, once. If Graph takes longer than 1.5 s to answer, the run is followed anyway: Intune may already be syncing.
 * Its time counts from the POST, the last one where Graph made us send it again. Rejects with a refusal that came in time; then the
 * run has ended. Every answer is in the audit.
 */
function createPostSync({ runtime, runs, audit, licenses }: PostSyncParts): PostSync {
  const { now, wait } = runtime;

  return async (turn, run, attempted) => {
    const { clientRequestId } = attempted;
    const licensesBefore = traitsOf(run.before).hasLicenses
      ? await licenses.before(turn.graph, run.before, turn.apps)
      : undefined;
    const counted = licensesBefore && { licensesBefore };
    const unanswered = Promise.withResolvers<void>();
    let startedAt = now();
    let isAnswered = false;
    let isFollowed = false;
    let isEnded = false;

    function onSent(outcome: Promise<unknown>): void {
      startedAt = now();
      const done = new AbortController();
      void outcome.then(() => done.abort());
      void wait(followAfterMs, done.signal).then(() => {
        if (done.signal.aborted || isAnswered) return;
        isFollowed = true;
        unanswered.resolve();
      });
    }

    async function send(): Promise<Pick<SyncRun, 'startedAt' | 'uncertain'>> {
      let answer: Pick<AuditNote, 'requestId' | 'reason'> = {};
      const onAccepted = (requestId: string) => {
        answer = { requestId };
      };
      let uncertain = false;
      try {
        await syncConnector(turn.graph, run.tokenId, { clientRequestId, onAccepted, onSent });
        isAnswered = true;
      } catch (error) {
        isAnswered = true;
        // After a 409 most likely somebody else's sync is running, and following it is what was asked for.
        if (!(error instanceof GraphError) || (error.reason !== 'conflict' && error.reason !== 'mayHaveStarted')) {
          await audit.recordFailure(turn, { ...attempted, stage: 'ended' }, error);
          if (isFollowed) isEnded = await runs.end(run.id, lateRefusalOf(run, error, now())).catch(() => false);
          else await runs.end(run.id, { outcome: 'refused', endedAt: now(), reportedAt: now() });
          throw error;
        }
        uncertain = true;
        answer = { reason: error.reason, ...(error.requestId && { requestId: error.requestId }) };
      }
      const posted = { startedAt, uncertain };
      // The POST cannot be taken back, so a store that is away must not end the run; after a restart it counts as uncertain.
      await runs.markRunning(run.id, { ...posted, ...counted }).catch(() => undefined);
      const outcome = uncertain ? 'unclear' : 'accepted';
      await audit.record(turn, { ...attempted, stage: 'answered', outcome, ...answer });
      return posted;
    }

    const sending = send();
    const posted = await Promise.race([sending, unanswered.promise]);
    if (posted) return { run: { ...run, phase: 'running', ...posted, ...counted } };
    const late = sending.then(
      (taken): LateAnswer => ({ kind: 'taken', posted: taken }),
      (error: unknown): LateAnswer => ({ kind: 'refused', error, refusal: refusalOf(error), isEnded }),
    );
    return { run: { ...run, phase: 'running', startedAt, ...counted }, late };
  };
}

const refusalOf = (error: unknown): string => (error instanceof GraphError ? error.reason : 'unexpected');

/** The run's card is there already and has to show the refusal, by the next process if need be; a batch's card shows its own. */
const lateRefusalOf = (run: SyncRun, error: unknown, endedAt: number): RunEnd => ({
  outcome: 'refusedLate',
  endedAt,
  after: run.before,
  refusal: refusalOf(error),
  ...(run.batchId !== undefined && { reportedAt: endedAt }),
});
