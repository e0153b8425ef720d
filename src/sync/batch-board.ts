import { progressCard, type Stopped, summaryOfProgressCard } from '../cards/progress-card.ts';
import type { SyncBatch, SyncBatches } from '../store/sync-batches.ts';
import type { CardReply } from '../turn.ts';
import { type BatchItem, tallyOf } from './batch-tally.ts';
import { endedItem } from './ended-item.ts';
import { type CardWall, callBackAfterMs } from './receipt-board.ts';
import type { RunBoard } from './run-board.ts';

export type TokenBatch = SyncBatch<Stopped>;

export interface BatchBoardParts {
  readonly batches: SyncBatches<Stopped>;
  readonly wall: CardWall;
  /** Resolves once the batch's first card was sent, or could not be. */
  readonly cardSent: (batchId: string) => Promise<void>;
  readonly onEnd: (outcome: string) => void;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Teams wants no message edited more often than every 2 to 3 s. */
  readonly editEveryMs: number;
  readonly log: { error(fields: object, message: string): void };
}

/** The one card of each batch: edited at that pace while something changes, and once more at the end. */
export interface BatchBoard extends RunBoard {
  /** Shows a batch from now on. `isSettled`: whether its first card was ever sent is known already. */
  open(batch: TokenBatch, items: readonly BatchItem[], options?: { readonly isSettled: boolean }): CardReply;
  setCard(batchId: string, cardId: string): Promise<void>;
  /** What became of one token, stored and soon shown. */
  put(batchId: string, item: BatchItem): Promise<void>;
  /** Nothing more will be asked for: what still waits was not started. */
  close(batchId: string, stopped?: Stopped): Promise<void>;
  /** Writes no more; batches stay stored for the next process. */
  stop(): Promise<void>;
}

/** Teams' own advice for cards that show progress. */
export const cardEditEveryMs = 3_000;

interface Live {
  readonly batch: TokenBatch;
  readonly items: Map<string, BatchItem>;
  readonly done: AbortController;
  changed: PromiseWithResolvers<void>;
  isClosed: boolean;
  cardId: string | undefined;
  stopped: Stopped | undefined;
}

export function createBatchBoard(parts: BatchBoardParts): BatchBoard {
  const { batches, now, log } = parts;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  const lives = new Map<string, Live>();
  const painting = new Set<Promise<void>>();

  function draw({ batch, items, stopped: why }: Live): CardReply {
    const data = {
      locale: batch.locale,
      person: batch.requester.name,
      ...tallyOf([...items.values()]),
      ...(why && { stopped: why }),
      elapsedMs: Math.max(0, now() - batch.startedAt),
      reference: batch.correlationId,
    };
    return { kind: 'card', card: progressCard(data), summary: summaryOfProgressCard(data), batchId: batch.id };
  }

  async function write(live: Live, reply: CardReply): Promise<void> {
    const { id, conversation, messageId } = live.batch;
    try {
      const written = await parts.wall.write(conversation, live.cardId, reply, messageId);
      if (written !== undefined && written !== live.cardId) await setCard(id, written);
    } catch (error) {
      log.error({ err: error, batchId: id }, 'the progress of a batch could not be written');
    }
  }

  async function setCard(batchId: string, cardId: string): Promise<void> {
    const live = lives.get(batchId);
    if (live) live.cardId = cardId;
    await batches.setCard(batchId, cardId);
  }

  async function keepPainted(live: Live, isSettled: boolean): Promise<void> {
    const { id } = live.batch;
    if (!isSettled) await Promise.race([parts.cardSent(id), stopped]);
    let writtenAt = isSettled ? Number.NEGATIVE_INFINITY : now();
    const atOnce = AbortSignal.any([stopping.signal, live.done.signal]);
    while (!live.done.signal.aborted) {
      await Promise.race([live.changed.promise, stopped]);
      const waitMs = writtenAt + parts.editEveryMs - now();
      if (waitMs > 0) await parts.wait(waitMs, atOnce);
      if (stopping.signal.aborted) return;
      if (live.done.signal.aborted) break;
      live.changed = Promise.withResolvers();
      await write(live, draw(live));
      writtenAt = now();
    }
    if (!stopping.signal.aborted) await finish(live);
  }

  async function finish(live: Live): Promise<void> {
    const { id, startedAt, conversation, requester, messageId } = live.batch;
    const reply = draw(live);
    const endedAt = now();
    await write(live, reply);
    lives.delete(id);
    if (!(await batches.end(id, endedAt)) || endedAt - startedAt <= callBackAfterMs) return;
    await parts.wall.mention(conversation, requester, reply.summary, messageId ?? live.cardId);
  }

  function change(live: Live): void {
    const isDone = live.isClosed && [...live.items.values()].every(({ outcome }) => outcome !== undefined);
    if (isDone) live.done.abort();
    live.changed.resolve();
  }

  async function put(live: Live, item: BatchItem): Promise<void> {
    live.items.set(item.tokenId, item);
    await batches.putItem(live.batch.id, item);
    change(live);
  }

  return {
    setCard,
    open(batch, items, { isSettled } = { isSettled: false }) {
      const live: Live = {
        batch,
        items: new Map(items.map((item) => [item.tokenId, item])),
        done: new AbortController(),
        changed: Promise.withResolvers(),
        isClosed: false,
        cardId: batch.activityId,
        stopped: batch.stopped,
      };
      lives.set(batch.id, live);
      const painted: Promise<void> = keepPainted(live, isSettled)
        .catch((error: unknown) => log.error({ err: error, batchId: batch.id }, 'showing a batch failed'))
        .finally(() => painting.delete(painted));
      painting.add(painted);
      return draw(live);
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
        await batches.markStopped(batchId, why);
      }
      await batches.endUnasked(batchId, 'notAsked');
      for (const item of live.items.values()) {
        if (item.outcome === undefined && !item.running) live.items.set(item.tokenId, { ...item, outcome: 'notAsked' });
      }
      live.isClosed = true;
      change(live);
    },
    async showEnd(run) {
      parts.onEnd(run.outcome);
      const live = run.batchId === undefined ? undefined : lives.get(run.batchId);
      const item = live?.items.get(run.tokenId);
      if (!live || !item) return;
      await put(live, endedItem(item, run)).catch((error: unknown) =>
        log.error({ err: error, runId: run.id }, 'the end of a sync could not be kept in its batch'),
      );
    },
    async stop() {
      stopping.abort();
      await Promise.all(painting);
    },
  };
}
