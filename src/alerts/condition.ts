/**
 * What can be wrong, each with the stages it may reach, the mildest first. `expiring`: days left; `syncStale`: hours since the last
 * completed sync; `licenses`: the worst app of the token. `monitoringBroken` is of a tenant, all others of a token: `unanswered` for
 * as long as its cause passes by itself, then that somebody must mend it.
 * Source: DESIGN §1 "Alerts"; Intune's own connector status warns at 7 days and after 1 day, and is unhealthy once expired and
 * after 3 days without a sync.
 */
export const ladders = {
  expired: ['expired'],
  invalid: ['invalid'],
  assignedToExternalMDM: ['assignedToExternalMDM'],
  duplicateLocationId: ['duplicateLocationId'],
  expiring: ['d30', 'd14', 'd7', 'd3', 'd1', 'd0'],
  syncFailed: ['syncFailed'],
  syncStuck: ['syncStuck'],
  syncStale: ['h36', 'h72'],
  licenses: ['low', 'usedUp'],
  monitoringBroken: ['unanswered', 'monitoringBroken'],
} as const;

export type Condition = keyof typeof ladders;
export type Stage = (typeof ladders)[Condition][number];
export type Severity = 'critical' | 'warning' | 'info';

/** Of conditions that a conversation may choose; that monitoring is broken is told to every subscribed one. */
export const chosenConditions = Object.keys(ladders).filter(
  (condition): condition is ChosenCondition => condition !== 'monitoringBroken',
);
export type ChosenCondition = Exclude<Condition, 'monitoringBroken'>;

const critical: ReadonlySet<Stage> = new Set([
  ...(['expired', 'invalid', 'assignedToExternalMDM', 'd1', 'd0', 'h72', 'unanswered', 'monitoringBroken'] as const),
]);
const info: ReadonlySet<Stage> = new Set(['d30', 'd14']);

/** Critical ones pass through quiet hours. */
export function severityOf(stage: Stage): Severity {
  if (critical.has(stage)) return 'critical';
  return info.has(stage) ? 'info' : 'warning';
}

/** Position of a stage on its condition's ladder, from 0; -1 for one that is not on it. */
export const rungOf = (condition: Condition, stage: Stage): number =>
  (ladders[condition] as readonly Stage[]).indexOf(stage);
