import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSyncHistory } from '../../src/store/sync-history.ts';
import { createSyncRuns, type SyncRun } from '../../src/store/sync-runs.ts';
import { onEveryStore } from './open-store.ts';
import { ada, at, elif, thread } from './stored.ts';

function run(id: string, changes: Partial<SyncRun<object>> = {}): SyncRun<object> {
  const what = { tenantId: ada.tenantId, tokenId: 'token-1', phase: 'running', joined: false, requester: ada } as const;
  const flags = { seenInProgress: false, uncertain: false } as const;
  return { id, ...what, conversation: thread, locale: 'en', before: {}, ...flags, startedAt: at, ...changes };
}

const ask = (tokenIds: readonly string[], most = 15) => ({ tenantId: ada.tenantId, tokenIds, most });

onEveryStore('the history of syncs', (open) => {
  test('tells the newest first, however each went, joined and refused ones too', async () => {
    const db = await open();
    const runs = createSyncRuns<object>(db);
    await runs.add(run('first', { startedAt: at - 3000 }));
    await runs.end('first', { outcome: 'completed', endedAt: at - 2000 });
    await runs.add(run('second', { startedAt: at - 1000, requester: elif }));
    await runs.end('second', { outcome: 'refused', endedAt: at - 900 });
    await runs.add(run('third', { startedAt: at - 500 }));
    await runs.add(run('fourth', { startedAt: at, joined: true, requester: elif }));
    const { syncs, total } = await createSyncHistory(db).list(ask(['token-1']));
    const common = { tokenId: 'token-1', joined: false };
    assert.deepEqual(syncs, [
      { ...common, id: 'fourth', requesterName: elif.name, joined: true, startedAt: at },
      { ...common, id: 'third', requesterName: ada.name, startedAt: at - 500 },
      {
        ...{ ...common, id: 'second', requesterName: elif.name, outcome: 'refused' },
        ...{ startedAt: at - 1000, endedAt: at - 900 },
      },
      {
        ...{ ...common, id: 'first', requesterName: ada.name, outcome: 'completed' },
        ...{ startedAt: at - 3000, endedAt: at - 2000 },
      },
    ]);
    assert.equal(total, 4);
  });

  test('tells of the tokens asked about in that tenant and of no other', async () => {
    const db = await open();
    const runs = createSyncRuns<object>(db);
    await runs.add(run('mine'));
    await runs.add(run('of another token', { tokenId: 'token-2' }));
    await runs.add(run('of another tenant', { tenantId: 'other' }));
    const history = createSyncHistory(db);
    const told = async (...tokenIds: string[]) => (await history.list(ask(tokenIds))).syncs.map(({ id }) => id);
    assert.deepEqual(await told('token-1'), ['mine']);
    assert.deepEqual((await told('token-1', 'token-2')).toSorted(), ['mine', 'of another token']);
    assert.deepEqual(await told('unknown'), []);
    assert.deepEqual(await history.list(ask([])), { syncs: [], total: 0 });
  });

  test('counts what it does not show, over 3,000 tokens', async () => {
    const db = await open();
    const runs = createSyncRuns<object>(db);
    for (let index = 0; index < 20; index += 1) {
      await runs.add(run(`run ${index}`, { tokenId: `token-${index * 100}`, startedAt: at + index }));
    }
    const every = Array.from({ length: 3000 }, (_, index) => `token-${index}`);
    const { syncs, total } = await createSyncHistory(db).list(ask(every));
    assert.deepEqual([syncs.length, syncs[0]?.id, total], [15, 'run 19', 20]);
  });
});
