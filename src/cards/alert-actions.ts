import type { Alert, Condition } from '../domain/alert.ts';

/** In the order shown. */
export type AlertAction = 'syncNow' | 'renew' | 'acknowledge' | 'snooze';

export const alertVerbs: Readonly<Record<AlertAction, string>> = {
  syncNow: 'alert/sync',
  renew: 'alert/renew',
  acknowledge: 'alert/acknowledge',
  snooze: 'alert/snooze',
};

// A sync cannot work with the first three, and a new token file mends only what an old one broke.
const notSynced: ReadonlySet<Condition> = new Set(['expired', 'invalid', 'assignedToExternalMDM', 'monitoringBroken']);
const renewed: ReadonlySet<Condition> = new Set(['expired', 'invalid', 'expiring']);

/** What makes sense to do about an alert. Nothing about one that has ended. */
export function actionsOf({ condition, endedAt, acknowledged }: Alert): AlertAction[] {
  if (endedAt !== undefined) return [];
  return [
    ...(notSynced.has(condition) ? [] : (['syncNow'] as const)),
    ...(renewed.has(condition) ? (['renew'] as const) : []),
    ...(acknowledged ? [] : (['acknowledge'] as const)),
    ...(condition === 'expired' ? [] : (['snooze'] as const)),
  ];
}
