import { type CardReply, type ConversationReference, type Person, SendingError } from '../domain/turn.ts';
import { within } from '../lib/async.ts';
import { backOffMs, withJitter } from '../lib/retry.ts';
import { dayMs, minuteMs } from '../lib/time.ts';

/** The end of a sync, or of many, as far as telling it needs to know. */
interface Telling {
  readonly endedAt: number;
  /** Finds out what the receipt can be written without. Must not reject. */
  readonly complete: () => Promise<void>;
  /** Writes the receipt with what is known by then. */
  readonly write: () => Promise<CardReply>;
  /** True for the one caller who marked it first. */
  readonly markTold: () => Promise<boolean>;
  /** One line that mentions whoever waited; nothing for those who did not wait long. */
  readonly callBack: (receipt: CardReply) => Promise<void>;
  /** Whether an earlier edit of the card may still arrive and overwrite the receipt. */
  readonly mayBeOverwritten: () => boolean;
  readonly onFailure: (error: unknown, retryInMs: number) => void;
}

/** So long the receipt waits to be complete; then it is written as it is, and once more when it is complete. */
const completeWithinMs = 750;
/** An edit without an answer has arrived by then, or never will. */
const lateEditMs = 10_000;
/** Longer than an outage of Teams lasts. */
const tellForMs = dayMs;

/**
 * Tells an end: the receipt on its card, then the line that calls back. Each is tried again for a day while Teams is away; rejects
 * when Teams refuses the receipt for good.
 * "Told" is stored between the two: a process that dies right there leaves the line out rather than saying it twice. Until
 * then any process may tell the end again, on the same card. Ends early, and leaves the rest to the next process, when the signal
 * aborts.
 */
export async function tell(telling: Telling, signal: AbortSignal, parts: KeepTryingParts): Promise<void> {
  const trying = { signal, until: telling.endedAt + tellForMs, onFailure: telling.onFailure };
  const untilDone = (work: () => Promise<void>) => keepTrying(work, trying, parts);
  let known = 'some';
  const completing = telling.complete().then(() => {
    known = 'all';
  });
  await Promise.race([completing, parts.wait(completeWithinMs, signal)]);

  let written = '';
  let receipt: CardReply | undefined;
  while (written !== known) {
    const isWritten = await untilDone(async () => {
      const what = known;
      receipt = await telling.write();
      written = what;
    });
    if (!isWritten) return;
    await completing;
    if (signal.aborted) return;
  }

  let isFirst = false;
  const isMarked = await untilDone(async () => {
    isFirst = await telling.markTold();
  });
  if (!isMarked) return;
  const line = receipt;
  if (isFirst && line) await keepTrying(() => telling.callBack(line), { ...trying, isOnceAtMost: true }, parts);
  if (!telling.mayBeOverwritten()) return;
  await parts.wait(lateEditMs, signal);
  await untilDone(async () => {
    await telling.write();
  });
}

export interface KeepTryingParts {
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random?: () => number;
}

export interface Trying {
  /** Epoch milliseconds after which it is not tried any more. */
  readonly until: number;
  /** Aborted: it is left as it is, for the next process. */
  readonly signal: AbortSignal;
  /** What may have been said must not be said again. */
  readonly isOnceAtMost?: boolean;
  readonly onFailure?: (error: unknown, retryInMs: number) => void;
}

const backOff = { firstMs: 5_000, longestMs: 15 * minuteMs };

/**
 * Does it until it is done: again after 5 s, then twice as long each time up to a quarter of an hour, spread by a quarter, and never
 * before Teams said. False when the signal aborted first. Rejects with the last failure when `until` has passed or when
 * trying again cannot help; a failure of our own, such as of the store, counts as passing.
 */
export async function keepTrying(
  work: () => Promise<void>,
  { until, signal, isOnceAtMost = false, onFailure }: Trying,
  { now, wait, random = Math.random }: KeepTryingParts,
): Promise<boolean> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) break;
      const known = error instanceof SendingError ? error : undefined;
      if (known && (known.fault !== 'passing' || (isOnceAtMost && known.mayBeTaken))) throw error;
      const retryInMs = Math.max(known?.retryAfterMs ?? 0, withJitter(backOffMs(failures, backOff), random));
      if (now() + retryInMs > until) throw error;
      onFailure?.(error, retryInMs);
      await wait(retryInMs, signal);
    }
  }
  return false;
}

export interface CardSent {
  /** Called once a run's first card was sent, or could not be: then without an id. */
  record(runId: string, cardId?: string): void;
  /** Resolves once that was announced, to the card's id, or after 20 s: a receipt must not wait for ever. */
  waitFor(runId: string): Promise<string | undefined>;
  /** Nobody will wait for it. */
  forget(runId: string): void;
}

const longestWaitForCardMs = 20_000;

/** A sync may end before its first card has left; its receipt then waits here for the card it is to be written on. */
export function createCardSent({ wait }: { wait: (ms: number, signal?: AbortSignal) => Promise<void> }): CardSent {
  const announced = new Map<string, PromiseWithResolvers<string | undefined>>();

  function of(runId: string) {
    const known = announced.get(runId);
    if (known) return known;
    const fresh = Promise.withResolvers<string | undefined>();
    announced.set(runId, fresh);
    return fresh;
  }

  return {
    record: (runId, cardId) => of(runId).resolve(cardId),
    async waitFor(runId) {
      const cardId = await within(longestWaitForCardMs, of(runId).promise, wait);
      announced.delete(runId);
      return cardId;
    },
    forget: (runId) => void announced.delete(runId),
  };
}

/** Where cards stand and can be written anew; implemented by src/teams. Rejects with a SendingError. */
export interface CardMessenger {
  /** Writes on the card, or sends a new one when there is none or it is gone. Resolves to the card's id. */
  write(
    conversation: ConversationReference,
    cardId: string | undefined,
    reply: CardReply,
    replyToId?: string,
  ): Promise<string | undefined>;
  /** Writes on the card or does not, tried once: for what is overtaken soon. In order with all else that is written on it. */
  tryWriting(conversation: ConversationReference, cardId: string, reply: CardReply): Promise<void>;
  /** One line that mentions a person, because edits notify nobody. */
  mention(conversation: ConversationReference, person: Person, text: string, replyToId?: string): Promise<void>;
}

/** Teams' own advice for cards that show progress. */
export const cardEditEveryMs = 3_000;

/** People look away from what takes longer than this; then they are called back. */
export const callBackAfterMs = 30_000;
