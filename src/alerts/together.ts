import type { AlertDeliveries, AlertSubscriptions, Alerts, WatchedTenants } from './stores.ts';

export interface AlertBook {
  readonly alerts: Alerts;
  readonly subscriptions: AlertSubscriptions;
  readonly deliveries: AlertDeliveries;
  readonly tenants: Pick<WatchedTenants, 'lock'>;
}

/** Changes alerts, and what is to be told of them, together or not at all. */
export type Together = <T>(work: (book: AlertBook) => Promise<T>) => Promise<T>;
