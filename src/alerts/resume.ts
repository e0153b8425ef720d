import { newOpaqueId } from '../ids.ts';
import { planDeliveries } from './plan-deliveries.ts';
import type { AlertDeliveries, AlertSubscriptions, Alerts } from './stores.ts';

export interface ResumeParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'findOf' | 'resume'>;
  readonly alerts: Pick<Alerts, 'listOfTenant'>;
  readonly deliveries: Pick<AlertDeliveries, 'addAll'>;
  readonly now: () => number;
  readonly onQueued: () => void;
  readonly log: { info(fields: object, message: string): void };
}

/** Something came in from a conversation, known without its thread. */
export type Resume = (conversationId: string) => Promise<void>;

/**
 * A suspended subscription goes on once something comes in from its conversation: what is open is told in one digest, and what
 * ended meanwhile is edited on the messages that show it. For all others this is one look at the store.
 */
export function createResume(parts: ResumeParts): Resume {
  const { subscriptions, alerts, deliveries, now, onQueued, log } = parts;
  return async (conversationId) => {
    const found = await subscriptions.findOf(conversationId);
    if (!found?.suspended || found.removedAt !== undefined) return;
    const { suspended, ...subscription } = found;
    const known = await alerts.listOfTenant(subscription.tenantId, suspended.at);
    const events = known.map(
      (alert) => ({ kind: alert.endedAt === undefined ? 'standing' : 'changed', alert }) as const,
    );
    // Of this rest alone: the same state of an alert may have been told, or dropped, before it.
    const planned = planDeliveries(events, [subscription], now(), newOpaqueId).map((delivery) => ({
      ...delivery,
      key: `${delivery.key} after ${suspended.at}`,
    }));
    await deliveries.addAll(planned);
    if (!(await subscriptions.resume(conversationId))) return;
    log.info({ subscriptionId: subscription.id }, 'a suspended subscription goes on');
    onQueued();
  };
}
