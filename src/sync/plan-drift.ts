import type { Drift } from '../cards/plan-card.ts';
import type { SyncPlan } from './plan-syncs.ts';

/** A token of a plan as the person saw it. */
export interface PlannedToken {
  readonly id: string;
  readonly name: string;
}

/**
 * How the set that would run differs between a plan and the same made anew; empty when exactly the planned tokens would run.
 * `names` are those of the new plan's tokens by id.
 */
export function driftBetween(
  planned: readonly PlannedToken[],
  anew: SyncPlan,
  names: ReadonlyMap<string, string>,
): Drift[] {
  const runs = new Set(anew.run.map(({ id }) => id));
  const skips = new Map(anew.skipped.map(({ token, reason }) => [token.id, reason]));
  const known = new Set(planned.map(({ id }) => id));
  return [
    ...planned
      .filter(({ id }) => !runs.has(id))
      .map(({ id, name }) => ({ name, what: skips.get(id) ?? ('gone' as const) })),
    ...anew.run
      .filter(({ id }) => !known.has(id))
      .map(({ id }) => ({ name: names.get(id) ?? id, what: 'added' as const })),
  ];
}
