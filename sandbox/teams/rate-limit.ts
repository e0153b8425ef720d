export interface RateWindow {
  readonly most: number;
  readonly withinMs: number;
}

/** Teams' published limits for one bot in one thread. Source: facts/teams-platform.md §3. */
export const sendLimits: readonly RateWindow[] = [
  { most: 7, withinMs: 1000 },
  { most: 8, withinMs: 2000 },
  { most: 60, withinMs: 30_000 },
  { most: 1800, withinMs: 3_600_000 },
];

export const readLimits: readonly RateWindow[] = [
  { most: 14, withinMs: 1000 },
  { most: 16, withinMs: 2000 },
  { most: 120, withinMs: 30_000 },
  { most: 3600, withinMs: 3_600_000 },
];

/** Sliding windows by key. What is refused does not count. */
export function createRateLimit(windows: readonly RateWindow[], now: () => number) {
  const taken = new Map<string, number[]>();
  const longestMs = Math.max(...windows.map((each) => each.withinMs));
  return {
    /** Undefined when there is room, which is then taken; else the whole seconds after which there will be. */
    take(key: string): number | undefined {
      const at = now();
      const times = (taken.get(key) ?? []).filter((time) => at - time < longestMs);
      taken.set(key, times);
      const waits = windows.map(({ most, withinMs }) => {
        const decisive = times.at(-most);
        return times.length < most || decisive === undefined ? 0 : decisive + withinMs - at;
      });
      const waitMs = Math.max(...waits);
      if (waitMs > 0) return Math.ceil(waitMs / 1000);
      times.push(at);
      return undefined;
    },
  };
}
