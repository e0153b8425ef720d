/** At most `most` within `withinMs`. */
export interface Window {
  readonly most: number;
  readonly withinMs: number;
}

export interface SendWindows {
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
