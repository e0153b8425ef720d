import type { Alert } from '../../src/domain/alert.ts';
import type { AlertSubscription } from '../../src/domain/subscription.ts';
import { personOf, tenantId, tokenOf } from './turns.ts';

/** An open alert of token-1, whose sync failed at time 0. */
export const alertOf = (changes: Partial<Alert> = {}): Alert => ({
  id: 'alert-1',
  tenantId,
  tokenId: 'token-1',
  condition: 'syncFailed',
  stage: 'syncFailed',
  revision: 1,
  openedAt: 0,
  notifiedAt: 0,
  token: tokenOf('token-1'),
  detail: {},
  ...changes,
});

/** Ada's own, of every token and of what the changes say. */
export const subscriptionOf = (changes: Partial<AlertSubscription> = {}): AlertSubscription => ({
  id: 'subscription-1',
  tenantId,
  conversationId: '19:personal',
  owner: personOf('ada'),
  locale: 'en',
  scope: 'all',
  events: ['syncFailed', 'expiring', 'expired'],
  timeZone: 'Europe/Berlin',
  createdAt: 0,
  ...changes,
});
