import { type CardReply, SendingError } from '../domain/turn.ts';
import { backOffMs, withJitter } from '../lib/retry.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs, minuteMs } from '../lib/time.ts';

/** The end of a sync or of a batch, as far as its report needs to know. */
export interface EndReport {
  /** Epoch milliseconds. */
  readonly endedAt: number;
  /** Finds out what the receipt can be written without. Must not reject. */
  readonly complete: () => Promise<void>;
  /** Writes the receipt on the card with what is known by then. */
  readonly write: () => Promise<CardReply>;
  /** True for the one caller who marked it first. */
  readonly markReported: () => Promise<boolean>;
  /** Posts one line that mentions whoever waited; posts nothing after a short wait. */
  readonly mention: (receipt: CardReply) => Promise<void>;
  /** True while an earlier edit of the card may still arrive and overwrite the receipt. */
  readonly mayBeOverwritten: () => boolean;
  readonly onFailure: (error: unknown, retryInMs: number) => void;
}

/** The receipt waits this long for `complete`; then it is written as it is, and once more when it is complete. */
const completeWithinMs = 750;
/** An edit without an answer has arrived by then, or never will. */
const lateEditMs = 10_000;
/** Longer than an outage of Teams lasts. */
const retryForMs = dayMs;

/**
 * Writes the receipt on its card, then mentions whoever waited. Each is retried for a day while Teams is away; rejects when Teams
 * refuses the receipt for good. Returns early, and leaves the rest to the next process, when the signal aborts.
 *
 * The end is marked as reported between the two: a process that dies there leaves the mention out instead of posting it twice.
 * Until then any process may report the end again, on the same card.
 */
export async function reportEnd(report: EndReport, signal: AbortSignal, runtime: Runtime): Promise<void> {
  const options = { signal, until: report.endedAt + retryForMs, onFailure: report.onFailure };
  const untilDone = (work: () => Promise<void>) => keepTrying(work, options, runtime);
  let receipt: CardReply | undefined;
  let isComplete = false;
  let isWrittenComplete = false;

  async function write(): Promise<void> {
    const isNowComplete = isComplete;
    receipt = await report.write();
    isWrittenComplete = isNowComplete;
  }

  const completing = report.complete().then(() => {
    isComplete = true;
  });
  await Promise.race([completing, runtime.wait(completeWithinMs, signal)]);
  if (!(await untilDone(write))) return;
  if (!isWrittenComplete) {
    await completing;
    if (!(await untilDone(write))) return;
  }

  let isFirst = false;
  const isMarked = await untilDone(async () => {
    isFirst = await report.markReported();
  });
  if (!isMarked) return;
  const written = receipt;
  if (isFirst && written) await keepTrying(() => report.mention(written), { ...options, isOnceAtMost: true }, runtime);
  if (!report.mayBeOverwritten()) return;
  await runtime.wait(lateEditMs, signal);
  await untilDone(write);
}

export interface KeepTryingOptions {
  /** Epoch milliseconds after which it is not tried any more. */
  readonly until: number;
  /** Once aborted, the work is left as it is for the next process. */
  readonly signal: AbortSignal;
  /** Set where a message must not be posted twice: then nothing is retried that Teams may have taken. */
  readonly isOnceAtMost?: boolean;
  readonly onFailure?: (error: unknown, retryInMs: number) => void;
}

const backOff = { firstMs: 5_000, longestMs: 15 * minuteMs };

/**
 * Repeats the work until it succeeds: after 5 s, then twice as long each time up to a quarter of an hour, spread by a quarter, and
 * never before Retry-After. Resolves to false when the signal aborted first. Rejects with the last failure when `until` has passed
 * or when a retry cannot help; a failure of our own, such as of the store, counts as passing.
 */
export async function keepTrying(
  work: () => Promise<void>,
  { until, signal, isOnceAtMost = false, onFailure }: KeepTryingOptions,
  { now, wait, random }: Runtime,
): Promise<boolean> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) break;
      const known = error instanceof SendingError ? error : undefined;
      if (known && (known.fault !== 'passing' || (isOnceAtMost && known.mayBeTaken))) throw error;
      const leftMs = until - now();
      if (leftMs <= 0) throw error;
      const waitMs = Math.max(known?.retryAfterMs ?? 0, withJitter(backOffMs(failures, backOff), random));
      // However long Teams asks to wait, there is a last try at the end.
      const retryInMs = Math.min(waitMs, leftMs);
      onFailure?.(error, retryInMs);
      await wait(retryInMs, signal);
    }
  }
  return false;
}
