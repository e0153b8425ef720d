import type { Stopped } from './cards/progress-card.ts';
import type { VppToken } from './domain/token.ts';
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
import { createTurnsInHand } from './store/turns-in-hand.ts';

export type Stores = ReturnType<typeof createStores>;

/** What is kept of people's requests, one part per kind of record; src/alerting.ts has its own. The lease says whose new syncs are. */
export function createStores(db: Db, lease: Lease) {
  const expiring = {
    processed: createProcessedActivities(db),
    turns: createTurnsInHand(db, lease),
    records: createPressRecords(db),
    requests: createSignInRequests(db),
    runs: createSyncRuns<VppToken>(db, lease),
    batches: createSyncBatches<Stopped>(db, lease),
    marks: createRenewalMarks(db),
    secrets: createSealedSecrets(db),
  };
  return {
    ...expiring,
    /** Those whose records expire, by name. */
    expiring,
    claims: createRunClaims(db, lease),
    installations: createInstallations(db),
  };
}
