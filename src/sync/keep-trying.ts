import { SendingError } from '../domain/turn.ts';

export interface KeepTryingParts {
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
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

const firstMs = 5_000;
const longestMs = 15 * 60_000;

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
      const spreadMs = Math.min(longestMs, firstMs * 2 ** failures) * (0.75 + random() / 2);
      const retryInMs = Math.max(known?.retryAfterMs ?? 0, Math.round(spreadMs));
      if (now() + retryInMs > until) throw error;
      onFailure?.(error, retryInMs);
      await wait(retryInMs, signal);
    }
  }
  return false;
}
