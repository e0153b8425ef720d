import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { createToken } from '../../sandbox/seed/seed-token.ts';
import { acknowledge } from '../../src/domain/alert-steps.ts';
import { hourMs, startPasses } from './pass-rig.ts';

const kindsOf = (events: readonly string[]) => new Set(events.map((event) => event.split(' ')[0]));

test('the first pass opens what is wrong and tells it to whoever wants to hear', async () => {
  const { passOnce, listOpen, listDeliveries, tokenOf, findOpen, snapshots, graph, company } = await startPasses();
  const { outcome, events, tenant } = await passOnce();
  assert.equal(outcome, 'good');
  assert.deepEqual(kindsOf(events), new Set(['opened']));
  const open = await listOpen();
  assert.equal(open.length, events.length);
  for (const [name, condition] of [
    ['retail', 'expiring'],
    ['evenements', 'expired'],
    ['former.colleague', 'invalid'],
    ['mdm', 'assignedToExternalMDM'],
    ['zuerich', 'syncFailed'],
    ['cafe', 'syncStuck'],
    ['ipads', 'syncStale'],
    ['retail', 'licenses'],
  ] as const)
    assert.ok(await findOpen(tokenOf(name).id, condition), `${name} ${condition}`);
  assert.deepEqual(
    (await listDeliveries()).map(({ key }) => key).toSorted(),
    open.map(({ id, revision }) => `${id} ${revision} subscription-1`).toSorted(),
  );
  assert.equal((await snapshots.listOfTenant(company)).length, graph.listTokens(company).length);
  const { goodAt, licensesAt, failedPasses } = tenant;
  assert.deepEqual([goodAt, licensesAt, failedPasses], [tenant.passedAt, tenant.passedAt, 0]);
});

test('a pass at which nothing has changed tells nothing and writes nothing but that it was made', async () => {
  const { passOnce, db, controls, company } = await startPasses();
  controls.setPageSize(100);
  controls.setTokenCount(company, 3000);
  const countWrites = async () => {
    const { rows } = await sql<{ writes: number }>`select total_changes() as writes`.execute(db);
    return rows[0]?.writes ?? 0;
  };
  await passOnce();
  const before = await countWrites();
  assert.ok(before > 3000);
  const { outcome, events } = await passOnce();
  assert.deepEqual([outcome, events], ['good', []]);
  // The claim and its end, and a delivery or an alert for none of the tokens.
  assert.ok((await countWrites()) - before <= 4, `${(await countWrites()) - before} writes`);
});

test('a token that expires is told, and its renewal too', async () => {
  const { passOnce, controls, tokenOf, findOpen, clock } = await startPasses();
  await passOnce();
  const { id } = tokenOf('hq');
  controls.expireToken(id);
  assert.deepEqual((await passOnce()).events, ['opened expired/expired']);
  const alert = await findOpen(id, 'expired');
  assert.equal(alert?.token?.state, 'expired');
  assert.equal(alert?.openedAt, clock.at);
  controls.renewToken(id);
  assert.deepEqual((await passOnce()).events, ['resolved expired/expired']);
  assert.equal(await findOpen(id, 'expired'), undefined);
});

test('a token that is deleted closes its alerts, and is forgotten', async () => {
  const { passOnce, controls, tokenOf, findOpen, snapshots, company } = await startPasses();
  await passOnce();
  const { id } = tokenOf('evenements');
  assert.ok(await findOpen(id, 'expired'));
  controls.deleteToken(id);
  const { events } = await passOnce();
  assert.deepEqual(kindsOf(events), new Set(['deleted']));
  assert.equal(await findOpen(id, 'expired'), undefined);
  assert.ok((await snapshots.listOfTenant(company)).every(({ token }) => token.id !== id));
  assert.deepEqual((await passOnce()).events, []);
});

test('a tenant without any token has nothing to tell', async () => {
  const { passOnce, controls, company, listOpen, snapshots } = await startPasses();
  await passOnce();
  controls.setTokenCount(company, 0);
  const { outcome, events } = await passOnce();
  assert.equal(outcome, 'good');
  assert.deepEqual(kindsOf(events), new Set(['deleted']));
  assert.deepEqual(await listOpen(), []);
  assert.deepEqual(await snapshots.listOfTenant(company), []);
});

test('a sync that is stuck is told once it has been in progress for long, as far as passes have seen', async () => {
  const { passOnce, controls, tokenOf, findOpen, snapshots, company } = await startPasses();
  await passOnce();
  const { id } = tokenOf('hq');
  controls.nextSyncEnds('stuck');
  controls.startSync(id);
  assert.deepEqual((await passOnce()).events, []);
  const seen = (await snapshots.listOfTenant(company)).find(({ token }) => token.id === id);
  assert.equal(seen?.inProgressSince, seen?.seenAt);
  await passOnce();
  await passOnce();
  assert.ok(await findOpen(id, 'syncStuck'));
});

