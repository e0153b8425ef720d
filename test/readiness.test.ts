import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openDatabase } from '../src/store/database.ts';
import { createReadiness, type ReadinessParts } from '../src/telemetry/health.ts';
import { openStore } from './store/temporary-store.ts';

const db = await openStore(':memory:');

/** Everything there, unless told otherwise. */
function readinessWith(parts: Partial<ReadinessParts> = {}) {
  return createReadiness({
    config: { monitor: true, allowedTenants: ['one', 'two'] },
    db,
    inboundKeys: { find: async () => undefined, isReady: async () => true },
    getAppToken: async () => 'token',
    now: () => 0,
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
  assert.deepEqual(await readinessWith({ config: { monitor: false, allowedTenants: ['one'] }, getAppToken })(), []);
});

test('probes that come often are answered with what was found last, for a second', async () => {
  let asked = 0;
  const clock = { now: 5_000 };
  const probe = readinessWith({
    config: { monitor: true, allowedTenants: ['one'] },
    now: () => clock.now,
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
