import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrations, openDatabase } from '../../src/store/database.ts';
import { checkStore } from '../../src/telemetry/health.ts';
import { onEveryStore } from './open-store.ts';
import { at } from './stored.ts';

onEveryStore('the health of a store', (open) => {
  test('names the newest step and when it was applied, and leaves nothing behind', async () => {
    const startedAt = Date.now();
    const db = await open();
    const { newestStep, appliedAt } = await checkStore(db, at);
    assert.equal(newestStep, Object.keys(migrations).toSorted().at(-1));
    assert.ok(Math.abs(appliedAt - startedAt) < 60_000);
    assert.deepEqual(await db.selectFrom('processed_activities').selectAll().execute(), []);
  });

  test('can be asked by several at once', async () => {
    const db = await open();
    assert.equal((await Promise.all([checkStore(db, at), checkStore(db, at)])).length, 2);
  });
});

test('a closed store is not healthy', async () => {
  const db = await openDatabase({ kind: 'sqlite', path: ':memory:' });
  await db.destroy();
  await assert.rejects(checkStore(db, at));
});
