import { GraphError } from './graph-error.ts';

const windowMs = 20_000;

/** Graph's published limits for `vppToken`, per app and tenant in 20 s. */
export interface RateLimits {
  any: number;
  writes: number;
}

/** Counts in a sliding window. The function throws 429 for a request that is one too many, which is not counted. */
export function createRateLimit(limits: RateLimits, now: () => number) {
  const times = new Map<string, number[]>();
  const countRecent = (key: string) => {
    const recent = (times.get(key) ?? []).filter((at) => at > now() - windowMs);
    times.set(key, recent);
    return recent;
  };
  const check = (recent: readonly number[], limit: number) => {
    if (recent.length < limit) return;
    const freeInMs = (recent[recent.length - limit] ?? now()) + windowMs - now();
    const headers = { 'retry-after': String(Math.max(1, Math.ceil(freeInMs / 1000))) };
    throw new GraphError(429, 'TooManyRequests', 'Too many requests.', headers);
  };
  return (tenantId: string, isWrite: boolean) => {
    const any = countRecent(tenantId);
    const writes = countRecent(`${tenantId} writes`);
    check(any, limits.any);
    if (isWrite) check(writes, limits.writes);
    any.push(now());
    if (isWrite) writes.push(now());
  };
}
