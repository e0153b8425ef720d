import type { CardReply } from '../domain/turn.ts';
import { type KeepTryingParts, keepTrying } from './keep-trying.ts';

/** The end of a sync, or of many, as far as telling it needs to know. */
export interface Telling {
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
const tellForMs = 24 * 60 * 60 * 1000;

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
