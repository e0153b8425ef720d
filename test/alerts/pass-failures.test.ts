import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourMs } from '../../src/lib/time.ts';
import { createAlerts, createWatchedTenants } from '../../src/store/alerts.ts';
import { createTokenSnapshots } from '../../src/store/token-snapshots.ts';
import { intervalMs, startPasses, storesOver, subscriptionTo } from './pass-rig.ts';

const broken = 'monitoringBroken/monitoringBroken';
const unanswered = 'monitoringBroken/unanswered';
const down = (path: string) => ({ path, fault: { kind: 'status', status: 503 } }) as const;
const neverAborted = new AbortController().signal;

test('the second failed pass in a row is announced, with its cause, and so is the recovery', async () => {
  const { passOnce, controls, findOpen, listOpen, lines } = await startPasses();
  const { tenant } = await passOnce();
  const before = await listOpen();
  controls.failNext(1000, down('vppTokens'));
  const first = await passOnce();
  assert.deepEqual([first.outcome, first.events, first.tenant.failedPasses], ['failed', [], 1]);
  const second = await passOnce();
  assert.deepEqual([second.outcome, second.events], ['failed', [`opened ${unanswered}`]]);
  const alert = await findOpen('', 'monitoringBroken');
  const failure = { part: 'tokens', reason: 'unavailable', code: '503 CancelledOnServiceTimeout' };
  assert.deepEqual(alert?.detail, { since: tenant.goodAt, failure });
  assert.equal(alert?.token, undefined);
  assert.deepEqual((await passOnce()).events, [], 'and is told once');
  assert.equal(lines.filter(({ message }) => message === 'a tenant could not be read').length, 3);

  controls.failNoMore();
  const recovered = await passOnce();
  assert.deepEqual([recovered.outcome, recovered.events], ['good', [`resolved ${unanswered}`]]);
  assert.deepEqual(
    (await listOpen()).map(({ id }) => id).toSorted(),
    before.map(({ id }) => id).toSorted(),
    'what could not be seen has neither ended nor begun anew',
  );
});

test('a cause that somebody must fix escalates one that passes by itself: announced once, and edited with every change', async () => {
  const { passOnce, controls, findOpen } = await startPasses();
  await passOnce();
  const failing = async (status: 403 | 429 | 503) => {
    controls.failNoMore();
    controls.failNext(1000, { path: 'vppTokens', fault: { kind: 'status', status } });
    return (await passOnce()).events;
  };
  assert.deepEqual(await failing(503), []);
  assert.deepEqual(await failing(503), [`opened ${unanswered}`]);
  assert.deepEqual(await failing(429), [`changed ${unanswered}`]);
  assert.deepEqual(await failing(403), [`escalated ${broken}`]);
  assert.deepEqual(await failing(403), []);
  assert.equal((await findOpen('', 'monitoringBroken'))?.detail.failure?.reason, 'forbidden');
  for (const status of [503, 403] as const) assert.deepEqual(await failing(status), [`changed ${broken}`]);
});

test('a pass that fails now and then is not announced', async () => {
  const { passOnce, controls, findOpen } = await startPasses();
  for (const isDown of [true, false, true, false]) {
    if (isDown) controls.failNext(3, down('vppTokens'));
    assert.equal((await passOnce()).outcome, isDown ? 'failed' : 'good');
  }
  assert.equal(await findOpen('', 'monitoringBroken'), undefined);
});

test('a tenant that was never seen is announced, too', async () => {
  const { passOnce, entra, company, findOpen } = await startPasses();
  entra.setConsent(company, false);
  await passOnce();
  assert.deepEqual((await passOnce()).events, [`opened ${broken}`]);
  const alert = await findOpen('', 'monitoringBroken');
  assert.equal(alert?.detail.since, undefined);
  assert.equal(alert?.detail.failure?.reason, 'missingScope');
  entra.setConsent(company, true);
  const { outcome, events } = await passOnce();
  assert.equal(outcome, 'good', 'at the first pass after consent was given');
  assert.ok(events.includes(`resolved ${broken}`));
});

