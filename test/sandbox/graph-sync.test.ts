import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { seedCounts } from '../../sandbox/seed/counts.ts';
import { countApps } from '../../src/alerts/count-apps.ts';
import { createAlertRepositories } from '../../src/store/stores.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';
import { startGraph } from './graph-rig.ts';

const dayMs = 24 * 60 * 60_000;

test('a sync runs on after its answer and then completes, moving both dates', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 5000 });
  const path = rig.pathOf('Adatum');
  const before = (await rig.ask('ada', path)).body;
  const { status, body } = await rig.sync('ada', 'Adatum');
  assert.deepEqual([status, body.lastSyncStatus, body.id], [200, 'inProgress', before.id]);
  rig.clock.now += 4999;
  const during = (await rig.ask('ada', path)).body;
  assert.deepEqual([during.lastSyncStatus, during.lastSyncDateTime], ['inProgress', before.lastSyncDateTime]);
  rig.clock.now += 1;
  const after = (await rig.ask('ada', path)).body;
  assert.equal(after.lastSyncStatus, 'completed');
  assert.match(String(after.lastSyncDateTime), /^2026-11-23T09:00:04\.997\d{4}Z$/);
  assert.notEqual(after.lastModifiedDateTime, before.lastModifiedDateTime);
});

test('the answer comes bare, wrapped or empty', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.setActionForm('wrapped');
  const wrapped = (await rig.sync('ada', 'Adatum')).body as { value?: { lastSyncStatus?: string } };
  assert.equal(wrapped.value?.lastSyncStatus, 'inProgress');
  rig.graph.controls.setActionForm('empty');
  assert.deepEqual((await rig.sync('ada', 'Contoso HQ')).body, {});
  assert.equal(rig.graph.findToken(rig.getId('Contoso HQ'))?.lastSyncStatus, 'inProgress');
});

test('the next sync ends as planned, and only that one', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 10 });
  const statusAfter = async (name: string, ms: number) => {
    await rig.sync('ada', name);
    rig.clock.now += ms;
    return (await rig.ask('ada', rig.pathOf(name))).body.lastSyncStatus;
  };
  rig.graph.controls.nextSyncEnds('failed');
  assert.equal(await statusAfter('Adatum', 10), 'failed');
  assert.equal(await statusAfter('Adatum', 10), 'completed');
  rig.graph.controls.nextSyncEnds('stuck');
  assert.equal(await statusAfter('Adatum', dayMs), 'inProgress');
  assert.equal(await statusAfter('Adatum', 10), 'completed', 'a stuck sync can be begun anew');
});

test('a sync with a token Apple does not accept fails', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 10 });
  for (const name of ['Contoso Événements', 'Wingtip Toys', 'Litware']) {
    await rig.sync('ada', name);
    rig.clock.now += 10;
    assert.equal((await rig.ask('ada', rig.pathOf(name))).body.lastSyncStatus, 'failed', name);
  }
});

test('whether a failed sync moves its date is a switch', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 10 });
  const path = rig.pathOf('Adatum');
  const before = (await rig.ask('ada', path)).body.lastSyncDateTime;
  rig.graph.controls.setDateMovesOnFailure(false);
  rig.graph.controls.nextSyncEnds('failed');
  await rig.sync('ada', 'Adatum');
  rig.clock.now += 10;
  const after = (await rig.ask('ada', path)).body;
  assert.deepEqual([after.lastSyncStatus, after.lastSyncDateTime], ['failed', before]);
});

test('with lag the old status is shown for a while after the POST', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 5000 });
  rig.graph.controls.setLag(1000);
  const path = rig.pathOf('Adatum');
  const before = (await rig.ask('ada', path)).body;
  assert.equal((await rig.sync('ada', 'Adatum')).body.lastSyncStatus, 'inProgress');
  rig.clock.now += 999;
  assert.deepEqual((await rig.ask('ada', path)).body, before);
  rig.clock.now += 1;
  assert.equal((await rig.ask('ada', path)).body.lastSyncStatus, 'inProgress');
});

test('a second POST joins the sync under way', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 5000 });
  await rig.sync('ada', 'Adatum');
  rig.clock.now += 3000;
  assert.equal((await rig.sync('elif', 'Adatum')).body.lastSyncStatus, 'inProgress');
  rig.clock.now += 2000;
  assert.equal((await rig.ask('ada', rig.pathOf('Adatum'))).body.lastSyncStatus, 'completed');
});

test('the seeded sync under way ends by itself, the seeded stuck one never', async (t) => {
  const rig = await startGraph(t);
  const statusOf = (name: string) => rig.graph.findToken(rig.getId(name))?.lastSyncStatus;
  assert.deepEqual([statusOf('Contoso Field Service'), statusOf('Café Ñandú')], ['inProgress', 'inProgress']);
  rig.clock.now += 5 * 60_000;
  assert.deepEqual([statusOf('Contoso Field Service'), statusOf('Café Ñandú')], ['completed', 'inProgress']);
});

test('bought licences show at the next completed sync', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 10 });
  const id = rig.getId('Adatum');
  const getApp = () => rig.graph.listApps(id)[0] ?? assert.fail('no apps');
  const { id: appId, totalLicenseCount: before } = getApp();
  const run = async () => {
    await rig.sync('ada', 'Adatum');
    rig.clock.now += 10;
  };
  rig.graph.controls.buyLicenses(appId, 50);
  assert.equal(getApp().totalLicenseCount, before);
  rig.graph.controls.nextSyncEnds('failed');
  await run();
  assert.equal(getApp().totalLicenseCount, before);
  await run();
  assert.equal(getApp().totalLicenseCount, before + 50);
  await run();
  assert.equal(getApp().totalLicenseCount, before + 50);
});

