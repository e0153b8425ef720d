import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GraphError } from '../../src/domain/graph.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { createReadOnlyGraph } from '../../src/graph/client.ts';
import { appsOfToken, listVppApps } from '../../src/graph/vpp.ts';
import { json, startScriptedGraph, status } from './scripted-graph.ts';

const server = await startScriptedGraph();
after(() => server.stop());
const graph = createReadOnlyGraph(server.options());

const raw = {
  '@odata.type': '#microsoft.graph.iosVppApp',
  id: 'app-1',
  displayName: 'Keynote',
  bundleId: 'com.example.keynote',
  usedLicenseCount: 95,
  totalLicenseCount: 100,
  vppTokenAppleId: 'vpp@contoso.example',
  vppTokenOrganizationName: 'Contoso',
  largeIcon: { value: 'aWNvbg==' },
};
const { '@odata.type': _type, largeIcon: _icon, ...expected } = raw;

test('lists the iOS VPP apps with their licence counts', async () => {
  const other = { ...raw, '@odata.type': '#microsoft.graph.iosStoreApp', id: 'store' };
  const countless = { ...raw, id: 'countless', usedLicenseCount: null };
  server.script(json({ value: [raw, other, countless, { ...raw, id: 'app-2', bundleId: null, displayName: '' }] }));
  const { bundleId: _bundleId, ...bare } = expected;
  assert.deepEqual(await listVppApps(graph), [expected, { ...bare, id: 'app-2', displayName: 'app-2' }]);
  const [request] = server.requests;
  assert.equal(request?.url, '/v1.0/deviceAppManagement/mobileApps?$filter=isof(%27microsoft.graph.iosVppApp%27)');
});

test('takes from beta which token an app belongs to, and does without when beta fails', async () => {
  server.script((response, request) => {
    const row = request.url.startsWith('/beta/') ? { ...raw, vppTokenId: 't-1', usedLicenseCount: 1 } : raw;
    json({ value: [row] })(response, request);
  });
  assert.deepEqual(await listVppApps(graph, { beta: true }), [{ ...expected, vppTokenId: 't-1' }]);
  server.script((response, request) => {
    (request.url.startsWith('/beta/') ? status(500) : json({ value: [raw] }))(response, request);
  });
  assert.deepEqual(await listVppApps(graph, { beta: true }), [expected]);
});

test('a list in which nothing is an app is unreadable, not empty', async () => {
  server.script(json({ value: [{ id: 'x' }] }));
  await assert.rejects(listVppApps(graph), (error) => error instanceof GraphError && error.reason === 'unreadable');
});

const token = (id: string, more: Partial<VppToken> = {}): VppToken => ({
  id,
  appleId: 'vpp@contoso.example',
  organizationName: 'Contoso',
  state: 'valid',
  lastSyncStatus: 'completed',
  ...more,
});
const app = (id: string, more: Partial<VppApp> = {}): VppApp => ({ ...expected, id, ...more });

test('joins by Apple ID and organisation, exactly enough when no other token has both', () => {
  const one = token('t-1', { appleId: 'VPP@contoso.example' });
  const apps = [
    app('a'),
    app('b', { vppTokenAppleId: 'else@contoso.example' }),
    app('c', { vppTokenOrganizationName: 'X' }),
  ];
  const others = [token('t-2', { organizationName: 'X' }), token('t-3', { appleId: 'else@contoso.example' })];
  assert.deepEqual(appsOfToken(apps, one, [one, ...others]), { apps: [apps[0]], approximate: false });
});

test('is approximate when several tokens share both', () => {
  const one = token('t-1');
  assert.deepEqual(appsOfToken([app('a')], one, [one, token('t-2')]), { apps: [app('a')], approximate: true });
});

test('is exact where the app names its token, even when several share both', () => {
  const [one, two] = [token('t-1'), token('t-2')];
  const apps = [app('a', { vppTokenId: 't-1' }), app('b', { vppTokenId: 't-2' })];
  assert.deepEqual(appsOfToken(apps, one, [one, two]), { apps: [apps[0]], approximate: false });
  assert.deepEqual(appsOfToken(apps, two, [one, two]), { apps: [apps[1]], approximate: false });
});

test('guesses nothing for a token without an Apple ID, and says that it does not know', () => {
  const { appleId: _appleId, ...nameless } = token('t-1');
  const { vppTokenAppleId: _id, ...unowned } = app('a');
  assert.deepEqual(appsOfToken([unowned], nameless, [nameless]), { apps: [], approximate: true });
  assert.deepEqual(appsOfToken([], nameless, [nameless]), { apps: [], approximate: false });
});
