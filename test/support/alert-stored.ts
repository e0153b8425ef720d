import type { AlertDelivery, AlertSubscription } from '../../src/domain/subscription.ts';
import { ada, at, thread } from './stored.ts';

export const subscription = (id: string, changes: Partial<AlertSubscription> = {}): AlertSubscription => ({
  id,
  tenantId: ada.tenantId,
  conversationId: `19:${id}@thread.tacv2`,
  owner: ada,
  locale: 'zh-CN',
  scope: 'all',
  events: ['expiring', 'expired'],
  timeZone: 'Asia/Shanghai',
  createdAt: at,
  ...changes,
});

export const delivery = (id: string, changes: Partial<AlertDelivery> = {}): AlertDelivery => ({
  id,
  subscriptionId: 'team',
  key: `key of ${id}`,
  held: false,
  dueAt: at,
  attempts: 0,
  body: { kind: 'alert', alertId: `alert of ${id}`, event: 'opened' },
  ...changes,
});

export const place = { ...thread, id: '19:team@thread.tacv2' };
