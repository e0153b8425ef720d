import type { NamedToken } from '../domain/card-record.ts';
import { type AuthorizedTurn, GraphError } from '../domain/graph.ts';
import type { SyncBatch, SyncBatches, SyncBatchItem } from '../domain/sync-batch.ts';
import type { Stopped, SyncRun, SyncRuns } from '../domain/sync-run.ts';
import type { CardReply } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Pace } from '../lib/limits.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { BatchCard } from './batch-card.ts';
import { type BatchItem, endedItem } from './batch-item.ts';
import type { Follower } from './follow.ts';
import type { Licenses } from './licenses.ts';
import type { StartedSync, StartSync, SyncTurn } from './start-sync.ts';

interface BatchRunnerParts {
  readonly runtime: Runtime;
  readonly batches: SyncBatches;
  readonly runs: SyncRuns;
  readonly card: BatchCard;
  readonly startSync: StartSync;
  readonly follower: Follower;
  readonly licenses: Licenses;
  readonly pace: Pace;
}

export interface BatchRunner {
  /** Starts exactly these as the person of the turn, in the background. Resolves to the card that shows them all. */
  begin(turn: AuthorizedTurn, tokens: readonly NamedToken[]): Promise<CardReply>;
  /**
   * Goes on with a batch of another process, before its runs are followed. Tokens without a run are shown as not started: nothing
   * is started without the person.
   */
  takeOver(batch: SyncBatch): Promise<void>;
  /** Starts nothing more. Resolves once every request under way has its answer. */
  stop(): Promise<void>;
}

const atOnce = 4;
/** So many refusals for role, licence or scope tags, and nothing accepted: the person may sync none of them. */
const mostForbidden = 2;

export function createBatchRunner(parts: BatchRunnerParts): BatchRunner {
  const { batches, runs, card, startSync, follower, licenses, pace } = parts;
  const { now, log } = parts.runtime;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  async function startAll(turn: AuthorizedTurn, batch: SyncBatch): Promise<void> {
    const halting = new AbortController();
    const signal = AbortSignal.any([stopping.signal, halting.signal]);
    const queue = batch.items.values();
    // One list of apps serves all tokens, however many they are.
    const apps = licenses.list(turn.graph);
    let stopped: Stopped | undefined;
    let forbidden = 0;
    // Tokens are requested one by one until Intune has accepted one: a person without the right is refused twice, not for each token.
    const accepted = Promise.withResolvers<void>();
    let hasAccepted = false;
    const onAccepted = () => {
      hasAccepted = true;
      accepted.resolve();
    };

    async function lane(): Promise<void> {
      for (const item of queue) {
        await pace.next(batch.tenantId, signal);
        if (signal.aborted) return;
        const error = await startOne({ ...turn, batchId: batch.id, apps }, batch, item, onAccepted);
        if (error instanceof GraphError && error.reason === 'forbidden') forbidden += 1;
        const refused = stoppedBy(error);
        if (refused) stopped ??= refused;
        else if (!hasAccepted && forbidden >= mostForbidden) stopped ??= { reason: 'forbidden' };
        if (stopped) halting.abort();
      }
    }

    const first = lane().finally(accepted.resolve);
    await accepted.promise;
    await Promise.all([first, ...Array.from({ length: atOnce - 1 }, lane)]);
    // A stopping process leaves the rest as it is: the next one shows it as not started.
    if (stopped || !stopping.signal.aborted) await card.close(batch.id, stopped);
  }

  /** Resolves to the error for which this token's sync was refused, if it was. `onAccepted` is called when its POST was not refused at once. */
  async function startOne(
    turn: SyncTurn,
    batch: SyncBatch,
    item: SyncBatchItem,
    onAccepted: () => void,
  ): Promise<unknown> {
    let started: StartedSync;
    try {
      started = await startSync.start(turn, item.tokenId);
    } catch (error) {
      const outcome = error instanceof GraphError ? error.reason : 'unexpected';
      const about = { err: error, batchId: batch.id, correlationId: batch.correlationId, tokenId: item.tokenId };
      if (error instanceof GraphError) log.info(about, 'Graph refused a sync of a batch');
      else log.error(about, 'a sync of a batch could not be started');
      await card.put(batch.id, { ...item, outcome });
      return error;
    }
    if (!('run' in started)) {
      await card.put(batch.id, { ...item, outcome: 'coolingDown' });
      return undefined;
    }
    if (started.kind !== 'joined') onAccepted();
    follower.follow(started.run, started.late);
    await card.put(batch.id, { ...item, running: true, joined: started.kind === 'joined' });
    const answer = await started.late;
    return answer?.kind === 'refused' ? answer.error : undefined;
  }

  return {
    async begin(turn, tokens) {
      const { person, conversation, locale, messageId, cardId, correlationId } = turn;
      const batch: SyncBatch = {
        id: newOpaqueId(),
        tenantId: turn.session.tenantId,
        requester: person,
        conversation,
        locale,
        correlationId,
        ...(messageId && { messageId }),
        ...(cardId && { activityId: cardId }),
        startedAt: now(),
        items: tokens.map(({ id, name }) => ({ tokenId: id, name, joined: false })),
      };
      await batches.add(batch);
      const reply = card.open(batch, batch.items);
      const started: Promise<void> = startAll(turn, batch)
        .catch((error: unknown) => log.error({ err: error, batchId: batch.id }, 'a batch broke off'))
        .finally(() => running.delete(started));
      running.add(started);
      return reply;
    },
    async takeOver(batch) {
      const runOfToken = new Map((await runs.listOfBatch(batch.id)).map((run) => [run.tokenId, run]));
      const items = batch.items.map((item) => itemAfter(item, runOfToken.get(item.tokenId)));
      const endedAt = batch.endedAt ?? findEnd([...runOfToken.values()]);
      card.open(batch, items, endedAt === undefined ? {} : { endedAt });
      const isIncomplete = items.some(({ outcome, running: isRunning }) => outcome === undefined && !isRunning);
      await card.close(batch.id, isIncomplete ? (batch.stopped ?? { reason: 'restarted' }) : undefined);
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** When the last of them ended; undefined while one is running. */
function findEnd(runs: readonly SyncRun[]): number | undefined {
  const ends = runs.map(({ endedAt }) => endedAt ?? Number.NaN);
  const last = Math.max(...ends);
  return Number.isFinite(last) ? last : undefined;
}

/** A token's item as far as another process stored what became of it. */
function itemAfter(item: SyncBatchItem, run: SyncRun | undefined): BatchItem {
  if (item.outcome !== undefined || !run) return item;
  return run.phase === 'ended' ? endedItem(item, run) : { ...item, running: true, joined: run.joined };
}

/** Refusals that hold for every token, and not for one alone. */
function stoppedBy(error: unknown): Stopped | undefined {
  if (!(error instanceof GraphError)) return undefined;
  const { reason, neededScopes: scopes = [] } = error;
  if (reason === 'missingScope') return { reason, scopes };
  return reason === 'tokenRejected' || reason === 'claimsChallenge' ? { reason } : undefined;
}
