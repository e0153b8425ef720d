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

/** Milliseconds a Retry-After header asks for, in seconds or as an HTTP date; undefined when absent or unreadable. */
export function retryAfterToMs(header: string | null, now: number): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d{1,9}(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  if (!/[a-z]/i.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