test('expired tokens are reminded of daily although nothing can be seen', async () => {
  const { passOnce, controls } = await startPasses();
  const { events } = await passOnce();
  const expired = events.filter((event) => event === 'opened expired/expired').length;
  assert.ok(expired > 0);
  controls.failNext(1000, down('vppTokens'));
  await passOnce();
  await passOnce();
  const reminded = Array.from({ length: expired }, () => 'reminded expired/expired');
  assert.deepEqual((await passOnce(24 * hourMs)).events, reminded);
  assert.deepEqual((await passOnce()).events, []);
  assert.deepEqual((await passOnce(24 * hourMs)).events, reminded);
});

test('licenses that cannot be read twice in a row are announced, while tokens are watched on', async () => {
  const { passOnce, controls, tokenOf, findOpen } = await startPasses();
  controls.failNext(1000, { path: 'mobileApps', fault: { kind: 'status', status: 403 } });
  const first = await passOnce();
  assert.equal(first.outcome, 'failed');
  assert.ok(first.events.includes('opened expired/expired'));
  assert.ok(first.events.every((event) => !event.includes('licenses')));
  controls.expireToken(tokenOf('hq').id);
  const second = await passOnce();
  assert.deepEqual(second.events, ['opened expired/expired', `opened ${broken}`]);
  assert.equal((await findOpen('', 'monitoringBroken'))?.detail.failure?.part, 'licenses');
  controls.failNoMore();
  const third = await passOnce();
  assert.ok(third.events.includes(`resolved ${broken}`) && third.events.includes('opened licenses/usedUp'));
  assert.equal(third.tenant.licensesAt, third.tenant.passedAt);
});

test('the next pass waits for as long as Graph asks', async () => {
  const { passOnce, controls, clock } = await startPasses();
  controls.failNext(1, { fault: { kind: 'status', status: 429, retryAfterS: 1200 } });
  const slow = await passOnce();
  assert.deepEqual([slow.outcome, slow.tenant.dueAt - clock.at], ['failed', 1_200_000]);
  controls.failNext(3, { fault: { kind: 'status', status: 429 } });
  // Asked for nothing, the second in a row waits for twice its interval.
  const second = await passOnce();
  assert.deepEqual([second.outcome, second.tenant.dueAt - clock.at], ['failed', 2 * intervalMs]);
});

test('nothing is stored of a pass whose tenant somebody else has taken over', async () => {
  const { pass, tenants, alerts, snapshots, company, clock, events, db } = await startPasses();
  const mine = (await tenants.claim('me', clock.at, 20_000)) ?? assert.fail();
  clock.at += 20_000;
  const theirs = await tenants.claim('you', clock.at, 20_000);
  assert.equal(await pass(mine, 'me', neverAborted), 'lost');
  assert.deepEqual(await tenants.find(company), theirs);
  assert.deepEqual(await alerts.listOpen(company), []);
  assert.deepEqual(await snapshots.listOfTenant(company), []);
  assert.deepEqual(await db.selectFrom('alert_deliveries').select('id').execute(), []);
  assert.deepEqual(events, []);
});

test('an aborted reading stores nothing, and the tenant is as it was', async () => {
  const { pass, tenants, company, clock, controls } = await startPasses();
  const claimed = (await tenants.claim('me', clock.at, 20_000)) ?? assert.fail();
  controls.failNext(1, { fault: { kind: 'hang' } });
  const breaking = new AbortController();
  const passing = pass(claimed, 'me', breaking.signal);
  breaking.abort(new Error('the process stops'));
  await assert.rejects(passing, /the process stops/);
  assert.deepEqual(await tenants.find(company), claimed);
});

