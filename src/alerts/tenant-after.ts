import type { FailedReading } from '../domain/alert-observations.ts';
import type { WatchedTenant } from '../domain/alert-repositories.ts';
import type { Look } from './look.ts';

export interface PassTimes {
  readonly startedAt: number;
  readonly now: number;
  readonly intervalMs: number;
  /** From 0 up to 1. */
  readonly chance: number;
}

const licensesEveryMs = 24 * 60 * 60 * 1000;
/** A time Graph asks for is kept to, within reason. */
const longestRestMs = 60 * 60 * 1000;

/** Licences are read daily, and whenever they were asked for or could not be read; also when the clock was set back. */
export function areLicensesDue({ licensesAt }: WatchedTenant, now: number): boolean {
  return licensesAt === undefined || now < licensesAt || now - licensesAt >= licensesEveryMs;
}

/** How a pass went, as it is kept. The next one begins an interval after this one began, a twentieth more or less. */
export function tenantAfter(before: WatchedTenant, look: Look, times: PassTimes): WatchedTenant {
  const { now } = times;
  const failed = look.kind === 'failed' ? look : look.licenses;
  const licensesAt = look.kind === 'seen' && look.apps ? now : before.licensesAt;
  const kept = {
    tenantId: before.tenantId,
    dueAt: nextAt(times, failed),
    passedAt: now,
    ...(licensesAt !== undefined && { licensesAt }),
  };
  if (!failed) return { ...kept, goodAt: now, failedPasses: 0 };
  return {
    ...kept,
    ...(before.goodAt !== undefined && { goodAt: before.goodAt }),
    failedPasses: before.failedPasses + 1,
    failure: failed.failure,
  };
}

function nextAt({ startedAt, now, intervalMs, chance }: PassTimes, failed: FailedReading | undefined): number {
  const regular = startedAt + Math.round(intervalMs * (0.95 + 0.1 * chance));
  return Math.max(regular, now + Math.min(failed?.retryAfterMs ?? 0, longestRestMs));
}
