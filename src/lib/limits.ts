interface RateLimit {
  /** Whether one more is within the limit. */
  hasRoom(key: string, now: number): boolean;
  /** The same; counts it when it is. */
  admit(key: string, now: number): boolean;
}

/** At most `most` in any `windowMs`, per key. Forgets keys once their window has passed; a clock set back starts afresh. */
export function createRateLimit(most: number, windowMs: number): RateLimit {
  const times = new Map<string, number[]>();
  let sweptAt = 0;

  function sweep(now: number): void {
    if (Math.abs(now - sweptAt) < windowMs) return;
    sweptAt = now;
    for (const [key, list] of times) {
      const last = list.at(-1) ?? 0;
      if (now - last >= windowMs || last > now) times.delete(key);
    }
  }

  const recent = (key: string, now: number) => (times.get(key) ?? []).filter((at) => now - at < windowMs && at <= now);

  return {
    hasRoom: (key, now) => recent(key, now).length < most,
    admit(key, now) {
      sweep(now);
      const list = recent(key, now);
      const admitted = list.length < most;
      if (admitted) list.push(now);
      times.set(key, list);
      return admitted;
    },
  };
}

/** At most `most` within `withinMs`. */
export interface Window {
  readonly most: number;
  readonly withinMs: number;
}

interface SendWindows {
  /** After how long one more fits into every window of this key; 0: now. Counts nothing. */
  roomInMs(key: string, windows: readonly Window[], now: number): number;
  count(key: string, now: number): void;
}

/** When something was sent, by key, for as long as `keptMs`. A clock set back starts afresh. */
export function createSendWindows(keptMs: number): SendWindows {
  const sent = new Map<string, number[]>();
  let sweptAt = 0;

  const recent = (key: string, now: number) => (sent.get(key) ?? []).filter((at) => at <= now && now - at < keptMs);

  function sweep(now: number): void {
    if (Math.abs(now - sweptAt) < keptMs) return;
    sweptAt = now;
    for (const key of sent.keys()) if (recent(key, now).length === 0) sent.delete(key);
  }

  return {
    roomInMs(key, windows, now) {
      const times = recent(key, now);
      const waits = windows.map(({ most, withinMs }) => {
        const decisive = times.at(-most);
        return decisive === undefined ? 0 : decisive + withinMs - now;
      });
      return Math.max(0, ...waits);
    },
    count(key, now) {
      sweep(now);
      sent.set(key, [...recent(key, now), now]);
    },
  };
}

interface PaceParts {
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
