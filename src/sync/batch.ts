import type { PlannedToken } from '../domain/card-record.ts';
import { type AuthorizedTurn, GraphError } from '../domain/graph.ts';
import type { SyncBatches, SyncBatchItem } from '../domain/sync-batch.ts';
import type { Stopped, SyncRuns, TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardReply } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Pace } from '../lib/limits.ts';
import { type BatchCard, type BatchItem, endedItem, type TokenBatch } from './batch-card.ts';
import type { Follower } from './follow.ts';
import type { Licenses } from './licenses.ts';
import type { StartedSync, StartSync, SyncTurn } from './start-sync.ts';

export interface BatchRunnerParts {
  readonly batches: SyncBatches<Stopped>;
  readonly runs: Pick<SyncRuns<VppToken>, 'listOfBatch'>;
  readonly board: BatchCard;
  readonly startSync: StartSync;
  readonly follower: Pick<Follower, 'follow'>;
  readonly licenses: Pick<Licenses, 'list'>;
  readonly pace: Pace;
  readonly now: () => number;
  readonly log: { error(fields: object, message: string): void; info(fields: object, message: string): void };
}

export interface BatchRunner {
  /** Starts exactly these as the person of the turn, in the background, and answers with the card that tells of them all. */
  begin(turn: AuthorizedTurn, tokens: readonly PlannedToken[]): Promise<CardReply>;
  /**
   * Takes up a batch that another process left behind, before its runs are followed. What that had not asked for is told as not
   * started: nothing is started without the person.
   */
  takeOver(batch: TokenBatch): Promise<void>;
  /** Asks for nothing more. Resolves once every request under way has its answer. */
  stop(): Promise<void>;
}

const atOnce = 4;

export function createBatchRunner(parts: BatchRunnerParts): BatchRunner {
  const { batches, board, log, now } = parts;
  const stopping = new AbortController();
  const going = new Set<Promise<void>>();

  async function askForAll(turn: AuthorizedTurn, batch: TokenBatch): Promise<void> {
    const halting = new AbortController();
    const signal = AbortSignal.any([stopping.signal, halting.signal]);
    const queue = batch.items.values();
    // One list of apps serves them all, however many they are.
    const apps = parts.licenses.list(turn.graph);
    let stopped: Stopped | undefined;

    async function lane(): Promise<void> {
      for (const item of queue) {
        await parts.pace.next(batch.tenantId, signal);
        if (signal.aborted) return;
        const refused = await askFor({ ...turn, batchId: batch.id, apps }, batch, item);
        if (!refused) continue;
        stopped ??= refused;
        halting.abort();
      }
    }

    await Promise.all(Array.from({ length: atOnce }, lane));
    // A stopping process leaves the rest as it is: the next one tells that it was not started.
    if (stopped || !stopping.signal.aborted) await board.close(batch.id, stopped);
  }

  /** Why nothing more should be asked for, when that is what came of it. */
  async function askFor(turn: SyncTurn, batch: TokenBatch, item: SyncBatchItem): Promise<Stopped | undefined> {
    let started: StartedSync;
    try {
      started = await parts.startSync.start(turn, item.tokenId);
    } catch (error) {
      const outcome = error instanceof GraphError ? error.reason : 'unexpected';
      const about = { err: error, batchId: batch.id, correlationId: batch.correlationId, tokenId: item.tokenId };
      if (error instanceof GraphError) log.info(about, 'Graph refused a sync of a batch');
      else log.error(about, 'a sync of a batch could not be started');
      await board.put(batch.id, { ...item, outcome });
      return stoppedBy(error);
    }
    if (started.kind === 'coolingDown') {
      await board.put(batch.id, { ...item, outcome: started.kind });
    } else {
      parts.follower.follow(started.run, started.late);
      await board.put(batch.id, { ...item, running: true, joined: started.kind === 'joined' });
      const answer = await started.late;
      if (answer?.kind === 'refused') return stoppedBy(answer.error);
    }
    return undefined;
  }

  return {
    async begin(turn, tokens) {
      const { person, conversation, locale, messageId, cardId, correlationId } = turn;
      const batch: TokenBatch = {
        id: newOpaqueId(),
        tenantId: turn.session.tenantId,
        requester: person,
        ...{ conversation, locale, correlationId },
        ...(messageId && { messageId }),
        ...(cardId && { activityId: cardId }),
        startedAt: now(),
        items: tokens.map(({ id, name }) => ({ tokenId: id, name, joined: false })),
      };
      await batches.add(batch);
      const reply = board.open(batch, batch.items);
      const asked: Promise<void> = askForAll(turn, batch)
        .catch((error: unknown) => log.error({ err: error, batchId: batch.id }, 'a batch broke off'))
        .finally(() => going.delete(asked));
      going.add(asked);
      return reply;
    },
    async takeOver(batch) {
      const runs = new Map((await parts.runs.listOfBatch(batch.id)).map((run) => [run.tokenId, run]));
      const items = batch.items.map((item) => itemAfter(item, runs.get(item.tokenId)));
      const endedAt = batch.endedAt ?? findEnd([...runs.values()]);
      board.open(batch, items, endedAt === undefined ? {} : { endedAt });
      const isUnasked = items.some(({ outcome, running }) => outcome === undefined && !running);
      await board.close(batch.id, isUnasked ? (batch.stopped ?? { reason: 'restarted' }) : undefined);
    },
    async stop() {
      stopping.abort();
      await Promise.all(going);
    },
  };
}

/** When the last of them ended; undefined while one goes on. */
function findEnd(runs: readonly TokenRun[]): number | undefined {
  const ends = runs.map(({ endedAt }) => endedAt ?? Number.NaN);
  const last = Math.max(...ends);
  return Number.isFinite(last) ? last : undefined;
}

/** What became of a token as far as an earlier process stored it. */
function itemAfter(item: SyncBatchItem, run: TokenRun | undefined): BatchItem {
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
