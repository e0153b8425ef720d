import { type BatchReceipt, progressCard, summaryOfProgressCard } from '../cards/progress-card.ts';
import type { BatchCardRecord, CardRecords } from '../domain/card-record.ts';
import type { SyncBatch, SyncBatches } from '../domain/sync-batch.ts';
import type { EndedRun, Stopped } from '../domain/sync-run.ts';
import { type CardReply, conversationRoot, isTargeted, SendingError } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type BatchItem, endedItem, tallyOf } from './batch-item.ts';
import type { FindBatchReceipt } from './batch-receipt.ts';
import { type CardMessenger, type CardSent, cardEditEveryMs, mentionAfterMs } from './card-messenger.ts';
import { reportEnd } from './report-end.ts';
import type { RunReporter } from './run-reporter.ts';
import { tokenCardExpiresMs } from './token-view.ts';

interface BatchCardParts {
  readonly runtime: Runtime;
  readonly batches: SyncBatches;
  readonly records: CardRecords;
  readonly messenger: CardMessenger;
  readonly findReceipt: FindBatchReceipt;
  readonly cardSent: CardSent;
}

/** The one card of each batch: edited at Teams' pace while something changes, and once more at the end. */
export interface BatchCard extends RunReporter {
  /** Shows a batch from now on. `takenOver`: another process began it, and when it ended, if it did. */
  open(batch: SyncBatch, items: readonly BatchItem[], takenOver?: { readonly endedAt?: number }): CardReply;
  setCard(batchId: string, cardId: string): Promise<void>;
  /** Stores what became of one token, and shows it soon. */
  put(batchId: string, item: BatchItem): Promise<void>;
  /** Nothing more will be asked for: tokens that still wait were not started. */
  close(batchId: string, stopped?: Stopped): Promise<void>;
  /** Ids of the batches that are shown here. */
  list(): string[];
  /** Writes no more; batches stay stored for the next process. */
  stop(): Promise<void>;
}

export function createBatchCard({
  runtime,
  batches,
  records,
  messenger,
  findReceipt,
  cardSent,
}: BatchCardParts): BatchCard {
  const { now, wait, log } = runtime;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  const lives = new Map<string, LiveBatch>();
  const showing = new Set<Promise<void>>();

  async function write(live: LiveBatch): Promise<CardReply> {
    const { id, conversation, messageId } = live.batch;
    const reply = drawBatch(live, now());
    const written = await messenger.write(conversation, live.cardId, reply, messageId).finally(() => {
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

  /** Edits the card whenever something changed, and reports the end. */
  async function show(live: LiveBatch): Promise<void> {
    const { id } = live.batch;
    if (!live.isTakenOver) {
      await Promise.race([cardSent.waitFor(id), stopped]);
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
        log.error({ err: error, batchId: id }, 'the progress of a batch could not be shown');
      });
    }
    if (!stopping.signal.aborted) await report(live);
  }

  /** Stores the record behind the buttons of a batch that has ended, and resolves to its id. */
  async function recordButtons({ batch, items }: LiveBatch): Promise<string> {
    const at = now();
    const id = newOpaqueId();
    const failed = [...items.values()].filter(({ outcome }) => outcome !== 'completed' && outcome !== 'deleted');
    await records.add({
      id,
      kind: 'batch',
      conversationId: conversationRoot(batch.conversation.id),
      isTargeted: isTargeted(batch.conversation),
      payload: { failed: failed.map(({ tokenId }) => tokenId) } satisfies BatchCardRecord,
      createdAt: at,
      expiresAt: at + tokenCardExpiresMs,
    });
    return id;
  }

  async function untilEditable(live: LiveBatch, signal: AbortSignal): Promise<void> {
    const waitMs = live.lastEditAt + cardEditEveryMs - now();
    // A clock that was set back must not make the wait longer.
    if (waitMs > 0) await wait(Math.min(waitMs, cardEditEveryMs), signal);
  }

  async function report(live: LiveBatch): Promise<void> {
    const { id, startedAt, conversation, requester, messageId } = live.batch;
    const endedAt = live.endedAt ?? now();
    live.endedAt = endedAt;
    let writes = 0;
    const endReport = {
      endedAt,
      async complete() {
        live.receipt = await findReceipt(live.batch, stopping.signal);
      },
      async write() {
        // The first receipt goes out at once, however recent the last edit is.
        if (writes > 0) await untilEditable(live, stopping.signal);
        stopping.signal.throwIfAborted();
        writes += 1;
        await batches.end(id, endedAt);
        live.recordId ??= await recordButtons(live);
        return write(live);
      },
      markReported: () => batches.markReported(id, now()),
      async mention({ summary }: CardReply) {
        if (endedAt - startedAt <= mentionAfterMs) return;
        await messenger.mention(conversation, requester, summary, messageId ?? live.cardId);
      },
      mayBeOverwritten: () => live.mayBeOverwritten || live.isTakenOver,
      onFailure: (error: unknown, retryInMs: number) =>
        log.warn({ err: error, batchId: id, retryInMs }, 'the receipt of a batch is retried later'),
    };
    await reportEnd(endReport, stopping.signal, runtime).catch(async (error: unknown) => {
      log.error({ err: error, batchId: id }, 'the receipt of a batch could not be delivered');
      await batches.markReported(id, now());
    });
  }

  function onChange(live: LiveBatch): void {
    if (isDone(live)) live.done.abort();
    live.changed.resolve();
  }

  /** A batch whose progress cannot be stored must still come to its end on the card. */
  async function tryToStore(live: LiveBatch, store: () => Promise<void>): Promise<void> {
    await store().catch((error: unknown) =>
      log.error({ err: error, batchId: live.batch.id }, 'the progress of a batch could not be stored'),
    );
  }

  async function put(live: LiveBatch, item: BatchItem): Promise<void> {
    live.items.set(item.tokenId, item);
    await tryToStore(live, () => batches.putItem(live.batch.id, item));
    onChange(live);
  }

  async function showItem(run: EndedRun): Promise<void> {
    const live = run.batchId === undefined ? undefined : lives.get(run.batchId);
    const item = live?.items.get(run.tokenId);
    if (live && item) await put(live, endedItem(item, run));
  }

  return {
    setCard,
    open(batch, items, takenOver) {
      const live = createLiveBatch(batch, items, takenOver);
      lives.set(batch.id, live);
      const shown: Promise<void> = show(live)
        .catch((error: unknown) => log.error({ err: error, batchId: batch.id }, 'showing a batch failed'))
        .finally(() => {
          showing.delete(shown);
          if (!stopping.signal.aborted) lives.delete(batch.id);
        });
      showing.add(shown);
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
        await tryToStore(live, () => batches.markStopped(batchId, why));
      }
      await tryToStore(live, () => batches.endUnasked(batchId, 'notAsked'));
      for (const item of live.items.values()) {
        if (item.outcome === undefined && !item.running) live.items.set(item.tokenId, { ...item, outcome: 'notAsked' });
      }
      live.isClosed = true;
      onChange(live);
    },
    // The card shows how many run and for how long; a reading of one token changes neither.
    showProgress: () => undefined,
    showEnd: showItem,
    showStoredEnd: showItem,
    list: () => [...lives.keys()],
    async stop() {
      stopping.abort();
      await Promise.all(showing);
    },
  };
}

