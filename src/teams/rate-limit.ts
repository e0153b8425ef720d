export interface RateLimit {
  /** Whether one more is within the limit; counts it when it is. */
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

  return {
    admit(key, now) {
      sweep(now);
      const recent = (times.get(key) ?? []).filter((at) => now - at < windowMs && at <= now);
      const admitted = recent.length < most;
      if (admitted) recent.push(now);
      times.set(key, recent);
      return admitted;
    },
  };
}
