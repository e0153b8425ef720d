import type { Stopped } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { hourMs } from '../lib/time.ts';
import { createCardRecords } from './card-records.ts';
import { createInstallations } from './conversations.ts';
import type { Lease } from './leases.ts';
import { createRunClaims } from './run-claims.ts';
import type { Db, StoreLog } from './schema.ts';
import { createSignInRequests } from './sign-in-requests.ts';
import { createRenewalMarks, createSealedSecrets } from './small-tables.ts';
import { createSyncBatches } from './sync-batches.ts';
import { createSyncRuns } from './sync-runs.ts';
import { createProcessedActivities, createStoredTurns } from './turns.ts';

export type Stores = ReturnType<typeof createStores>;

/** What is kept of people's requests, one part per kind of record; src/alerts/alerting.ts has its own. The lease says whose new syncs are. */
export function createStores(db: Db, lease: Lease) {
  const expiring = {
    processed: createProcessedActivities(db),
    turns: createStoredTurns(db, lease),
    records: createCardRecords(db),
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

interface PruningParts {
  /** Everything that expires, by the name that the log gives it. How long each is kept: retention.ts. */
  readonly stores: Readonly<Record<string, { prune(now: number): Promise<void> }>>;
  readonly now: () => number;
  readonly log: StoreLog;
}

const everyMs = hourMs;

/** Erases what has expired, at the start and once an hour. A failure is logged and tried again the next hour. */
export function createPruning({ stores, now, log }: PruningParts): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const prune = () => {
    for (const [name, store] of Object.entries(stores)) {
      store
        .prune(now())
        .catch((error: unknown) => log.warn({ err: error, store: name }, 'erasing what has expired failed'));
    }
  };
  return {
    start() {
      prune();
      timer = setInterval(prune, everyMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}
