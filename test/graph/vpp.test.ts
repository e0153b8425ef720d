import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { IosVppApp, VppToken as MicrosoftVppToken } from '@microsoft/microsoft-graph-types';
import { clouds } from '../../src/clouds.ts';
import { GraphError } from '../../src/domain/graph.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import { resolveToken } from '../../src/domain/resolve-token.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { createDelegatedGraph, createReadOnlyGraph } from '../../src/graph/client.ts';
import {
  delegatedPermissions,
  delegatedScopes,
  getVppToken,
  graphText,
  listVppApps,
  listVppTokens,
  monitoringRoles,
  parseVppToken,
  readVppApps,
  readWithBeta,
  syncLicenses,
  vppTokenSelect,
} from '../../src/graph/vpp.ts';
import { readText } from '../support/source-files.ts';
import { type Answer, cutOff, hang, json, startScriptedGraph, status, text } from './scripted-graph.ts';

suite('beside beta', async () => {
  const server = await startScriptedGraph();
  after(() => server.stop());
  const graph = createReadOnlyGraph(server.options());

  test('does not wait for a beta that does not answer', async () => {
    server.script((response, request) => (request.url.startsWith('/beta/') ? hang : json({ a: 1 }))(response, request));
    const answers = await readWithBeta(
      () => graph.get('/x'),
      (signal) => graph.get('/x', { version: 'beta', signal }),
      20,
    );
    assert.deepEqual(answers, [{ a: 1 }, undefined]);
  });

  test('does not ask beta by default', async () => {
    server.script(json({ a: 1 }));
    assert.deepEqual(await readWithBeta(() => graph.get('/x'), undefined), [{ a: 1 }, undefined]);
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ['/v1.0/x'],
    );
  });
});

suite('scopes', () => {
  test('writes every scope with its cloud’s Graph root', () => {
    for (const cloud of Object.values(clouds)) {
      assert.deepEqual(delegatedScopes(cloud), [
        `${cloud.graphRoot}/DeviceManagementServiceConfig.ReadWrite.All`,
        `${cloud.graphRoot}/DeviceManagementApps.Read.All`,
      ]);
    }
  });

  test('monitoring needs no role that can write', () => {
    for (const role of monitoringRoles) assert.match(role, /\.Read\.All$/);
  });

  test('docs/permissions.md names exactly the permissions that the code asks for', () => {
    const rows = [...readText('docs/permissions.md').matchAll(/^\| `(?<name>[\w.]+)` \| (?<kind>[\w ]+?) \|/gm)];
    const documented = (kind: string) =>
      rows.flatMap(({ groups }) => (groups?.kind === kind ? [groups.name ?? ''] : [])).toSorted();
    assert.deepEqual(documented('delegated'), [...delegatedPermissions].toSorted());
    assert.deepEqual(documented('application'), [...monitoringRoles].toSorted());
  });
});

