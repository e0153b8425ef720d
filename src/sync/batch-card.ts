import {
  type BatchReceipt,
  type ProgressCounts,
  progressCard,
  summaryOfProgressCard,
  type Trouble,
} from '../cards/progress-card.ts';
import { isSyncOutcome } from '../cards/token-phase.ts';
import { bySize, type Uncompared, wasStoppedAsking } from '../domain/licenses.ts';
import type { SyncBatch, SyncBatches, SyncBatchItem } from '../domain/sync-batch.ts';
import type { EndedRun, Stopped, SyncRuns, TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { type CardReply, SendingError } from '../domain/turn.ts';
import { type CardMessenger, callBackAfterMs, cardEditEveryMs, type KeepTryingParts, tell } from './card-messenger.ts';
import type { RunReporter } from './follow.ts';
import type { Licenses } from './licenses.ts';
import { isSeenToEnd, listChanges } from './token-view.ts';

interface BatchCardParts extends KeepTryingParts {
  readonly batches: SyncBatches<Stopped>;
  readonly wall: CardMessenger;
  readonly findReceipt: FindBatchReceipt;
  /** Resolves once the batch's first card was sent, or could not be. */
  readonly cardSent: (batchId: string) => Promise<unknown>;
  readonly onEnd: (outcome: string, tenantId: string) => void;
  readonly log: { error(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** The one card of each batch: edited at Teams' pace while something changes, and once more at the end. */
export interface BatchCard extends RunReporter {
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

export function createBatchCard(parts: BatchCardParts): BatchCard {
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
      markTold: () => batches.markReported(id, now()),
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
      await batches.markReported(id, now());
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

export type TokenBatch = SyncBatch<Stopped>;

/** What this process knows of a batch whose card it writes. Times are epoch milliseconds. */
interface LiveBatch {
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

function openLiveBatch(
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

const isDone = ({ isClosed, items }: LiveBatch): boolean =>
  isClosed && [...items.values()].every(({ outcome }) => outcome !== undefined);

function drawBatch(live: LiveBatch, now: number): CardReply {
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

/** A token of a batch: it has ended once it has an outcome, and waits until it runs. */
export interface BatchItem extends SyncBatchItem {
  readonly running?: true;
}

type Ending = 'completed' | Trouble['kind'];

/** Whatever is not named here, such as the reason of a refusal, counts as failed. */
const endings: Readonly<Record<string, Ending>> = {
  completed: 'completed',
  stuck: 'noResult',
  noResult: 'noResult',
  lost: 'noResult',
  notAsked: 'notStarted',
  notStarted: 'notStarted',
  stoppedAsking: 'notStarted',
  coolingDown: 'notStarted',
};
const endingOf = (outcome: string): Ending =>
  Object.hasOwn(endings, outcome) ? (endings[outcome] ?? 'failed') : 'failed';

const rank: Readonly<Record<Trouble['kind'], number>> = { failed: 0, noResult: 1, notStarted: 2 };

/** How far a batch is, and what did not complete: the largest trouble first, else in the order of the plan. */
export function tallyOf(items: readonly BatchItem[]): { counts: ProgressCounts; troubles: readonly Trouble[] } {
  const counts = { completed: 0, failed: 0, noResult: 0, notStarted: 0, running: 0, waiting: 0, joined: 0 };
  const troubles: Trouble[] = [];
  for (const { name, outcome, detail, joined, running } of items) {
    if (joined) counts.joined += 1;
    if (outcome === undefined) {
      counts[running ? 'running' : 'waiting'] += 1;
      continue;
    }
    const kind = endingOf(outcome);
    counts[kind] += 1;
    if (kind !== 'completed') troubles.push({ name, kind, outcome, ...(detail !== undefined && { detail }) });
  }
  return { counts, troubles: troubles.sort((one, other) => rank[one.kind] - rank[other.kind]) };
}

interface FindBatchReceiptParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'listOfBatch' | 'setLicenses'>;
  readonly licenses: Pick<Licenses, 'compare'>;
  readonly log: { error(fields: object, message: string): void };
}

type FindBatchReceipt = (
  batch: { readonly id: string; readonly items: readonly { readonly tokenId: string; readonly name: string }[] },
  signal: AbortSignal,
) => Promise<BatchReceipt>;

const nothingKnown: BatchReceipt = { changes: [], licenses: { compared: 0, notCompared: 0, approximate: false } };

/** What the syncs of a batch changed; the apps of all its tokens are listed once. Kept with the runs. Never rejects. */
export function createFindBatchReceipt({ runs, licenses, log }: FindBatchReceiptParts): FindBatchReceipt {
  return async ({ id, items }, signal) => {
    try {
      const all = await runs.listOfBatch(id);
      const uncompared = all.filter(isToCompare);
      const found = await licenses.compare(uncompared, signal);
      for (const [runId, compared] of signal.aborted ? [] : found) await runs.setLicenses(runId, compared);
      const known = all.map(
        (run) => ({ ...run, ...(found.has(run.id) && { licenses: found.get(run.id) }) }) as TokenRun,
      );
      return batchReceiptOf(known, new Map(items.map(({ tokenId, name }) => [tokenId, name])));
    } catch (error) {
      log.error({ err: error, batchId: id }, 'what a batch changed could not be found out');
      return nothingKnown;
    }
  };
}

function isToCompare(run: TokenRun): run is EndedRun {
  const { outcome, licenses, after, endedAt } = run;
  const isEnded = outcome !== undefined && after !== undefined && endedAt !== undefined;
  return isEnded && isSyncOutcome(outcome) && isSeenToEnd(outcome) && !licenses;
}

/** What a batch changed: what became of tokens themselves first, then of their apps, the largest change first. */
function batchReceiptOf(runs: readonly TokenRun[], names: ReadonlyMap<string, string>): BatchReceipt {
  const changes = runs.flatMap((run) =>
    listChanges(run).map((change) => ({ name: names.get(run.tokenId) ?? run.tokenId, change })),
  );
  changes.sort(({ change: one }, { change: other }) => {
    if (one.what === 'app' && other.what === 'app') return bySize(one, other);
    return Number(one.what === 'app') - Number(other.what === 'app');
  });
  return { changes, licenses: licensesOf(runs.filter(({ outcome }) => outcome === 'completed')) };
}

function licensesOf(completed: readonly TokenRun[]): BatchReceipt['licenses'] {
  const compared = completed.flatMap(({ licenses }) => (licenses?.kind === 'compared' ? [licenses] : []));
  const whys = new Set<Uncompared | undefined>(
    completed.flatMap(({ licenses }) => (licenses?.kind === 'compared' ? [] : [licenses?.why])),
  );
  const [why] = whys.size === 1 ? whys : [];
  return {
    compared: compared.length,
    notCompared: completed.length - compared.length,
    ...(why !== undefined && { why }),
    approximate: compared.some(({ approximate }) => approximate),
  };
}

/** A batch's token once its run has ended. The state of a token whose sync failed may be why. */
export function endedItem(item: BatchItem, run: TokenRun): BatchItem {
  const { tokenId, name } = item;
  const { joined, after } = run;
  const isStopped = run.outcome === 'notStarted' && wasStoppedAsking(run.licensesBefore);
  const isRefused = run.outcome === 'refusedLate';
  const ended = isRefused ? (run.refusal ?? 'refused') : (run.outcome ?? 'lost');
  const outcome = isStopped ? 'stoppedAsking' : ended;
  const detail = outcome === 'failed' && after && after.state !== 'valid' ? after.state : undefined;
  return { tokenId, name, joined, outcome, ...(detail !== undefined && { detail }) };
}
