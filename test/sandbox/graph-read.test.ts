import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGraph, unwrapMessage } from './graph-rig.ts';

test('a list has its own tenant’s tokens, with v1.0’s properties and no secret', async (t) => {
  const rig = await startGraph(t);
  const { status, body } = await rig.ask('ada', rig.tokens);
  assert.equal(status, 200);
  assert.equal(body['@odata.context'], `${rig.server.baseUrl}/graph/v1.0/$metadata#deviceAppManagement/vppTokens`);
  assert.equal(body.value?.length, 16);
  assert.ok(!('@odata.nextLink' in body));
  assert.deepEqual(Object.keys(body.value?.[0] ?? {}), [
    'appleId',
    'automaticallyUpdateApps',
    'countryOrRegion',
    'expirationDateTime',
    'id',
    'lastModifiedDateTime',
    'lastSyncDateTime',
    'lastSyncStatus',
    'organizationName',
    'state',
    'token',
    'vppTokenAccountType',
  ]);
  assert.ok(body.value?.every((entity) => entity.token === null));
  const schools = (await rig.ask('signe', rig.tokens)).body.value ?? [];
  assert.ok(schools.every(({ vppTokenAccountType }) => vppTokenAccountType === 'education'));
  assert.equal(schools.length, 5);
});

test('beta adds names and the duplicate state, which v1.0 shows as the switch says', async (t) => {
  const rig = await startGraph(t);
  const path = rig.pathOf('Proseware');
  const beta = (await rig.ask('ada', path.replace('v1.0', 'beta'))).body;
  assert.deepEqual(
    [beta.displayName, beta.locationName, beta.state],
    ['Proseware', 'Print works', 'duplicateLocationId'],
  );
  assert.equal((await rig.ask('ada', path)).body.state, 'unknown');
  rig.graph.controls.setDuplicateOnV1('duplicateLocationId');
  assert.equal((await rig.ask('ada', path)).body.state, 'duplicateLocationId');
  rig.graph.controls.setState(rig.getId('Proseware'), 'someNewState');
  assert.equal((await rig.ask('ada', path)).body.state, 'someNewState');
});

test('moments have seven digits, and never is the year one', async (t) => {
  const rig = await startGraph(t);
  const synced = (await rig.ask('ada', rig.pathOf('Contoso HQ'))).body;
  assert.match(String(synced.lastSyncDateTime), /^2026-11-23T03:00:00\.000\d{4}Z$/);
  assert.match(String(synced.lastModifiedDateTime), /^2026-11-23T03:00:00\.003\d{4}Z$/);
  assert.equal((await rig.ask('ada', rig.pathOf('Warehouse 7'))).body.lastSyncDateTime, '0001-01-01T00:00:00Z');
});

test('$select is honoured and unknown properties are refused, also beta’s on v1.0', async (t) => {
  const rig = await startGraph(t);
  const { body } = await rig.ask('ada', `${rig.tokens}?$select=id,organizationName`);
  assert.deepEqual(Object.keys(body.value?.[0] ?? {}), ['id', 'organizationName']);
  const bad = await rig.ask('ada', `${rig.tokens}?$select=id,displayName`);
  assert.deepEqual([bad.status, bad.body.error?.code], [400, 'BadRequest']);
  assert.match(bad.body.error?.message ?? '', /'displayName'/);
  assert.equal((await rig.ask('ada', `/beta/deviceAppManagement/vppTokens?$select=id,displayName`)).status, 200);
  for (const query of ["$filter=state eq 'valid'", '$orderby=id', '$search=x', '$top=0', '$top=x', '$skiptoken=x']) {
    assert.equal((await rig.ask('ada', `${rig.tokens}?${query}`)).status, 400, query);
  }
});

test('the secret shows under its switch unless $select leaves it out', async (t) => {
  const rig = await startGraph(t);
  rig.graph.controls.revealTokenSecret('canary-1');
  assert.equal((await rig.ask('ada', rig.pathOf('Adatum'))).body.token, 'canary-1');
  assert.equal((await rig.sync('ada', 'Adatum')).body.token, 'canary-1');
  const selected = await rig.ask('ada', `${rig.tokens}?$select=id,state`);
  assert.ok(!JSON.stringify(selected.body).includes('canary-1'));
});

