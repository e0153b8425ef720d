import type { AlertSubscriptions, InAlertTransaction } from '../domain/alert-repositories.ts';
import { planDeliveries } from '../domain/subscription.ts';
import { newOpaqueId } from '../lib/ids.ts';

export interface ResumeParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'findByConversation'>;
  readonly inAlertTransaction: InAlertTransaction;
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
export function createResume({ subscriptions, inAlertTransaction, now, onQueued, log }: ResumeParts): Resume {
  return async (conversationId) => {
    const found = await subscriptions.findByConversation(conversationId);
    if (!found?.suspended || found.removedAt !== undefined) return;
    const { suspended, ...subscription } = found;
    const isResumed = await inAlertTransaction(async (book) => {
      // A pass may open an alert just now: either it finds this subscription going on, or its alert is found here.
      await book.tenants.lock(subscription.tenantId);
      const known = await book.alerts.listOfTenant(subscription.tenantId, suspended.at);
      const events = known.map(
        (alert) => ({ kind: alert.endedAt === undefined ? 'alreadyOpen' : 'changed', alert }) as const,
      );
      // Of this rest alone: the same state of an alert may have been told, or dropped, before it.
      const planned = planDeliveries(events, [subscription], now(), newOpaqueId).map((delivery) => ({
        ...delivery,
        key: `${delivery.key} after ${suspended.at}`,
      }));
      await book.deliveries.addAll(planned);
      return book.subscriptions.resume(conversationId);
    });
    if (!isResumed) return;
    log.info({ subscriptionId: subscription.id }, 'a suspended subscription goes on');
    onQueued();
  };
}
