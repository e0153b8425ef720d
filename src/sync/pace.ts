export interface PaceParts {
  /** So many may go at once after a rest. */
  readonly burst: number;
  readonly everyMs: number;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Pace {
  /** Resolves when the tenant's next may go, or at once when the signal aborts. */
  next(tenantId: string, signal: AbortSignal): Promise<void>;
}

/** Graph takes 100 writes of one app in one tenant in 20 s, from everybody together: this leaves half of them to others. */
export const writePace = { burst: 10, everyMs: 500 } as const;

/** Lets things happen in each tenant no faster than one every `everyMs`, after a burst. */
export function createPace({ burst, everyMs, now, wait }: PaceParts): Pace {
  const nextAt = new Map<string, number>();
  return {
    async next(tenantId, signal) {
      const at = Math.max(nextAt.get(tenantId) ?? 0, now());
      nextAt.set(tenantId, at + everyMs);
      const waitMs = at - (burst - 1) * everyMs - now();
      if (waitMs > 0) await wait(waitMs, signal);
    },
  };
}
