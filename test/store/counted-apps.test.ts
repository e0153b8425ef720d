import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CountedApp, dayOf } from '../../src/domain/license-runway.ts';
import { createCountedApps } from '../../src/store/counted-apps.ts';
import { onEveryStore } from '../support/open-store.ts';
import { at, dayMs } from '../support/stored.ts';

const today = dayOf(at);
const app: CountedApp = { id: 'a', tokenId: 'token-1', name: '门店', day: today, used: 40, total: 50 };
const counted = (changes: Partial<CountedApp>) => {
  const changed = { ...app, ...changes };
  const { day, used, total } = changed;
  return {
    app: changed,
    history: [
      { day: day - 1, used: used - 1, total },
      { day, used, total },
    ],
  };
};

onEveryStore('counted apps', (open) => {
  test('come back as they were counted last, with every day of their history', async () => {
    const apps = createCountedApps(await open());
    await apps.putAll('tenant-1', [counted({}), counted({ id: 'b', runsOutOn: today + 9 })]);
    const later = counted({ id: 'b', tokenId: 'token-2', name: 'B', used: 45, runsOutOn: today + 4 });
    await apps.putAll('tenant-1', [later]);
    assert.deepEqual(
      (await apps.list('tenant-1', ['a', 'b', 'c'])).sort((one, other) => one.id.localeCompare(other.id)),
      [app, later.app],
    );
    assert.deepEqual(await apps.listHistories('tenant-1', ['b', 'c']), new Map([['b', later.history]]));
    assert.deepEqual(await apps.list('tenant-2', ['a']), []);
  });

  test('are thousands in one call', async () => {
    const apps = createCountedApps(await open());
    const many = Array.from({ length: 1_201 }, (_, n) => counted({ id: `app-${n}` }));
    await apps.putAll('tenant-1', many);
    const ids = many.map(({ app: { id } }) => id);
    assert.equal((await apps.list('tenant-1', ids)).length, 1_201);
    assert.equal((await apps.listHistories('tenant-1', ids)).size, 1_201);
  });

  test('run out soon: the soonest first, of these tokens or of all, and none that was not counted lately', async () => {
    const apps = createCountedApps(await open());
    await apps.putAll('tenant-1', [
      counted({ id: 'late', runsOutOn: today + 15 }),
      counted({ id: 'soon', runsOutOn: today + 14 }),
      counted({ id: 'sooner', tokenId: 'token-2', runsOutOn: today + 3 }),
      counted({ id: 'old', day: today - 3, runsOutOn: today + 2 }),
      counted({ id: 'never' }),
    ]);
    await apps.putAll('tenant-2', [counted({ id: 'other', runsOutOn: today + 1 })]);
    const list = async (tokenIds?: readonly string[]) =>
      (await apps.listRunningOut('tenant-1', today, 14, tokenIds)).map(({ id }) => id);
    assert.deepEqual(await list(), ['sooner', 'soon']);
    assert.deepEqual(await list(['token-1', 'token-3']), ['soon']);
    assert.deepEqual(await list([]), []);
  });

  test('are forgotten 35 days after their last count', async () => {
    const apps = createCountedApps(await open());
    await apps.putAll('tenant-1', [counted({})]);
    await apps.prune(at + 35 * dayMs);
    assert.equal((await apps.list('tenant-1', ['a'])).length, 1);
    await apps.prune(at + 36 * dayMs);
    assert.deepEqual(await apps.list('tenant-1', ['a']), []);
  });

  test('with a history that cannot be read begin a new one', async () => {
    const db = await open();
    const apps = createCountedApps(db);
    await apps.putAll('tenant-1', [counted({})]);
    await db.updateTable('counted_apps').set({ history_json: '{"no' }).execute();
    assert.deepEqual(await apps.listHistories('tenant-1', ['a']), new Map());
    assert.deepEqual(await apps.list('tenant-1', ['a']), [app]);
  });
});
