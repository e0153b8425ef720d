import { daysBetween, findInstant } from '../cards/instant.ts';
import { staleAfterMs } from '../sync/token-health.ts';
import type { Alert } from './alert.ts';
import { ladders, rungOf } from './condition.ts';

type ExpiringStage = (typeof ladders.expiring)[number];
type StaleStage = (typeof ladders.syncStale)[number];

const dayMs = 86_400_000;
/** Most whole days left, as cards count them. */
const daysLeft: Readonly<Record<ExpiringStage, number>> = { d30: 30, d14: 14, d7: 7, d3: 3, d1: 1, d0: 0 };
/** Longer than this without a completed sync. */
const staleMs: Readonly<Record<StaleStage, number>> = { h36: staleAfterMs, h72: 2 * staleAfterMs };

/** The worst stage that holds of a token that ends at `expiresAt`, which is still to come. */
export const findExpiringStage = (now: number, expiresAt: number): ExpiringStage | undefined =>
  ladders.expiring.findLast((stage) => daysBetween(now, expiresAt) <= daysLeft[stage]);

/** The worst stage that holds of a token whose last completed sync was at `since`. */
export const findStaleStage = (now: number, since: number): StaleStage | undefined =>
  ladders.syncStale.findLast((stage) => now - since > staleMs[stage]);

/**
 * The first instant at which something worse than this alert's stage holds by the passing of time alone: its next stage, or the
 * expiry itself after the last stage of `expiring`. Undefined where time does not decide.
 */
export function findNextStageAt({ condition, stage, token, detail }: Alert): number | undefined {
  if (condition === 'expiring') {
    const expiresAt = findInstant(token?.expirationDateTime);
    const next = ladders.expiring[rungOf(condition, stage) + 1];
    return next === undefined || expiresAt === undefined ? expiresAt : expiresAt - (daysLeft[next] + 1) * dayMs + 1;
  }
  if (condition === 'syncStale') {
    const next = ladders.syncStale[rungOf(condition, stage) + 1];
    return next === undefined || detail.since === undefined ? undefined : detail.since + staleMs[next] + 1;
  }
  return undefined;
}
