import { createRunClaims } from '../../src/store/run-claims.ts';
import type { Db } from '../../src/store/schema.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';

/** More than any test stores. */
const most = 10_000;

/** The work that a process would take over with no other alive, found and read as production does; leased by nobody afterwards. */
export async function listWorkLeft(db: Db) {
  const claims = createRunClaims(db, { owner: 'a reader', leaseMs: 60_000, now: Date.now });
  const runs = createSyncRuns(db);
  const batches = await claims.claimBatches(most);
  const own = await claims.claimRuns(most);
  await claims.release();
  const ofBatches = await Promise.all(batches.map(({ id }) => runs.listOfBatch(id)));
  return {
    batches,
    /** Syncs to follow, alone or with a batch. */
    unfinished: [...ofBatches.flat(), ...own].filter(({ phase }) => phase !== 'ended'),
    /** Syncs whose end is to be reported on a card of their own. */
    unreported: own.filter(({ phase }) => phase === 'ended'),
  };
}
