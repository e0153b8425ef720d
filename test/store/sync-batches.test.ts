import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SyncBatch } from '../../src/domain/sync-batch.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { onEveryStore } from '../support/open-store.ts';
import { ada, at, dayMs, thread } from '../support/stored.ts';
import { listWorkLeft } from '../support/work-left.ts';

const batch = (id: string, changes: Partial<SyncBatch> = {}): SyncBatch => ({
  id,
  tenantId: ada.tenantId,
  requester: ada,
  conversation: thread,
  locale: 'zh-CN',
  correlationId: 'ref',
  startedAt: at,
  items: [
    { tokenId: 'token-2', name: '华东', joined: false },
    { tokenId: 'token-1', name: 'Café', joined: true, outcome: 'failed', detail: 'expired' },
  ],
  ...changes,
});

onEveryStore('sync batches', (open) => {
  test('come back as they were stored, their tokens in order, sparse or full', async () => {
    const batches = createSyncBatches(await open());
    const full = batch('full', { messageId: '1', activityId: '2', stopped: { reason: 'missingScope', scopes: ['a'] } });
    await batches.add(batch('sparse'));
    await batches.add(full);
    assert.deepEqual(
      (await batches.list(['sparse', 'full'])).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      [full, batch('sparse')],
    );
  });

  test('hold as many tokens as a tenant may have', async () => {
    const batches = createSyncBatches(await open());
    const items = Array.from({ length: 3000 }, (_, n) => ({
      tokenId: `token-${n}`,
      name: `Branch ${n}`,
      joined: false,
    }));
    await batches.add(batch('large', { items }));
    assert.deepEqual((await batches.list(['large']))[0]?.items, items);
  });

  test('keep what happens to them on the way, each token for itself', async () => {
    const batches = createSyncBatches(await open());
    await batches.add(batch('a'));
    await batches.add(batch('b'));
    const done = { tokenId: 'token-2', name: '华东', joined: true, outcome: 'completed' };
    await batches.putItem('a', done);
    await batches.setCard('a', '1700000000001');
    await batches.markStopped('a', { reason: 'tokenRejected' });
    const [, failed] = batch('a').items;
    const kept = await batches.list(['a', 'b']);
    assert.deepEqual(
      kept.find(({ id }) => id === 'a'),
      batch('a', {
        activityId: '1700000000001',
        stopped: { reason: 'tokenRejected' },
        items: [done, failed ?? assert.fail()],
      }),
    );
    assert.deepEqual(
      kept.find(({ id }) => id === 'b'),
      batch('b'),
    );
  });

  test('end the tokens that were never requested, not those that have a run or have ended', async () => {
    const db = await open();
    const batches = createSyncBatches(db);
    const [waiting, failed] = batch('a').items;
    const running = { tokenId: 'token-3', name: 'Runs', joined: false };
    await batches.add(batch('a', { items: [waiting ?? assert.fail(), failed ?? assert.fail(), running] }));
    await batches.add(batch('b'));
    await createSyncRuns(db).add({
      id: 'run',
      tenantId: ada.tenantId,
      tokenId: 'token-3',
      phase: 'posting',
      joined: false,
      requester: ada,
      conversation: thread,
      locale: 'en',
      batchId: 'a',
      before: tokenOf('token'),
      seenInProgress: false,
      uncertain: false,
      startedAt: at,
    });
    await batches.endUnasked('a', 'notAsked');
    const outcomes = (await batches.list(['a', 'b'])).map(({ id, items }) => [id, items.map(({ outcome }) => outcome)]);
    assert.deepEqual(Object.fromEntries(outcomes), {
      a: ['notAsked', 'failed', undefined],
      b: [undefined, 'failed'],
    });
  });

  test('keep when they ended first, and are claimed until one caller has reported it', async () => {
    const db = await open();
    const batches = createSyncBatches(db);
    await batches.add(batch('a'));
    await batches.end('a', at + 1);
    await batches.end('a', at + 2);
    assert.deepEqual((await listWorkLeft(db)).batches, [batch('a', { endedAt: at + 1 })]);
    const wasFirst = await Promise.all([batches.markReported('a', at + 3), batches.markReported('a', at + 4)]);
    assert.deepEqual(wasFirst.toSorted(), [false, true]);
    assert.deepEqual((await listWorkLeft(db)).batches, []);
  });

  test('are forgotten a month after they ended', async () => {
    const db = await open();
    const batches = createSyncBatches(db);
    await batches.add(batch('a'));
    await batches.add(batch('unfinished', { startedAt: at + 10 * dayMs }));
    await batches.end('a', at + 1);
    await batches.markReported('a', at + 1);
    assert.deepEqual(
      (await listWorkLeft(db)).batches.map(({ id }) => id),
      ['unfinished'],
    );
    await batches.prune(at + 29 * dayMs);
    await assert.rejects(batches.add(batch('a')), /UNIQUE|unique/);
    await batches.prune(at + 31 * dayMs);
    await batches.add(batch('a'));
    assert.equal((await listWorkLeft(db)).batches.length, 2);
  });
});