test('licences are read once a day while none runs out, and sooner when somebody asks', async () => {
  const { passOnce, graph, controls, tenants, company, clock } = await startPasses();
  controls.setTokenCount(company, 0);
  const id = 'b6c1f0a2-1d4e-4f73-8a95-000000000001';
  const names = { displayName: 'App', platform: 'ios', publisher: 'P', bundleId: 'p.q' } as const;
  controls.addToken(
    createToken(clock.at, { id, tenantId: company, organizationName: 'One', appleId: 'vpp@one.example.com' }),
    [{ id: 'app', tokenId: id, ...names, totalLicenseCount: 10, usedLicenseCount: 2 }],
  );
  const countReads = () => graph.requests.filter(({ path }) => path.endsWith('/mobileApps')).length;
  const first = await passOnce();
  const once = countReads();
  assert.ok(once > 0);
  await passOnce();
  await passOnce();
  assert.equal(countReads(), once);
  await tenants.askForLicenses(company);
  const asked = await passOnce();
  assert.equal(countReads(), 2 * once);
  assert.ok((asked.tenant.licensesAt ?? 0) > (first.tenant.licensesAt ?? 0));
  await passOnce();
  assert.equal(countReads(), 2 * once);
  await passOnce(24 * hourMs);
  assert.equal(countReads(), 3 * once);
});

test('an alert about licences that are running out follows every pass, to its end', async () => {
  const { passOnce, tokenOf, findOpen, controls, graph } = await startPasses();
  await passOnce();
  const { id } = tokenOf('retail');
  assert.equal((await findOpen(id, 'licenses'))?.stage, 'usedUp');
  controls.setSyncDuration(0);
  const [first, ...others] = graph.listApps(id);
  controls.buyLicenses(first?.id ?? assert.fail(), 500);
  controls.startSync(id);
  await passOnce();
  const names = (await findOpen(id, 'licenses'))?.detail.apps?.map(({ name }) => name) ?? [];
  assert.ok(!names.includes(first?.displayName ?? ''), String(names));
  for (const app of others) controls.buyLicenses(app.id, 500);
  controls.startSync(id);
  assert.deepEqual((await passOnce()).events, ['resolved licenses/usedUp']);
  assert.equal(await findOpen(id, 'licenses'), undefined);
});

test('one shortage of an account with several tokens is one alert', async () => {
  const { passOnce, controls, company, clock, listOpen } = await startPasses();
  controls.setTokenCount(company, 0);
  const ids = [3, 1, 2].map((n) => `b6c1f0a2-1d4e-4f73-8a95-00000000000${n}`);
  for (const [n, id] of ids.entries()) {
    const account = { id, tenantId: company, organizationName: 'Shared', appleId: 'vpp@shared.example.com' };
    const app = {
      platform: 'ios',
      publisher: 'P',
      bundleId: 'p.q',
      totalLicenseCount: 10,
      usedLicenseCount: 10,
    } as const;
    controls.addToken(createToken(clock.at, account), [
      { ...app, id: `app-${n}`, tokenId: id, displayName: `App ${n}` },
    ]);
  }
  assert.deepEqual((await passOnce()).events, ['opened licenses/usedUp']);
  const [alert] = await listOpen();
  assert.equal(alert?.tokenId, ids[1]);
  assert.equal(alert?.detail.isApproximate, true);
  assert.equal(alert?.detail.apps?.length, 3);
});

test('a duplicate location is not mended because beta does not answer', async () => {
  const { passOnce, controls, tokenOf, findOpen } = await startPasses({ beta: true });
  await passOnce();
  const { id } = tokenOf('apple');
  const opened = await findOpen(id, 'duplicateLocationId');
  assert.ok(opened);
  controls.failNext(3, { path: '/beta/', fault: { kind: 'status', status: 503 } });
  assert.deepEqual((await passOnce()).events, []);
  assert.deepEqual(await findOpen(id, 'duplicateLocationId'), opened);
  controls.setState(id, 'valid');
  assert.deepEqual((await passOnce()).events, ['resolved duplicateLocationId/duplicateLocationId']);
});

test('an acknowledgement that comes between is kept, and what the pass had to say is said all the same', async () => {
  const { passOnce, tokenOf, findOpen, alerts, parts, clock, listDeliveries } = await startPasses();
  await passOnce();
  const { id } = tokenOf('retail');
  const stale = await alerts.listOfTenant(tokenOf('retail').tenantId, clock.at);
  const alert = (await findOpen(id, 'expiring')) ?? assert.fail();
  const taken = acknowledge(alert, 'Ada', clock.at) ?? assert.fail();
  assert.equal(await alerts.put(taken), true);
  const deliveriesBefore = (await listDeliveries()).length;

  // As on a database on which a reader does not keep writers out: the pass reads what was there before.
  const { createStores } = parts;
  let isFirst = true;
  Object.assign(parts, {
    createStores(within: Parameters<typeof createStores>[0]) {
      const stores = createStores(within);
      if (!isFirst) return stores;
      isFirst = false;
      return { ...stores, alerts: { ...stores.alerts, listOfTenant: async () => stale } };
    },
  });
  const { outcome, events } = await passOnce(5 * 24 * hourMs);
  assert.equal(outcome, 'good');
  assert.ok(events.includes('escalated expiring/d7'), String(events));
  const escalated = await findOpen(id, 'expiring');
  assert.equal(escalated?.stage, 'd7');
  assert.equal(escalated?.acknowledged?.by, 'Ada');
  assert.equal(escalated?.revision, taken.revision + 1);
  assert.equal((await listDeliveries()).length - deliveriesBefore, events.length, 'each is delivered once');
});
