import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AppTokenError } from '../../src/domain/sign-in-request.ts';
import { wait } from '../../src/lib/async.ts';
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
  const fine = { notReady: [], degraded: [] };

  /** App tokens as Entra gives them now; `asked` has the tenants it was asked for. */
  function createAppTokens(answer: (tenantId: string) => Promise<string> = async () => 'token') {
    const asked: string[] = [];
    const failing = new Set<string>();
    let hasToken = false;
    return {
      asked,
      async getAppToken(tenantId: string) {
        asked.push(tenantId);
        failing.add(tenantId);
        const token = await answer(tenantId);
        failing.delete(tenantId);
        hasToken = true;
        return token;
      },
      hasToken: () => hasToken,
      isFailing: () => failing.size > 0,
    };
  }

  const refuse = async (tenantId: string) => {
    throw new AppTokenError(tenantId, { reason: 'refused', code: 'AADSTS7000229' });
  };

  /** Everything ready, with changes. */
  function readinessWith(parts: Partial<ReadinessParts> = {}) {
    return createReadiness({
      config: { ...configWith({}), allowedTenants: ['one', 'two'] },
      db,
      inboundKeys: { find: async () => undefined, isReady: async () => true },
      appTokens: createAppTokens(),
      runtime: createRuntime({ wait }),
      ...parts,
    });
  }

  suite('what is not ready is named:', () => {
    test('nothing, when all is there', async () => assert.deepEqual(await readinessWith()(), fine));

    test('the store', async () => {
      const closed = await openDatabase({ kind: 'sqlite', path: ':memory:' });
      await closed.destroy();
      assert.deepEqual((await readinessWith({ db: closed })()).notReady, ['store']);
    });

    test('the channel’s keys', async () => {
      const inboundKeys = { find: async () => undefined, isReady: async () => false };
      assert.deepEqual((await readinessWith({ inboundKeys })()).notReady, ['inboundKeys']);
    });

    test('the app token, when no tenant at all gives one', async () => {
      assert.deepEqual(await readinessWith({ appTokens: createAppTokens(refuse) })(), {
        notReady: ['appToken'],
        degraded: [],
      });
    });
  });

  test('one tenant without consent does not stop the others; that is degraded', async () => {
    const appTokens = createAppTokens(async (tenantId) => (tenantId === 'one' ? refuse(tenantId) : 'token'));
    assert.deepEqual(await readinessWith({ appTokens })(), { notReady: [], degraded: ['appToken'] });
  });

  test('a tenant that never answers delays no probe once another’s token is there', async () => {
    const appTokens = createAppTokens((tenantId) =>
      tenantId === 'one' ? new Promise(() => undefined) : Promise.resolve('t'),
    );
    const probe = readinessWith({ appTokens });
    await probe();
    assert.deepEqual((await probe()).notReady, []);
  });

  test('after the first token nothing but store and keys makes it unready', async () => {
    const clock = { now: 5_000 };
    let answer: (tenantId: string) => Promise<string> = async () => 'token';
    const appTokens = createAppTokens((tenantId) => answer(tenantId));
    const probe = readinessWith({ appTokens, runtime: createRuntime({ wait, now: () => clock.now }) });
    assert.deepEqual(await probe(), fine);
    answer = refuse;
    await appTokens.getAppToken('one').catch(() => undefined);
    clock.now += 60_000;
    assert.deepEqual(await probe(), { notReady: [], degraded: ['appToken'] });
  });

  test('a refusal is remembered for minutes: probes ask Entra for nothing meanwhile', async () => {
    const clock = { now: 5_000 };
    const appTokens = createAppTokens(refuse);
    const probe = readinessWith({ appTokens, runtime: createRuntime({ wait, now: () => clock.now }) });
    for (let second = 0; second < 200; second += 1) {
      await probe();
      clock.now += 1_000;
    }
    assert.deepEqual(appTokens.asked, ['one', 'two']);
    clock.now += 200_000;
    await probe();
    assert.equal(appTokens.asked.length, 4, 'and asked again after that');
  });

  test('without monitoring no app token is asked for', async () => {
    const appTokens = createAppTokens(() => assert.fail('it was asked for'));
    assert.deepEqual(await readinessWith({ config: configWith({ MONITOR: 'off' }), appTokens })(), fine);
  });

  test('probes that come often are answered with what was found last, for a second', async () => {
    let asked = 0;
    const clock = { now: 5_000 };
    const isReady = async () => {
      asked += 1;
      return true;
    };
    const probe = readinessWith({
      inboundKeys: { find: async () => undefined, isReady },
      runtime: createRuntime({ wait, now: () => clock.now }),
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