test('all of a pass is stored or nothing, and what cannot be stored counts as a failed pass', async () => {
  const { replace, passOnce, alerts, snapshots, company, lines, findOpen } = await startPasses();
  let isBroken = true;
  replace.stores = (stores) => ({
    ...stores,
    alerts: {
      ...stores.alerts,
      put: (alert) =>
        alert.condition === 'expired' && isBroken ? Promise.reject(new TypeError('canary')) : stores.alerts.put(alert),
    },
  });
  const { outcome, tenant } = await passOnce();
  assert.deepEqual([outcome, tenant.failure], ['failed', { part: 'tokens', reason: 'unexpected' }]);
  assert.deepEqual(await alerts.listOpen(company), []);
  assert.deepEqual(await snapshots.listOfTenant(company), []);
  assert.equal(lines[0]?.message, 'a reading of a tenant could not be stored');
  isBroken = false;
  const { outcome: next, events } = await passOnce();
  assert.equal(next, 'good');
  assert.ok(events.includes('opened expired/expired'));
  assert.equal(await findOpen('', 'monitoringBroken'), undefined);
});

test('deliveries that a broken pass left are stored by the next one, once each', async () => {
  const { replace, pass, passOnce, tenants, alerts, company, clock, listDeliveries } = await startPasses();
  const claimed = (await tenants.claim('me', clock.at, 20_000)) ?? assert.fail();
  let added = 0;
  replace.stores = (stores) => ({
    ...stores,
    deliveries: {
      ...stores.deliveries,
      async addAll(deliveries) {
        added += 1;
        await stores.deliveries.addAll(deliveries);
        if (added > 1) throw new TypeError('canary');
      },
    },
    subscriptions: {
      ...stores.subscriptions,
      listPage: async (_, after) => ({
        subscriptions: [{ ...subscriptionTo(company), id: `s${after}` }],
        ...(after === '' && { lastId: '1' }),
      }),
    },
  });
  await assert.rejects(pass(claimed, 'me', neverAborted), /canary/);
  const opened = (await alerts.listOpen(company)).length;
  assert.ok(opened > 0);
  assert.equal((await listDeliveries()).length, opened, 'of the first conversation alone');
  assert.equal(await tenants.claim('you', clock.at + 19_999, 20_000), undefined, 'its lease is kept');

  added = Number.NEGATIVE_INFINITY;
  clock.at += 20_000;
  const { outcome } = await passOnce();
  assert.equal(outcome, 'good');
  const keys = (await listDeliveries()).map(({ key }) => key);
  assert.deepEqual([keys.length, new Set(keys).size], [2 * opened, 2 * opened]);
  assert.equal((await tenants.find(company))?.queued, undefined);
});

test('with the store away a pass rejects, and nothing of it is announced', async () => {
  const { pass, replace, tenants, clock, events } = await startPasses();
  const claimed = (await tenants.claim('me', clock.at, 20_000)) ?? assert.fail();
  const away = new Error('the store is away');
  replace.stores = (stores) => ({ ...stores, tenants: { ...stores.tenants, finish: () => Promise.reject(away) } });
  await assert.rejects(pass(claimed, 'me', neverAborted), away);
  assert.deepEqual(events, []);
});

test('what fails in one tenant fails in no other', async () => {
  const { replace, pass, entra, company, school, clock, db } = await startPasses();
  replace.stores = (_, within) => storesOver(within, school);
  const tenants = createWatchedTenants(db);
  await tenants.watch([company, school], clock.at);
  entra.setConsent(company, false);
  const outcomes = new Map<string, string>();
  for (let n = 0; n < 2; n += 1) {
    const claimed = (await tenants.claim('me', clock.at, 20_000)) ?? assert.fail();
    outcomes.set(claimed.tenantId, await pass(claimed, 'me', neverAborted));
  }
  assert.deepEqual(Object.fromEntries(outcomes), { [company]: 'failed', [school]: 'good' });
  assert.ok((await createAlerts(db).listOpen(school)).length > 0);
  assert.deepEqual(await createAlerts(db).listOpen(company), []);
  assert.deepEqual(await createTokenSnapshots(db).listOfTenant(company), []);
});