suite('vpp apps', async () => {
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

  test('names the apps for which Intune gives no usable numbers, instead of dropping them', async () => {
    const odd = [
      { usedLicenseCount: null },
      { totalLicenseCount: -1 },
      { usedLicenseCount: 0.5 },
      { totalLicenseCount: undefined },
    ];
    server.script(json({ value: [raw, ...odd.map((counts, index) => ({ ...raw, ...counts, id: `odd-${index}` }))] }));
    const { apps, uncounted } = await readVppApps(graph);
    assert.deepEqual(apps, [expected]);
    assert.deepEqual(
      uncounted.map(({ id, vppTokenAppleId }) => [id, vppTokenAppleId]),
      odd.map((_, index) => [`odd-${index}`, raw.vppTokenAppleId]),
    );
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

  test('a list of Mac apps and books alone is a list without iOS apps', async () => {
    const others = ['#microsoft.graph.macOsVppApp', '#microsoft.graph.iosVppEBook'];
    server.script(
      json({ value: others.map((type, index) => ({ ...raw, '@odata.type': type, id: `other-${index}` })) }),
    );
    assert.deepEqual(await readVppApps(graph), { apps: [], uncounted: [] });
  });

  test('a list in which nothing is an app is unreadable, not empty', async () => {
    server.script(json({ value: [{ id: 'x' }] }));
    await assert.rejects(listVppApps(graph), (error) => error instanceof GraphError && error.reason === 'unreadable');
  });
});

suite('vpp tokens', async () => {
  const server = await startScriptedGraph();
  after(() => server.stop());
  const graph = createDelegatedGraph(server.options());

  const raw = {
    '@odata.type': '#microsoft.graph.vppToken',
    id: '5f1f3a52-0000-4000-8000-000000000001',
    organizationName: 'Contoso 学校 *bold*',
    appleId: 'vpp@contoso.example',
    countryOrRegion: 'us',
    vppTokenAccountType: 'education',
    state: 'valid',
    lastSyncStatus: 'completed',
    expirationDateTime: '2027-03-01T00:00:00Z',
    lastSyncDateTime: '2026-11-22T08:15:53.4972449Z',
    lastModifiedDateTime: '2026-11-22T08:15:53.5002449Z',
    automaticallyUpdateApps: true,
    token: 'canary-secret',
  };
  const { '@odata.type': _type, token: _secret, ...expected } = raw;

  const byVersion =
    (v1: Answer, beta: Answer): Answer =>
    (response, request) =>
      (request.url.startsWith('/beta/') ? beta : v1)(response, request);

  test('reads a token property by property, seven-digit dates as they came, and leaves the secret behind', () => {
    assert.deepEqual(parseVppToken(raw), expected);
    assert.doesNotMatch(JSON.stringify(parseVppToken({ ...raw, Token: 'canary-2' })), /canary/);
  });

  test('leaves out year-1 and unreadable dates, nulls and empty names', () => {
    const token = parseVppToken({
      ...raw,
      lastSyncDateTime: '0001-01-01T00:00:00Z',
      lastModifiedDateTime: 'yesterday',
      expirationDateTime: null,
      organizationName: null,
      appleId: ' ',
      automaticallyUpdateApps: 'true',
    });
    assert.deepEqual(token, {
      id: raw.id,
      countryOrRegion: 'us',
      vppTokenAccountType: 'education',
      state: 'valid',
      lastSyncStatus: 'completed',
    });
  });

  test('keeps an enum value nobody knows, and calls a missing one unknown', () => {
    const token = parseVppToken({
      id: 'a',
      state: 'somethingNew',
      lastSyncStatus: 'paused',
      vppTokenAccountType: 'club',
    });
    assert.deepEqual(token, { id: 'a', state: 'somethingNew', lastSyncStatus: 'paused', vppTokenAccountType: 'club' });
    assert.deepEqual(parseVppToken({ id: 'a' }), { id: 'a', state: 'unknown', lastSyncStatus: 'unknown' });
  });

  test('drops what has no usable id', () => {
    for (const value of [undefined, null, 'x', [], {}, { id: 7 }, { id: '' }, { id: '../x' }, { id: '..' }]) {
      assert.equal(parseVppToken(value), undefined);
    }
  });

  test('asks for every v1.0 property but the secret', async () => {
    const v1Properties = [
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
      'vppTokenAccountType',
    ];
    assert.deepEqual(vppTokenSelect.split(',').sort(), v1Properties);
    server.script(byVersion(json({ value: [] }), json({ value: [] })));
    await listVppTokens(graph, { beta: true });
    server.requests.forEach(({ url }) => {
      const select = new URL(url, server.baseUrl).searchParams.get('$select');
      assert.ok(select && !select.split(',').includes('token'), url);
    });
  });

  test('lists every token once, without what is no token, and never the secret', async () => {
    server.script(json({ value: [raw, { state: 'valid' }, null, { ...raw, id: 'b' }, raw] }));
    const tokens = await listVppTokens(graph);
    assert.deepEqual(tokens, [expected, { ...expected, id: 'b' }]);
    assert.equal(server.requests.length, 1);
  });

  test('a list in which nothing is a token is unreadable, not empty', async () => {
    server.script(json({ value: [{ name: 'x' }] }));
    await assert.rejects(listVppTokens(graph), (error) => error instanceof GraphError && error.reason === 'unreadable');
    server.script(json({ value: [] }));
    assert.deepEqual(await listVppTokens(graph), []);
  });

  test('joins beta’s names and its duplicate state by id, and no other state', async () => {
    const beta = [
      { id: raw.id, displayName: 'Main campus', locationName: 'Contoso North', state: 'duplicateLocationId' },
      { id: 'b', displayName: null, locationName: 'South', state: 'expired', token: 'canary' },
      { id: 'unknown-to-v1', displayName: 'Ghost' },
    ];
    server.script(byVersion(json({ value: [raw, { ...raw, id: 'b' }, { ...raw, id: 'c' }] }), json({ value: beta })));
    assert.deepEqual(await listVppTokens(graph, { beta: true }), [
      { ...expected, displayName: 'Main campus', locationName: 'Contoso North', state: 'duplicateLocationId' },
      { ...expected, id: 'b', locationName: 'South' },
      { ...expected, id: 'c' },
    ]);
  });

  const betaFailures: readonly [string, Answer][] = [
    ['403', status(403)],
    ['400', status(400)],
    ['503', status(503)],
    ['HTML', text('<html></html>')],
    ['another shape', json({ value: { id: raw.id } })],
    ['a broken body', cutOff],
  ];
  for (const [name, answer] of betaFailures) {
    test(`uses v1.0 alone when beta answers ${name}`, async () => {
      server.script(byVersion(json({ value: [raw] }), answer));
      assert.deepEqual(await listVppTokens(graph, { beta: true }), [expected]);
      server.script(byVersion(json(raw), answer));
      assert.deepEqual(await getVppToken(graph, raw.id, { beta: true }), expected);
    });
  }

  test('a failing v1.0 rejects, whatever beta says, without waiting for it', async (t) => {
    const own = await startScriptedGraph();
    t.after(() => own.stop());
    for (const beta of [json({ value: [raw] }), status(500), hang]) {
      own.script(byVersion(status(403), beta));
      await assert.rejects(
        listVppTokens(createDelegatedGraph(own.options()), { beta: true }),
        (error) => error instanceof GraphError && error.reason === 'forbidden',
      );
    }
  });

  test('gets one token by id, with beta’s names when asked', async () => {
    server.script(byVersion(json(raw), json({ id: raw.id.toUpperCase(), displayName: 'Main campus' })));
    assert.deepEqual(await getVppToken(graph, raw.id, { beta: true }), { ...expected, displayName: 'Main campus' });
    assert.ok(
      server.requests.every(({ url }) => url.includes(`/deviceAppManagement/vppTokens/${raw.id}?$select=id%2C`)),
    );
    server.script(json(raw));
    assert.deepEqual(await getVppToken(graph, raw.id), expected);
    assert.equal(server.requests.length, 1);
  });

  test('says notFound for a token that is gone, and unreadable for another token’s answer', async () => {
    server.script(json({ error: { code: 'ResourceNotFound', message: 'Gone.' } }, 404));
    await assert.rejects(
      getVppToken(graph, raw.id),
      (error) => error instanceof GraphError && error.reason === 'notFound',
    );
    server.script(json({ ...raw, id: 'another' }));
    await assert.rejects(
      getVppToken(graph, raw.id),
      (error) => error instanceof GraphError && error.reason === 'unreadable',
    );
  });

  test('sends nothing for an id Graph could not have given', async () => {
    server.script(json(raw));
    for (const id of ['', '..', '.', 'a/b', 'a?b', 'a b', 'ü', `${'x'.repeat(129)}`, 'a%2Fb']) {
      const isBadRequest = (error: unknown) => error instanceof GraphError && error.reason === 'badRequest';
      await assert.rejects(getVppToken(graph, id), isBadRequest, id);
      await assert.rejects(syncLicenses(graph, id), isBadRequest, id);
    }
    assert.equal(server.requests.length, 0);
  });

  test('syncs with one POST and reads the token bare or under value', async () => {
    for (const body of [raw, { value: raw }, { '@odata.context': 'x', ...raw }]) {
      server.script(json({ ...body }));
      assert.deepEqual(await syncLicenses(graph, raw.id), expected);
      assert.deepEqual(
        server.requests.map(({ method, url, body }) => ({ method, url, body })),
        [{ method: 'POST', url: `/v1.0/deviceAppManagement/vppTokens/${raw.id}/syncLicenses`, body: '' }],
      );
    }
  });

  test('a 2xx is success even when it shows no token, or another one', async () => {
    for (const answer of [status(200), status(204), text('<html>'), json({}), json({ value: {} }), json([]), cutOff]) {
      server.script(answer);
      assert.equal(await syncLicenses(graph, raw.id), undefined);
    }
    server.script(json({ ...raw, id: 'another' }));
    assert.equal(await syncLicenses(graph, raw.id), undefined);
  });

  test('stops with the caller’s reason', async () => {
    const signal = AbortSignal.abort(new RangeError('stop'));
    await assert.rejects(listVppTokens(graph, { beta: true, signal }), RangeError);
    await assert.rejects(getVppToken(graph, raw.id, { beta: true, signal }), RangeError);
    await assert.rejects(syncLicenses(graph, raw.id, { signal }), RangeError);
  });
});

suite('vpp token type', () => {
  // Checked by tsc: a property Microsoft's types do not know makes these lines fail to compile.
  type BetaAddition = 'displayName' | 'locationName';
  type Unknown = Exclude<keyof VppToken, keyof MicrosoftVppToken | BetaAddition>;
  type UnknownOfApp = Exclude<keyof VppApp, keyof IosVppApp | 'vppTokenId'>;
  type LeftOut = Exclude<keyof MicrosoftVppToken, keyof VppToken>;
  const noneUnknown: [Unknown, UnknownOfApp] extends [never, never] ? true : never = true;
  const onlyTheSecretLeftOut: [LeftOut] extends ['token'] ? true : never = true;

  const selected: Record<Exclude<keyof VppToken, BetaAddition>, true> = {
    id: true,
    organizationName: true,
    appleId: true,
    countryOrRegion: true,
    vppTokenAccountType: true,
    state: true,
    lastSyncStatus: true,
    expirationDateTime: true,
    lastSyncDateTime: true,
    lastModifiedDateTime: true,
    automaticallyUpdateApps: true,
  };

  test('our token is Microsoft’s but for the secret, and what is asked for is what is typed', () => {
    assert.ok(noneUnknown && onlyTheSecretLeftOut);
    assert.deepEqual(vppTokenSelect.split(',').sort(), Object.keys(selected).sort());
  });
});

suite('graph text', () => {
  test('a text comes as it is', () => {
    for (const text of ['Contoso', ' Schule Süd ', '学校 🎒', 'x'.repeat(1_000)]) assert.equal(graphText(text), text);
  });

  test('no text, an empty one and anything else is none', () => {
    for (const value of ['', ' ', '\0', undefined, null, 5, true, {}, ['x'], { toString: 1 }]) {
      assert.equal(graphText(value), undefined, JSON.stringify(value));
    }
  });

  test('what a store or a message could not take is left out: NUL, half characters, and all after a thousand characters', () => {
    assert.equal(graphText('a\0b'), 'ab');
    assert.equal(graphText('a\ud800b'), 'a\ufffdb');
    assert.equal(graphText('x'.repeat(1_000_000)), 'x'.repeat(1_000));
    assert.ok(graphText('👩‍👩‍👧'.repeat(1_000))?.isWellFormed());
  });

  test('a token whose name is a book is found by its other names, and asked for by wrong ones, in no time', () => {
    const token = parseVppToken({ id: '1', organizationName: 'word '.repeat(400_000), displayName: 'Contoso' });
    assert.ok(token);
    const startedAt = process.cpuUsage();
    assert.equal(resolveToken('contoso', [token]).kind, 'one');
    assert.equal(resolveToken('fabrikam', [token]).kind, 'none');
    assert.ok(process.cpuUsage(startedAt).user < 500_000, 'it took half a second of computing');
  });
});
