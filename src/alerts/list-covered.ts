import { covers } from './covers.ts';
import type { Alerts } from './stores.ts';
import type { AlertSubscription } from './subscription.ts';

/**
 * Those of these alerts that the subscription covers now. When they were queued, or written on a message, it may have covered more:
 * somebody who sees fewer tokens may have subscribed since.
 */
export const listCovered = async (
  alerts: Pick<Alerts, 'list'>,
  subscription: AlertSubscription,
  ids: readonly string[],
) => (await alerts.list(ids)).filter((alert) => covers(subscription, alert));
