export interface CardSent {
  /** Called once a run's first card was sent, or could not be: then without an id. */
  announce(runId: string, cardId?: string): void;
  /** Resolves once that was announced, to the card's id, or after 20 s: a receipt must not wait for ever. */
  waitFor(runId: string): Promise<string | undefined>;
  /** Nobody will wait for it. */
  forget(runId: string): void;
}

const longestMs = 20_000;

/** A sync may end before its first card has left; its receipt then waits here for the card it is to be written on. */
export function createCardSent({ wait }: { wait: (ms: number, signal: AbortSignal) => Promise<void> }): CardSent {
  const announced = new Map<string, PromiseWithResolvers<string | undefined>>();

  function of(runId: string) {
    const known = announced.get(runId);
    if (known) return known;
    const fresh = Promise.withResolvers<string | undefined>();
    announced.set(runId, fresh);
    return fresh;
  }

  return {
    announce: (runId, cardId) => of(runId).resolve(cardId),
    async waitFor(runId) {
      const done = new AbortController();
      const cardId = await Promise.race([of(runId).promise, wait(longestMs, done.signal).then(() => undefined)]);
      done.abort();
      announced.delete(runId);
      return cardId;
    },
    forget: (runId) => void announced.delete(runId),
  };
}
