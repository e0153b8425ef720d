import { passesByItself } from './monitoring-failure.ts';
import type { Observed } from './observe-token.ts';
import type { WatchedTenant } from './stores.ts';

/** One failed pass may be a hiccup; the second in a row is told. */
const brokenFrom = 2;

/** Whether monitoring a tenant is broken, as it stands after a pass, and whether somebody must mend it. */
export function observeMonitoring({ failedPasses, goodAt, failure }: WatchedTenant): Observed {
  const condition = 'monitoringBroken';
  if (failedPasses === 0) return { condition, is: 'absent', ending: 'resolved' };
  if (failedPasses < brokenFrom) return { condition, is: 'unknown' };
  const detail = { ...(goodAt !== undefined && { since: goodAt }), ...(failure && { failure }) };
  const stage = failure && passesByItself(failure) ? 'unanswered' : condition;
  return { condition, is: 'present', stage, detail };
}
