export interface RateLimit {
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
