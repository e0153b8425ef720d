import type { Stopped } from '../cards/progress-card.ts';
import { type CardReply, SendingError } from '../domain/turn.ts';
import type { SyncBatches } from '../store/sync-batches.ts';
import type { BatchItem } from './batch-tally.ts';
import { type CardWall, callBackAfterMs, cardEditEveryMs } from './card-wall.ts';
import { endedItem } from './ended-item.ts';
import type { FindBatchReceipt } from './find-batch-receipt.ts';
import type { KeepTryingParts } from './keep-trying.ts';
import { drawBatch, isDone, type LiveBatch, openLiveBatch, type TokenBatch } from './live-batch.ts';
import type { EndedRun, RunBoard } from './run-board.ts';
import { tell } from './tell.ts';

export interface BatchBoardParts extends KeepTryingParts {
  readonly batches: SyncBatches<Stopped>;
  readonly wall: CardWall;
  readonly findReceipt: FindBatchReceipt;
  /** Resolves once the batch's first card was sent, or could not be. */
  readonly cardSent: (batchId: string) => Promise<unknown>;
  readonly onEnd: (outcome: string, tenantId: string) => void;
  readonly log: { error(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** The one card of each batch: edited at Teams' pace while something changes, and once more at the end. */
export interface BatchBoard extends RunBoard {
  /** Shows a batch from now on. `takenUp`: an earlier process began it, and when it ended, if it did. */
  open(batch: TokenBatch, items: readonly BatchItem[], takenUp?: { readonly endedAt?: number }): CardReply;
  setCard(batchId: string, cardId: string): Promise<void>;
  /** What became of one token, stored and soon shown. */
  put(batchId: string, item: BatchItem): Promise<void>;
  /** Nothing more will be asked for: what still waits was not started. */
  close(batchId: string, stopped?: Stopped): Promise<void>;
  /** Ids of the batches that are shown here. */
  list(): string[];
  /** Writes no more; batches stay stored for the next process. */
  stop(): Promise<void>;
}

export function createBatchBoard(parts: BatchBoardParts): BatchBoard {
  const { batches, now, log } = parts;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  const lives = new Map<string, LiveBatch>();
  const painting = new Set<Promise<void>>();

  async function write(live: LiveBatch): Promise<CardReply> {
    const { id, conversation, messageId } = live.batch;
    const reply = drawBatch(live, now());
    const written = await parts.wall.write(conversation, live.cardId, reply, messageId).finally(() => {
      live.lastEditAt = now();
    });
    if (written !== undefined && written !== live.cardId) await setCard(id, written);
    return reply;
  }

  async function setCard(batchId: string, cardId: string): Promise<void> {
    const live = lives.get(batchId);
    if (live) live.cardId = cardId;
    await batches.setCard(batchId, cardId);
  }

  async function keepPainted(live: LiveBatch): Promise<void> {
    const { id } = live.batch;
    if (!live.isTakenUp) {
      await Promise.race([parts.cardSent(id), stopped]);
      live.lastEditAt = now();
    }
    const atOnce = AbortSignal.any([stopping.signal, live.done.signal]);
    while (!live.done.signal.aborted) {
      await Promise.race([live.changed.promise, stopped]);
      await untilEditable(live, atOnce);
      if (stopping.signal.aborted) return;
      if (live.done.signal.aborted) break;
      live.changed = Promise.withResolvers();
      await write(live).catch((error: unknown) => {
        live.mayBeOverwritten = error instanceof SendingError && error.mayBeTaken;
        log.error({ err: error, batchId: id }, 'the progress of a batch could not be written');
      });
    }
    if (!stopping.signal.aborted) await tellEnd(live);
  }

  async function untilEditable(live: LiveBatch, signal: AbortSignal): Promise<void> {
    const waitMs = live.lastEditAt + cardEditEveryMs - now();
    if (waitMs > 0) await parts.wait(Math.min(waitMs, cardEditEveryMs), signal);
  }

  async function tellEnd(live: LiveBatch): Promise<void> {
    const { id, startedAt, conversation, requester, messageId } = live.batch;
    const endedAt = live.endedAt ?? now();
    live.endedAt = endedAt;
    let writings = 0;
    const telling = {
      endedAt,
      async complete() {
        live.receipt = await parts.findReceipt(live.batch, stopping.signal);
      },
      async write() {
        // The first comes at once, whatever was written just before.
        if (writings > 0) await untilEditable(live, stopping.signal);
        stopping.signal.throwIfAborted();
        writings += 1;
        await batches.end(id, endedAt);
        return write(live);
      },
      markTold: () => batches.markTold(id, now()),
      async callBack({ summary }: CardReply) {
        if (endedAt - startedAt <= callBackAfterMs) return;
        await parts.wall.mention(conversation, requester, summary, messageId ?? live.cardId);
      },
      mayBeOverwritten: () => live.mayBeOverwritten || live.isTakenUp,
      onFailure: (error: unknown, retryInMs: number) =>
        log.warn({ err: error, batchId: id, retryInMs }, 'the end of a batch is told later'),
    };
    await tell(telling, stopping.signal, parts).catch(async (error: unknown) => {
      log.error({ err: error, batchId: id }, 'the end of a batch could not be told');
      await batches.markTold(id, now());
    });
  }

  function change(live: LiveBatch): void {
    if (isDone(live)) live.done.abort();
    live.changed.resolve();
  }

  /** The card goes on whatever the store does: a batch that could not be written down must still come to its end. */
  async function kept(live: LiveBatch, write: () => Promise<void>): Promise<void> {
    await write().catch((error: unknown) =>
      log.error({ err: error, batchId: live.batch.id }, 'what became of a batch could not be kept'),
    );
  }

  async function put(live: LiveBatch, item: BatchItem): Promise<void> {
    live.items.set(item.tokenId, item);
    await kept(live, () => batches.putItem(live.batch.id, item));
    change(live);
  }

  async function showItem(run: EndedRun): Promise<void> {
    const live = run.batchId === undefined ? undefined : lives.get(run.batchId);
    const item = live?.items.get(run.tokenId);
    if (live && item) await put(live, endedItem(item, run));
  }

  return {
    setCard,
    open(batch, items, takenUp) {
      const live = openLiveBatch(batch, items, takenUp);
      lives.set(batch.id, live);
      const painted: Promise<void> = keepPainted(live)
        .catch((error: unknown) => log.error({ err: error, batchId: batch.id }, 'showing a batch failed'))
        .finally(() => {
          painting.delete(painted);
          if (!stopping.signal.aborted) lives.delete(batch.id);
        });
      painting.add(painted);
      return drawBatch(live, now());
    },
    async put(batchId, item) {
      const live = lives.get(batchId);
      if (live) await put(live, item);
    },
    async close(batchId, why) {
      const live = lives.get(batchId);
      if (!live) return;
      if (why) {
        live.stopped = why;
        await kept(live, () => batches.markStopped(batchId, why));
      }
      await kept(live, () => batches.endUnasked(batchId, 'notAsked'));
      for (const item of live.items.values()) {
        if (item.outcome === undefined && !item.running) live.items.set(item.tokenId, { ...item, outcome: 'notAsked' });
      }
      live.isClosed = true;
      change(live);
    },
    // The card tells how many run and for how long whenever something changes; no single run moves it.
    showGoingOn: () => undefined,
    async showEnd(run) {
      parts.onEnd(run.outcome, run.tenantId);
      await showItem(run);
    },
    showStoredEnd: showItem,
    list: () => [...lives.keys()],
    async stop() {
      stopping.abort();
      await Promise.all(painting);
    },
  };
}
