import type { Together } from './alerts/together.ts';
import type { Stopped } from './cards/progress-card.ts';
import type { VppToken } from './graph/vpp-token.ts';
import { createAlertDeliveries } from './store/alert-deliveries.ts';
import { createAlertSubscriptions } from './store/alert-subscriptions.ts';
import { createAlerts } from './store/alerts.ts';
import { createConversations } from './store/conversations.ts';
import { inTransaction } from './store/in-transaction.ts';
import { createInstallations } from './store/installations.ts';
import type { Db } from './store/open-database.ts';
import { createPressRecords } from './store/press-records.ts';
import { createProcessedActivities } from './store/processed-activities.ts';
import { createRenewalMarks } from './store/renewal-marks.ts';
import { createRunClaims, type Lease } from './store/run-claims.ts';
import { createSealedSecrets } from './store/sealed-secrets.ts';
import { createSignInRequests } from './store/sign-in-requests.ts';
import { createSyncBatches } from './store/sync-batches.ts';
import { createSyncRuns } from './store/sync-runs.ts';
import { createTokenSnapshots } from './store/token-snapshots.ts';
import { createWatchedTenants } from './store/watched-tenants.ts';

export type Stores = ReturnType<typeof createStores>;

/** Everything that is kept, one part per kind of record. The lease says whose new syncs are. */
export function createStores(db: Db, lease: Lease) {
  const alertBook = (within: Db) => ({
    alerts: createAlerts(within),
    subscriptions: createAlertSubscriptions(within),
    deliveries: createAlertDeliveries(within),
  });
  const together: Together = (work) =>
    inTransaction(db, (within) => work({ ...alertBook(within), tenants: createWatchedTenants(within) }));
  const expiring = {
    processed: createProcessedActivities(db),
    records: createPressRecords(db),
    requests: createSignInRequests(db),
    runs: createSyncRuns<VppToken>(db, lease),
    batches: createSyncBatches<Stopped>(db, lease),
    marks: createRenewalMarks(db),
    secrets: createSealedSecrets(db),
    ...alertBook(db),
  };
  return {
    ...expiring,
    /** Those whose records expire, by name. */
    expiring,
    together,
    claims: createRunClaims(db, lease),
    conversations: createConversations(db),
    installations: createInstallations(db),
    snapshots: createTokenSnapshots(db),
  };
}
