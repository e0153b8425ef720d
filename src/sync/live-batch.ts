import { type BatchReceipt, progressCard, type Stopped, summaryOfProgressCard } from '../cards/progress-card.ts';
import type { CardReply } from '../domain/turn.ts';
import type { SyncBatch } from '../store/sync-batches.ts';
import { type BatchItem, tallyOf } from './batch-tally.ts';

export type TokenBatch = SyncBatch<Stopped>;

/** What this process knows of a batch whose card it writes. Times are epoch milliseconds. */
export interface LiveBatch {
  readonly batch: TokenBatch;
  readonly items: Map<string, BatchItem>;
  readonly done: AbortController;
  /** An earlier process began it. */
  readonly isTakenUp: boolean;
  changed: PromiseWithResolvers<void>;
  isClosed: boolean;
  cardId: string | undefined;
  stopped: Stopped | undefined;
  endedAt: number | undefined;
  receipt: BatchReceipt | undefined;
  lastEditAt: number;
  /** An edit had no answer and may still arrive, after whatever is written next. */
  mayBeOverwritten: boolean;
}

export function openLiveBatch(
  batch: TokenBatch,
  items: readonly BatchItem[],
  takenUp?: { readonly endedAt?: number },
): LiveBatch {
  return {
    batch,
    items: new Map(items.map((item) => [item.tokenId, item])),
    done: new AbortController(),
    isTakenUp: takenUp !== undefined,
    changed: Promise.withResolvers(),
    isClosed: false,
    cardId: batch.activityId,
    stopped: batch.stopped,
    endedAt: takenUp?.endedAt,
    receipt: undefined,
    lastEditAt: Number.NEGATIVE_INFINITY,
    mayBeOverwritten: false,
  };
}

export const isDone = ({ isClosed, items }: LiveBatch): boolean =>
  isClosed && [...items.values()].every(({ outcome }) => outcome !== undefined);

export function drawBatch(live: LiveBatch, now: number): CardReply {
  const { batch, items, stopped, endedAt, receipt } = live;
  const data = {
    locale: batch.locale,
    conversationKind: batch.conversation.kind,
    person: batch.requester.name,
    ...tallyOf([...items.values()]),
    ...(stopped && { stopped }),
    ...(receipt && { receipt }),
    elapsedMs: Math.max(0, (endedAt ?? now) - batch.startedAt),
    reference: batch.correlationId,
  };
  return { kind: 'card', card: progressCard(data), summary: summaryOfProgressCard(data), batchId: batch.id };
}
