import { dayMs, minuteMs } from './time.ts';

/** Spreads by a quarter to either side, so that many callers do not come back together. `random` is in [0, 1). */
export const withJitter = (ms: number, random: () => number): number => Math.round(ms * (0.75 + random() * 0.5));

/** Milliseconds to wait after `failures` earlier ones in a row: `firstMs`, then twice as long each time, up to `longestMs`. */
export function backOffMs(failures: number, { firstMs, longestMs }: { firstMs: number; longestMs: number }): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
}

const backOff = { firstMs: 2_000, longestMs: 30 * minuteMs };

/** This many failed attempts at `retryDelayMs` take a day: 34 min of doubling, then one every half hour. */
export const mostAttempts = 57;

/**
 * Milliseconds to wait after `attempts` earlier failures, longer every time. A Retry-After is waited for in full, and a little beyond
 * it, so that those who were throttled together do not return together.
 */
export function retryDelayMs(attempts: number, retryAfterMs: number | undefined, random: () => number): number {
  const delayMs = withJitter(backOffMs(attempts, backOff), random);
  const askedMs = Math.min(retryAfterMs ?? 0, longestRetryAfterMs) * (1 + 0.1 * random());
  return Math.ceil(Math.max(delayMs, askedMs));
}

/** Whoever asks for more has a fault of their own: Teams' longest limit is an hour's. */
const longestRetryAfterMs = dayMs;

/**
 * Milliseconds that a Retry-After header asks for, in seconds or as an HTTP date, a day at most; undefined when absent or unreadable.
 * Source: RFC 9110, section 10.2.3.
 */
export function retryAfterToMs(header: string | null, now: number): number | undefined {
  const askedMs = askedForMs(header?.trim() ?? '', now);
  return askedMs === undefined ? undefined : Math.min(askedMs, longestRetryAfterMs);
}

function askedForMs(value: string, now: number): number | undefined {
  if (/^\d{1,9}(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  if (!/[a-z]/i.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
