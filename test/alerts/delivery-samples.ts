import type { Alert, AlertEventKind } from '../../src/domain/alert.ts';
import type { AlertMessage } from '../../src/domain/alert-repositories.ts';
import type { AlertDelivery } from '../../src/domain/subscription.ts';
import { ada, at } from '../support/stored.ts';

export const alertOf = (id: string, changes: Partial<Alert> = {}): Alert => ({
  id,
  tenantId: ada.tenantId,
  tokenId: `token of ${id}`,
  condition: 'expiring',
  stage: 'd7',
  revision: 1,
  openedAt: at,
  notifiedAt: at,
  detail: {},
  ...changes,
});

export const ended = (id: string, ending: Alert['ending'] = 'resolved'): Alert =>
  alertOf(id, { endedAt: at + 1, ...(ending && { ending }) });

export const deliveryOf = (
  alertId: string,
  event: AlertEventKind,
  changes: Partial<AlertDelivery> = {},
): AlertDelivery => ({
  id: `${alertId} ${event}`,
  subscriptionId: 'team',
  key: `${alertId} ${event}`,
  held: false,
  dueAt: at,
  attempts: 0,
  body: { kind: 'alert', alertId, event },
  ...changes,
});

/** A message of its own, unless `why` makes it a digest. */
export const messageOf = (alertId: string, messageId: string, why?: AlertMessage['why']): AlertMessage => ({
  subscriptionId: 'team',
  alertId,
  messageId,
  threadId: `thread ${messageId}`,
  shared: why !== undefined,
  at,
  ...(why && { why }),
});
