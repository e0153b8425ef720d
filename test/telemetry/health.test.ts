import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { migrations, openDatabase } from '../../src/store/database.ts';
import { checkStore } from '../../src/store/health.ts';
import { createReadiness, type ReadinessParts } from '../../src/telemetry/health.ts';
import { configWith } from '../support/environment.ts';
import { onEveryStore } from '../support/open-store.ts';
import { createRuntime } from '../support/runtime.ts';
import { at } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

suite('readiness', async () => {
  const db = await openStore(':memory:');

  /** Everything there, unless told otherwise. */
  function readinessWith(parts: Partial<ReadinessParts> = {}) {
    return createReadiness({
      config: { ...configWith({}), allowedTenants: ['one', 'two'] },
      db,
      inboundKeys: { find: async () => undefined, isReady: async () => true },
      getAppToken: async () => 'token',
      runtime: createRuntime(),
      ...parts,
    });
  }

  suite('what is not ready is named:', () => {
    test('nothing, when all is there', async () => assert.deepEqual(await readinessWith()(), []));

    test('the store', async () => {
      const closed = await openDatabase({ kind: 'sqlite', path: ':memory:' });
      await closed.destroy();
      assert.deepEqual(await readinessWith({ db: closed })(), ['store']);
    });

    test('the channel’s keys', async () => {
      const inboundKeys = { find: async () => undefined, isReady: async () => false };
      assert.deepEqual(await readinessWith({ inboundKeys })(), ['inboundKeys']);
    });

    test('the app token, when no tenant at all gives one', async () => {
      const getAppToken = () => Promise.reject(new Error('no consent'));
      assert.deepEqual(await readinessWith({ getAppToken })(), ['appToken']);
    });
  });

  test('one tenant without consent does not stop the others', async () => {
    const getAppToken = async (tenantId: string) => {
      if (tenantId === 'one') throw new Error('no consent');
      return 'token';
    };
    assert.deepEqual(await readinessWith({ getAppToken })(), []);
  });

  test('without monitoring no app token is asked for', async () => {
    const getAppToken = () => assert.fail('it was asked for');
    assert.deepEqual(await readinessWith({ config: configWith({ MONITOR: 'off' }), getAppToken })(), []);
  });

  test('probes that come often are answered with what was found last, for a second', async () => {
    let asked = 0;
    const clock = { now: 5_000 };
    const probe = readinessWith({
      config: configWith({}),
      runtime: createRuntime({ now: () => clock.now }),
      getAppToken: async () => {
        asked += 1;
        return 'token';
      },
    });
    await Promise.all(Array.from({ length: 20 }, probe));
    clock.now += 999;
    await probe();
    assert.equal(asked, 1);
    clock.now += 1;
    await probe();
    assert.equal(asked, 2);
    clock.now = 0;
    await probe();
    assert.equal(asked, 3, 'a clock that is set back does not freeze the answer');
  });
});

suite('store health', () => {
  onEveryStore('the health of a store', (open) => {
    test('names the newest step and when it was applied, and leaves nothing behind', async () => {
      const startedAt = Date.now();
      const db = await open();
      const { newestMigration, appliedAt } = await checkStore(db, at);
      assert.equal(newestMigration, Object.keys(migrations).toSorted().at(-1));
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
});
