import type { Together } from '../domain/alert-repositories.ts';
import { createAlertDeliveries } from '../store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../store/alert-subscriptions.ts';
import { createAlerts, createWatchedTenants } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { inTransaction } from '../store/leases.ts';

/** Alerts, who wants to hear of them, and what is to be told, over a database or a transaction. */
export const alertBookOver = (db: Db) => ({
  alerts: createAlerts(db),
  subscriptions: createAlertSubscriptions(db),
  deliveries: createAlertDeliveries(db),
});

export const createTogether =
  (db: Db): Together =>
  (work) =>
    inTransaction(db, (within) => work({ ...alertBookOver(within), tenants: createWatchedTenants(within) }));
