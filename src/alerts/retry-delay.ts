const firstMs = 2_000;
const longestMs = 30 * 60_000;
const dayMs = 24 * 60 * 60_000;

/** So many failed tries at these delays take a day: 34 min of doubling, then one every half hour. */
export const mostAttempts = 57;

/** When to try again after `attempts` earlier failures: Teams' own wish at the least, else longer every time; never at a round moment. */
export function retryDelayMs(attempts: number, retryAfterMs: number | undefined, random: () => number): number {
  const delayMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempts, 20)) * (0.8 + 0.4 * random());
  const wishedMs = retryAfterMs === undefined ? 0 : Math.min(retryAfterMs, dayMs) * (1 + 0.1 * random());
  return Math.ceil(Math.max(delayMs, wishedMs));
}
