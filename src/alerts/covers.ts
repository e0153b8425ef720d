import type { Alert } from './alert.ts';
import type { AlertSubscription } from './subscription.ts';

type Wish = Pick<AlertSubscription, 'tenantId' | 'covers' | 'events'>;

/** Whether a conversation wants to hear of an alert. That its tenant is not looked at any more concerns every conversation. */
export function covers(wish: Wish, { tenantId, tokenId, condition }: Alert): boolean {
  if (tenantId !== wish.tenantId) return false;
  if (condition === 'monitoringBroken') return true;
  return wish.events.includes(condition) && (wish.covers === 'all' || wish.covers.includes(tokenId));
}
