import { newOpaqueId } from '../ids.ts';
import type { Alert } from './alert.ts';
import { covers } from './covers.ts';
import type { Subscribed } from './subscribe.ts';
import type { AlertDelivery } from './subscription.ts';

/**
 * What is open already and is to be told to who has just subscribed: all of it, or what they were not told of before. Each time
 * somebody subscribes these are other deliveries, whatever was told earlier.
 */
export function listStanding(
  open: readonly Alert[],
  { subscription, before, tellsAll }: Extract<Subscribed, { kind: 'subscribed' }>,
  now: number,
): AlertDelivery[] {
  const subscribing = newOpaqueId();
  return open
    .filter((alert) => covers(subscription, alert) && (tellsAll || !before || !covers(before, alert)))
    .map(({ id: alertId }) => ({
      id: newOpaqueId(),
      subscriptionId: subscription.id,
      key: `standing ${alertId} ${subscribing}`,
      body: { kind: 'alert', alertId, event: 'standing' },
      held: false,
      dueAt: now,
      attempts: 0,
    }));
}