test('pages lead through 3,000 tokens without loss, and keep what was asked', async (t) => {
  const rig = await startGraph(t, { pageSize: 900 });
  rig.graph.controls.setTokenCount(rig.company.id, 3000);
  const ids = new Set<unknown>();
  let pages = 0;
  for (let path: string | undefined = `${rig.tokens}?$select=id`; path; pages++) {
    const { body } = await rig.ask('ada', path);
    for (const entity of body.value ?? []) ids.add(entity.id);
    assert.deepEqual(Object.keys(body.value?.[0] ?? {}), ['id']);
    path = body['@odata.nextLink'];
    if (path) assert.ok(path.startsWith(`${rig.server.baseUrl}/graph/v1.0/deviceAppManagement/vppTokens?`));
  }
  assert.deepEqual([ids.size, pages], [3000, 4]);
  assert.equal((await rig.ask('ada', `${rig.tokens}?$top=7`)).body.value?.length, 7);
  rig.graph.controls.setTokenCount(rig.company.id, 0);
  assert.deepEqual((await rig.ask('ada', rig.tokens)).body.value, []);
});

test('an id is found in any case, refused when malformed, and 404 in another tenant', async (t) => {
  const rig = await startGraph(t);
  const id = rig.getId('Adatum');
  assert.equal((await rig.ask('ada', `${rig.tokens}/${id.toUpperCase()}`)).body.id, id);
  assert.equal((await rig.ask('ada', `${rig.tokens}/not-an-id`)).status, 400);
  const foreign = await rig.ask('ada', rig.pathOf('Lakeside Academy'));
  assert.deepEqual([foreign.status, foreign.body.error?.code], [404, 'ResourceNotFound']);
  rig.graph.controls.deleteToken(id);
  assert.equal((await rig.ask('ada', rig.pathOf('Adatum'))).status, 404);
});

test('unknown paths are refused', async (t) => {
  const rig = await startGraph(t);
  assert.equal((await rig.ask('ada', '/v2.0/deviceAppManagement/vppTokens')).status, 404);
  assert.equal((await rig.ask('ada', '/v1.0/deviceAppManagement/other')).status, 400);
  assert.equal((await rig.ask('ada', `${rig.pathOf('Adatum')}/revokeLicenses`, { method: 'POST' })).status, 400);
  assert.equal((await rig.ask('ada', rig.pathOf('Adatum'), { method: 'DELETE' })).status, 405);
  assert.equal((await rig.ask('ada', `${rig.tokens}/%zz`)).status, 400);
});

test('answers carry Graph’s headers and repeat the client’s request id', async (t) => {
  const rig = await startGraph(t);
  const clientRequestId = crypto.randomUUID();
  const { headers, body } = await rig.ask('ada', `${rig.tokens}?$select=nothing`, {
    headers: { 'client-request-id': clientRequestId },
  });
  assert.equal(headers.get('client-request-id'), clientRequestId);
  assert.match(headers.get('request-id') ?? '', /^[\da-f-]{36}$/);
  assert.equal(headers.get('date'), 'Mon, 23 Nov 2026 09:00:00 GMT');
  assert.ok(headers.get('x-ms-ags-diagnostic'));
  assert.deepEqual(body.error?.innerError, {
    date: '2026-11-23T09:00:00',
    'request-id': headers.get('request-id'),
    'client-request-id': clientRequestId,
  });
});

test('apps are filtered by type; macOS and token ids are beta’s alone', async (t) => {
  const rig = await startGraph(t, { pageSize: 200 });
  const apps = (version: string, filter: string) =>
    rig.ask('ada', `/${version}/deviceAppManagement/mobileApps?$filter=${encodeURIComponent(filter)}`);
  const ios = (await apps('v1.0', "isof('microsoft.graph.iosVppApp')")).body.value ?? [];
  assert.ok(ios.length > 30 && ios.every((app) => app['@odata.type'] === '#microsoft.graph.iosVppApp'));
  assert.ok(ios.every((app) => typeof app.totalLicenseCount === 'number' && !('vppTokenId' in app)));
  assert.equal((await apps('v1.0', "isof('microsoft.graph.macOsVppApp')")).status, 400);
  const both = "isof('microsoft.graph.iosVppApp') or isof('microsoft.graph.macOsVppApp')";
  const beta = (await apps('beta', both)).body.value ?? [];
  assert.ok(beta.some((app) => app['@odata.type'] === '#microsoft.graph.macOsVppApp'));
  assert.ok(beta.some((app) => app.vppTokenId === rig.getId('Adatum')));
  assert.equal((await apps('v1.0', "displayName eq 'x'")).status, 400);
});

