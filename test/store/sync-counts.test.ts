import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import { createSyncCounts, createSyncRuns } from '../../src/store/sync-runs.ts';
import { onEveryStore } from './open-store.ts';
import { runningRun } from './running-run.ts';
import { ada, at, dayMs } from './stored.ts';

onEveryStore('how syncs ended', (open) => {
  test('is counted since a time, by token, each sync once; a stuck one has not failed, and what goes on is not counted', async () => {
    const db = await open();
    const runs = createSyncRuns<object>(db);
    const counts = createSyncCounts(db);
    const end = async (id: string, outcome: string, endedAt = at, changes: Partial<SyncRun<object>> = {}) => {
      await runs.add(runningRun(id, changes));
      await runs.end(id, { outcome, endedAt });
    };
    await end('a', 'completed');
    await end('b', 'completed', at + dayMs);
    await end('c', 'failed');
    await end('d', 'stuck');
    await end('e', 'noResult');
    await end('f', 'lost');
    await end('g', 'refused');
    await end('h', 'deleted');
    await end('old', 'completed', at - 1);
    await end('joined', 'completed', at, { joined: true });
    await end('elsewhere', 'failed', at, { tenantId: 'another' });
    await runs.add(runningRun('going'));
    const none = { completed: 0, failed: 0, stuck: 0, noResult: 0 };
    const all = { completed: 2, failed: 1, stuck: 1, noResult: 2 };
    assert.deepEqual(await counts.countEnded(ada.tenantId, 'all', at), all);
    const some = ['token of b', 'token of c', 'token of nobody'];
    assert.deepEqual(await counts.countEnded(ada.tenantId, some, at), { ...none, completed: 1, failed: 1 });
    assert.deepEqual(await counts.countEnded(ada.tenantId, [], at), none);
  });
});
