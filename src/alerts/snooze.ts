import type { Alert } from './alert.ts';
import { hasEnded } from './flapping.ts';
import { findNextStageAt } from './timed-stages.ts';

const dayMs = 86_400_000;
const mostDays = 3;

/**
 * Silent about this alert for that many days, but not past the instant at which it gets worse: a worse stage ends the snooze, and so
 * does the end of the alert. `expired` cannot be snoozed. A later snooze takes the place of an earlier one.
 */
export function snooze(
  alert: Alert,
  by: string,
  days: 1 | typeof mostDays,
  now: number,
): { readonly alert: Alert } | { readonly refused: 'ended' | 'expired' } {
  if (hasEnded(alert)) return { refused: 'ended' };
  if (alert.condition === 'expired') return { refused: 'expired' };
  const worseAt = findNextStageAt(alert) ?? Number.POSITIVE_INFINITY;
  const until = Math.max(now, Math.min(now + days * dayMs, worseAt));
  return { alert: { ...alert, snoozed: { by, until }, revision: alert.revision + 1 } };
}

/** True as well when its end is further off than any snooze lasts: the clock was set back, which must not lengthen it. */
export const isSnoozeOver = ({ until }: { readonly until: number }, now: number): boolean =>
  now >= until || until - now > mostDays * dayMs;
