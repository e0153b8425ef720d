import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createWatchedTenants } from '../../src/store/alerts.ts';
import { onEveryEngine } from '../support/open-store.ts';
import { openStore } from '../support/temporary-store.ts';
import type { MonitoringWork } from './monitoring-thread.ts';

onEveryEngine('two monitors over one database', (newDatabase) => {
  test('share the work, and never pass over one tenant at once', async () => {
    const database = await newDatabase();
    const db = await openStore(database);
    const tenantIds = Array.from({ length: 6 }, (_, n) => `tenant-${n}`);
    const counts = new SharedArrayBuffer(4 * (2 * tenantIds.length + 2));
    const workerData: MonitoringWork = { database, tenantIds, threads: 2, counts, times: 5 };
    const monitorUntilDone = () =>
      new Promise<string[]>((resolve, reject) => {
        const thread = new Worker(new URL('monitoring-thread.ts', import.meta.url), { workerData });
        thread.once('message', resolve).once('error', reject);
      });
    const outcomes = await Promise.all([monitorUntilDone(), monitorUntilDone()]);
    assert.equal(new Int32Array(counts).at(-2), 0, 'two read at once');
    for (const each of outcomes) assert.deepEqual(new Set(each), new Set(['good']));
    const tenants = createWatchedTenants(db);
    for (const id of tenantIds) assert.equal((await tenants.find(id))?.failedPasses, 0);
    const held = await db
      .selectFrom('watched_tenants')
      .select('tenant_id')
      .where('claimed_by', 'is not', null)
      .execute();
    assert.deepEqual(held, [], 'both gave back what they held');
  });
});