test('an app is used up over the tenant’s own time travel', async (t) => {
  const rig = await startGraph(t);
  const { tenantId } = rig.getPerson('ada');
  const find = (name: string) =>
    rig.graph
      .listTokens(tenantId)
      .flatMap(({ id }) => rig.graph.listApps(id))
      .find((app) => app.displayName === name);
  const usedAfter = (days: number) => {
    rig.graph.controls.passTime(tenantId, days * 86_400_000);
    return find('门店盘点')?.usedLicenseCount;
  };
  const other = find('Shelf Scanner');
  assert.deepEqual([usedAfter(0), usedAfter(1), usedAfter(7), usedAfter(30)], [72, 76, 104, 120]);
  assert.deepEqual(find('Shelf Scanner'), other);
});

test('the counts that npm run dev begins with give a trend, whose end comes nearer as the tenant’s days pass', async (t) => {
  const rig = await startGraph(t);
  const { tenantId } = rig.getPerson('ada');
  const now = rig.clock.now;
  const path = `${temporaryFolder()}/rehearsal.db`;
  await seedCounts(path, rig.seed, now);
  const { countedApps } = createAlertRepositories(await openStore(path));
  const daysLeft = async () => {
    const apps = new Map(
      rig.graph.listTokens(tenantId).map(({ id: tokenId }) => {
        const own = rig.graph.listApps(tokenId).map(({ id, displayName, usedLicenseCount, totalLicenseCount }) => {
          return { id, name: displayName, used: usedLicenseCount, total: totalLicenseCount };
        });
        return [tokenId, { apps: own, isApproximate: false }];
      }),
    );
    const found = await countApps(countedApps, { tenantId, apps, now, signal: new AbortController().signal });
    return [...new Set(found.values())];
  };
  assert.deepEqual(await daysLeft(), [12]);
  rig.graph.controls.passTime(tenantId, 7 * dayMs);
  assert.deepEqual(await daysLeft(), [5]);
});

test('a token expires by the clock, on the panel, and comes back by renewal with its lag', async (t) => {
  const rig = await startGraph(t);
  const path = rig.pathOf('Fabrikam Logistics');
  const id = rig.getId('Fabrikam Logistics');
  const stateOf = async () => (await rig.ask('ada', path)).body.state;
  assert.equal(await stateOf(), 'valid');
  rig.clock.now += 2 * dayMs;
  assert.equal(await stateOf(), 'expired');
  rig.graph.controls.renewToken(id, { lagMs: 60_000 });
  assert.equal(await stateOf(), 'expired');
  rig.clock.now += 60_000;
  const renewed = (await rig.ask('ada', path)).body;
  assert.deepEqual([renewed.state, renewed.expirationDateTime], ['valid', '2027-11-25T09:00:00Z']);
  rig.graph.controls.expireToken(id);
  assert.equal(await stateOf(), 'expired');
});

test('the daily sync runs by the clock when it is switched on', async (t) => {
  const rig = await startGraph(t, { syncDurationMs: 1000 });
  const id = rig.getId('Adatum');
  rig.clock.now += 3 * dayMs;
  assert.equal(rig.graph.findToken(id)?.lastSyncAt, rig.clock.now - 3 * dayMs - 6 * 60 * 60_000);
  rig.graph.controls.setAutomaticSync(true);
  const age = rig.clock.now - (rig.graph.findToken(id)?.lastSyncAt ?? 0);
  assert.ok(age < dayMs, `last sync ${age} ms ago`);
});

test('somebody else’s sync shows like any other', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.startSync(rig.getId('Adatum'));
  assert.equal((await rig.ask('ada', rig.pathOf('Adatum'))).body.lastSyncStatus, 'inProgress');
  assert.ok(rig.graph.requests.every(({ method }) => method === 'GET'));
});

test('a body is recorded, and a POST without a length refused', async (t) => {
  const rig = await startGraph(t);
  await rig.sync('ada', 'Adatum');
  await rig.ask('ada', `${rig.pathOf('Contoso HQ')}/syncLicenses`, { method: 'POST', body: '{}' });
  const [first, second] = rig.graph.requests;
  assert.deepEqual([first?.hadBody, second?.hadBody], [false, true]);
  const token = await rig.getToken('ada');
  const status = await new Promise((resolve, reject) => {
    const url = `${rig.server.baseUrl}/graph${rig.pathOf('Litware')}/syncLicenses`;
    const options = { method: 'POST', headers: { authorization: `Bearer ${token}` } };
    const asked = request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
    asked.removeHeader('content-length');
    asked.removeHeader('transfer-encoding');
    asked.useChunkedEncodingByDefault = false;
    asked.end();
  });
  assert.equal(status, 411);
});

test('requests are recorded with who asked and how it went, and without tokens', async (t) => {
  const rig = await startGraph(t);
  const token = await rig.getToken('ada');
  await rig.send(token, `${rig.tokens}?$top=1`, { headers: { 'client-request-id': 'mine' } });
  await rig.ask('app', rig.tokens);
  await fetch(`${rig.server.baseUrl}/graph${rig.tokens}`);
  assert.deepEqual(rig.graph.requests[0], {
    at: rig.clock.now,
    method: 'GET',
    path: rig.tokens,
    query: '$top=1',
    personOid: rig.getPerson('ada').aadObjectId,
    hadBody: false,
    clientRequestId: 'mine',
    status: 200,
  });
  assert.deepEqual(
    rig.graph.requests.slice(1).map(({ personOid, status }) => [personOid, status]),
    [
      ['app', 200],
      ['nobody', 401],
    ],
  );
  assert.ok(!JSON.stringify(rig.graph.requests).includes(token));
});