test('$select on apps takes what all apps have, and a type’s own with the type before it', async (t) => {
  const rig = await startGraph(t);
  const select = (names: string, segment = '') =>
    rig.ask('ada', `/v1.0/deviceAppManagement/mobileApps${segment}?$top=1&$select=${names}`);
  assert.equal((await select('id,usedLicenseCount')).status, 400);
  const [app] = (await select('id,microsoft.graph.iosVppApp/usedLicenseCount')).body.value ?? [];
  assert.deepEqual(Object.keys(app ?? {}), ['@odata.type', 'id', 'usedLicenseCount']);
  assert.equal((await select('id,usedLicenseCount', '/microsoft.graph.iosVppApp')).status, 200);
});

test('each role sees what it may', async (t) => {
  const rig = await startGraph(t);
  assert.equal((await rig.ask('bruno', rig.tokens)).status, 200);
  const scoped = (await rig.ask('chen', rig.tokens)).body.value ?? [];
  assert.deepEqual(
    scoped.map(({ id }) => id).sort(),
    [rig.getId('Contoso Retail'), rig.getId('华东零售 上海门店')].sort(),
  );
  assert.equal((await rig.ask('chen', rig.pathOf('Adatum'))).status, 404);
  for (const who of ['dana', 'gita']) {
    const { status, body } = await rig.ask(who, rig.tokens);
    const messages = unwrapMessage(body.error?.message ?? '');
    assert.deepEqual([status, body.error?.code, messages.length], [403, 'UnknownError', 3], who);
    assert.match(messages[2] ?? '', /^An error has occurred - Operation ID/);
  }
  const apps = await rig.ask('chen', '/v1.0/deviceAppManagement/mobileApps?$top=900');
  assert.equal(new Set(apps.body.value?.map((app) => app.vppTokenAppleId)).size, 2);
});

test('writing needs the role for it, and the refusal is double-encoded', async (t) => {
  const rig = await startGraph(t);
  const refused = await rig.sync('bruno', 'Adatum');
  assert.deepEqual([refused.status, unwrapMessage(refused.body.error?.message ?? '').length], [403, 3]);
  assert.equal((await rig.sync('chen', 'Adatum')).status, 404);
  assert.equal((await rig.sync('chen', 'Contoso Retail')).status, 200);
});

test('the app may read everything and write nothing, for want of a scope', async (t) => {
  const rig = await startGraph(t);
  assert.equal((await rig.ask('app', rig.tokens)).body.value?.length, 16);
  const { status, body } = await rig.sync('app', 'Adatum');
  const messages = unwrapMessage(body.error?.message ?? '');
  assert.deepEqual([status, body.error?.code, messages.length], [403, 'Forbidden', 2]);
  assert.match(
    messages[1] ?? '',
    /^Application must have one of the following scopes: DeviceManagementServiceConfig\.ReadWrite\.All/,
  );
  assert.equal(rig.graph.findToken(rig.getId('Adatum'))?.lastSyncStatus, 'completed');
});

test('without a good token everything is 401', async (t) => {
  const rig = await startGraph(t);
  const statusOf = async (token: string) => (await rig.send(token, rig.tokens)).status;
  const token = await rig.getToken('ada');
  assert.equal(await statusOf('nonsense'), 401);
  assert.equal(await statusOf(await rig.entra.issueAssertion(rig.getPerson('ada'))), 401);
  assert.equal((await fetch(`${rig.server.baseUrl}/graph${rig.tokens}`)).status, 401);
  assert.equal(await statusOf(token), 200);
  rig.clock.now += 61 * 60_000;
  assert.equal(await statusOf(token), 401);
});
