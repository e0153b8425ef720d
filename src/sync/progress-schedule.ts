const minuteMs = 60_000;

/** A sync that goes on for this long has its card say for how long. */
export const firstProgressMs = 10_000;

/** From one edit of a running sync's card to the next, when the one was `elapsedMs` after the sync began. */
export function nextProgressInMs(elapsedMs: number): number {
  if (elapsedMs < minuteMs) return 10_000;
  return elapsedMs < 5 * minuteMs ? 30_000 : minuteMs;
}