/** State of a batch while this process edits its card. Times are epoch milliseconds. */
interface LiveBatch {
  readonly batch: SyncBatch;
  readonly items: Map<string, BatchItem>;
  readonly isTakenOver: boolean;
  /** Aborted once every token has its outcome. */
  readonly done: AbortController;
  /** Resolved when something is to be shown that the last edit did not show. */
  changed: PromiseWithResolvers<void>;
  isClosed: boolean;
  cardId: string | undefined;
  stopped: Stopped | undefined;
  endedAt: number | undefined;
  receipt: BatchReceipt | undefined;
  /** Id of the record behind the buttons, once it has ended. */
  recordId: string | undefined;
  lastEditAt: number;
  /** An edit had no answer and may still arrive, after whatever is written next. */
  mayBeOverwritten: boolean;
}

function createLiveBatch(
  batch: SyncBatch,
  items: readonly BatchItem[],
  takenOver?: { readonly endedAt?: number },
): LiveBatch {
  return {
    batch,
    items: new Map(items.map((item) => [item.tokenId, item])),
    isTakenOver: takenOver !== undefined,
    done: new AbortController(),
    changed: Promise.withResolvers(),
    isClosed: false,
    cardId: batch.activityId,
    stopped: batch.stopped,
    endedAt: takenOver?.endedAt,
    receipt: undefined,
    recordId: undefined,
    lastEditAt: Number.NEGATIVE_INFINITY,
    mayBeOverwritten: false,
  };
}

const isDone = ({ isClosed, items }: LiveBatch): boolean =>
  isClosed && [...items.values()].every(({ outcome }) => outcome !== undefined);

function drawBatch(live: LiveBatch, now: number): CardReply {
  const { batch, items, stopped, endedAt, receipt, recordId } = live;
  const data = {
    locale: batch.locale,
    conversationKind: batch.conversation.kind,
    person: batch.requester.name,
    ...tallyOf([...items.values()]),
    ...(stopped && { stopped }),
    ...(receipt && { receipt }),
    ...(recordId !== undefined && { recordId }),
    elapsedMs: Math.max(0, (endedAt ?? now) - batch.startedAt),
    reference: batch.correlationId,
  };
  return { kind: 'card', card: progressCard(data), summary: summaryOfProgressCard(data), batchId: batch.id };
}
