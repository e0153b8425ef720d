import { type AlertEvent, isToldAloud } from './alert.ts';
import { severityOf } from './condition.ts';
import { covers } from './covers.ts';
import { quietUntil } from './quiet-hours.ts';
import type { AlertDelivery, AlertSubscription } from './subscription.ts';

/**
 * One delivery for every event and every subscription that covers its alert, in the order of the events. During quiet hours what
 * would sound, or may (`returned`), and is not critical is held until they end; edits notify nobody and go out at once, and so does what
 * a person has just asked for (`standing`).
 */
export function planDeliveries(
  events: readonly AlertEvent[],
  subscriptions: readonly AlertSubscription[],
  now: number,
  newId: () => string,
): AlertDelivery[] {
  return subscriptions.flatMap((subscription) => {
    const covered = events.filter(({ alert }) => covers(subscription, alert));
    if (covered.length === 0) return [];
    const { id: subscriptionId, quiet, timeZone } = subscription;
    const quietEnd = quiet && quietUntil(now, quiet, timeZone);
    return covered.map((event) => {
      const { alert, kind } = event;
      const held = quietEnd !== undefined && canWait(event);
      return {
        id: newId(),
        subscriptionId,
        key: `${alert.id} ${alert.revision} ${subscriptionId}`,
        body: { kind: 'alert', alertId: alert.id, event: kind },
        held,
        dueAt: held ? quietEnd : now,
        attempts: 0,
      };
    });
  });
}

const canWait = (event: AlertEvent) =>
  (isToldAloud(event) || event.kind === 'returned') &&
  event.kind !== 'standing' &&
  severityOf(event.alert.stage) !== 'critical';
