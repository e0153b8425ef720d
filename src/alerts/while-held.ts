export interface HoldParts {
  /** False when somebody else holds it by now. */
  readonly keep: () => Promise<boolean>;
  readonly everyMs: number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called when it is somebody else's. */
  readonly onLost: () => void;
}

/** Does work that a claim allows, and holds on to the claim until it has ended. */
export async function whileHeld<T>({ keep, everyMs, wait, onLost }: HoldParts, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();

  async function hold(): Promise<void> {
    for (;;) {
      await wait(everyMs, done.signal);
      if (done.signal.aborted) return;
      // With the store away for a moment nobody can take it over either; the end of the work tells.
      if (await keep().catch(() => true)) continue;
      return onLost();
    }
  }

  const holding = hold();
  try {
    return await work();
  } finally {
    done.abort();
    await holding;
  }
}
