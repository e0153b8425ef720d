import type { Alert } from './alert.ts';
import { hasEnded } from './flapping.ts';

/**
 * Somebody takes the alert; who takes it later takes it over. It silences nothing.
 * Undefined when there is nothing to change: it has ended, or is theirs already.
 */
export function acknowledge(alert: Alert, by: string, now: number): Alert | undefined {
  if (hasEnded(alert) || alert.acknowledged?.by === by) return undefined;
  return { ...alert, acknowledged: { by, at: now }, revision: alert.revision + 1 };
}
