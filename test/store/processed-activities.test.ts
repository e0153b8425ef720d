import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createProcessedActivities } from '../../src/store/turns.ts';
import type { ClaimingWork } from './claiming-thread.ts';
import { onEveryEngine, onEveryStore, openStore } from './open-store.ts';
import { at, dayMs } from './stored.ts';

onEveryStore('processed activities', (open) => {
  test('are claimed once, however many ask at once', async () => {
    const processed = createProcessedActivities(await open());
    const claims = await Promise.all(Array.from({ length: 20 }, () => processed.claim('a', at)));
    assert.equal(claims.filter((won) => won).length, 1);
    assert.equal(await processed.claim('b', at), true);
  });

  test('may be claimed again after 24 hours and not before', async () => {
    const processed = createProcessedActivities(await open());
    await processed.claim('a', at);
    assert.equal(await processed.claim('a', at + dayMs), false);
    assert.equal(await processed.claim('a', at + dayMs + 1), true);
    assert.equal(await processed.claim('a', at + dayMs + 2), false);
  });

  test('are forgotten by pruning only once they no longer count', async () => {
    const processed = createProcessedActivities(await open());
    await processed.claim('old', at);
    await processed.claim('new', at + dayMs);
    await processed.prune(at + dayMs);
    assert.equal(await processed.claim('old', at + dayMs), false);
    await processed.prune(at + dayMs + 1);
    assert.equal(await processed.claim('old', at + dayMs + 1), true);
    assert.equal(await processed.claim('new', at + dayMs + 1), false);
  });
});

onEveryEngine('processed activities', (newDatabase) => {
  test('are claimed once across processes', async () => {
    const database = await newDatabase();
    const both = [await openStore(database), await openStore(database)].map(createProcessedActivities);
    for (let key = 0; key < 50; key += 1) {
      const claims = await Promise.all(both.map((processed) => processed.claim(`key ${key}`, at)));
      assert.deepEqual(claims.toSorted(), [false, true]);
    }
  });

  test('are claimed once by threads that make one database and write to it at the same moment', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    const database = await newDatabase();
    const workerData: ClaimingWork = { database, keys, at, threads: 3, ready: new SharedArrayBuffer(4) };
    const claim = () =>
      new Promise<string[]>((resolve, reject) => {
        const thread = new Worker(new URL('claiming-thread.ts', import.meta.url), { workerData });
        thread.once('message', resolve).once('error', reject);
      });
    const won = await Promise.all(Array.from({ length: workerData.threads }, claim));
    assert.deepEqual(won.flat().toSorted(), keys.toSorted());
  });
});
