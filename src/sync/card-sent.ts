export interface CardSent {
  /** Called once a run's first card was sent, or could not be. */
  announce(runId: string): void;
  /** Resolves once that was announced, or after 20 s: a receipt must not wait for ever. */
  waitFor(runId: string): Promise<void>;
}

const longestMs = 20_000;

/** A sync may end before its first card has left; its receipt then waits here for the card it is to be written on. */
export function createCardSent({ wait }: { wait: (ms: number, signal: AbortSignal) => Promise<void> }): CardSent {
  const announced = new Map<string, { promise: Promise<void>; resolve: () => void }>();

  function of(runId: string) {
    const known = announced.get(runId);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    const fresh = { promise, resolve };
    announced.set(runId, fresh);
    return fresh;
  }

  return {
    announce: (runId) => of(runId).resolve(),
    async waitFor(runId) {
      const done = new AbortController();
      await Promise.race([of(runId).promise, wait(longestMs, done.signal)]);
      done.abort();
      announced.delete(runId);
    },
  };
}
