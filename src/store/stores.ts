import type { AlertRepositories, InAlertTransaction } from '../domain/alert-repositories.ts';
import type { Runtime } from '../lib/runtime.ts';
import { hourMs } from '../lib/time.ts';
import { createAlertDeliveries, createAlertMessages, createAnnouncedAlerts } from './alert-deliveries.ts';
import { createAlertSubscriptions } from './alert-subscriptions.ts';
import { createAlerts, createWatchedTenants } from './alerts.ts';
import { createAuditHistory } from './audit-history.ts';
import { createCardRecords } from './card-records.ts';
import { createConversations, createInstallations } from './conversations.ts';
import { createCountedApps } from './counted-apps.ts';
import { inTransaction, type Lease } from './leases.ts';
import { createRecentChanges } from './recent-changes.ts';
import { createRenewalNotices, createRenewals } from './renewals.ts';
import { createRunClaims } from './run-claims.ts';
import type { Db } from './schema.ts';
import { createSealedSecrets } from './sealed-secrets.ts';
import { createSignInRequests } from './sign-in-requests.ts';
import { createSyncBatches } from './sync-batches.ts';
import { createSyncCounts, createSyncRuns } from './sync-runs.ts';
import { createTokenSnapshots } from './token-snapshots.ts';
import { createProcessedActivities, createStoredTurns } from './turns.ts';

export type Stores = ReturnType<typeof createStores>;

/** All repositories of the bot. `lease` marks the syncs and turns that this process works on. */
export function createStores(db: Db, lease: Lease) {
  const alertRepositories = createAlertRepositories(db);
  const { alerts, subscriptions, deliveries, snapshots, countedApps, renewals, renewalNotices } = alertRepositories;
  const expiring = {
    processed: createProcessedActivities(db),
    turns: createStoredTurns(db, lease),
    records: createCardRecords(db),
    requests: createSignInRequests(db),
    runs: createSyncRuns(db, lease),
    batches: createSyncBatches(db, lease),
    renewals,
    renewalNotices,
    secrets: createSealedSecrets(db),
    alerts,
    subscriptions,
    deliveries,
    snapshots,
    countedApps,
  };
  return {
    ...expiring,
    /** Repositories whose records expire, by name. */
    expiring,
    claims: createRunClaims(db, lease),
    history: createAuditHistory(db),
    changes: createRecentChanges(db),
    installations: createInstallations(db),
    conversations: createConversations(db),
    alertRepositories,
    inAlertTransaction: createInAlertTransaction(db),
  };
}

/** Over a database or a transaction. */
export const createAlertRepositories = (db: Db): AlertRepositories => ({
  tenants: createWatchedTenants(db),
  snapshots: createTokenSnapshots(db),
  countedApps: createCountedApps(db),
  alerts: createAlerts(db),
  subscriptions: createAlertSubscriptions(db),
  deliveries: createAlertDeliveries(db),
  messages: createAlertMessages(db),
  announced: createAnnouncedAlerts(db),
  syncCounts: createSyncCounts(db),
  runs: createSyncRuns(db),
  renewals: createRenewals(db),
  renewalNotices: createRenewalNotices(db),
});

export const createInAlertTransaction =
  (db: Db): InAlertTransaction =>
  (work) =>
    inTransaction(db, (within) => work(createAlertRepositories(within)));

interface PruningParts {
  /** By their names in the log. Each keeps its records for as long as `keptMs` says. */
  readonly stores: Readonly<Record<string, { prune(now: number): Promise<void> }>>;
  readonly runtime: Runtime;
}

/** Erases expired records at the start and once an hour. A failure is logged and tried again the next hour. */
export function createPruning({ stores, runtime }: PruningParts): { start(): void; stop(): void } {
  const { now, log } = runtime;
  let timer: NodeJS.Timeout | undefined;
  const prune = () => {
    for (const [name, store] of Object.entries(stores)) {
      store
        .prune(now())
        .catch((error: unknown) => log.warn({ err: error, store: name }, 'expired records could not be erased'));
    }
  };
  return {
    start() {
      prune();
      timer = setInterval(prune, hourMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}
