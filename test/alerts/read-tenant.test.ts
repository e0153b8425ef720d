import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createToken } from '../../sandbox/seed/seed-token.ts';
import { attributeApps, createAppOwners, type TenantReading } from '../../src/alerts/read-tenant.ts';
import { kindOf } from '../../src/domain/connector.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { vppTokenSelect } from '../../src/graph/vpp.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { startMonitoredSandbox } from './monitored-sandbox.ts';

suite('attribute apps', () => {
  const account = { appleId: 'vpp@contoso.example.com', organizationName: 'Contoso' };
  const sharing = (id: string): VppToken => tokenOf(id, account);
  const app = (id: string, more: Partial<VppApp> = {}): VppApp => ({
    id,
    displayName: id,
    usedLicenseCount: 1,
    totalLicenseCount: 2,
    vppTokenAppleId: account.appleId,
    vppTokenOrganizationName: account.organizationName,
    ...more,
  });

  /** `token: app, app`, with a question mark where it is approximate. */
  const assigned = async (apps: readonly VppApp[], tokens: readonly VppToken[]) =>
    [...(await attributeApps(apps, tokens))].map(
      ([id, { apps: own, isApproximate }]) => `${id}${isApproximate ? '?' : ''}: ${own.map(({ name }) => name)}`,
    );

  test('an app belongs to the one token of its account', async () => {
    const tokens = [sharing('b'), tokenOf('a')];
    assert.deepEqual(await assigned([app('x'), app('y'), app('of nobody', { vppTokenAppleId: 'else' })], tokens), [
      'b: x,y',
      'a: ',
    ]);
    const [counts] = (await attributeApps([app('x', { displayName: '门店盘点' })], tokens)).get('b')?.apps ?? [];
    assert.deepEqual(counts, { id: 'x', name: '门店盘点', used: 1, total: 2 });
  });

  test('apps of tokens that share an account are assigned once, to the token with the lowest id, in whatever order', async () => {
    const tokens = ['c', 'a', 'b'].map(sharing);
    assert.deepEqual(await assigned([app('x'), app('y')], tokens), ['c: ', 'a?: x,y', 'b: ']);
    assert.deepEqual(await assigned([app('y'), app('x')], tokens.toReversed()), ['b: ', 'a?: y,x', 'c: ']);
  });

  test('apps that name their token are that token’s, beside others that do not', async () => {
    const tokens = ['a', 'b'].map(sharing);
    const apps = [app('x', { vppTokenId: 'b' }), app('y')];
    assert.deepEqual(await assigned(apps, tokens), ['a?: y', 'b: x']);
    assert.deepEqual(await assigned([app('x', { vppTokenId: 'b' })], tokens), ['a: ', 'b: x']);
  });

  test('a token without an Apple ID has no apps but those that name it', async () => {
    const { appleId: _, ...nameless } = tokenOf('a');
    const { vppTokenAppleId: __, ...unowned } = app('x');
    assert.deepEqual(await assigned([unowned, app('y', { vppTokenId: 'a' })], [nameless]), ['a: y']);
  });

  test('is quick with as many tokens and apps as a tenant may have, one account or many', async () => {
    const tokens = Array.from({ length: 3000 }, (_, n) => (n % 2 ? sharing(`s${n}`) : tokenOf(`t${n}`)));
    const apps = Array.from({ length: 15_000 }, (_, n) =>
      n % 3 ? app(`x${n}`) : app(`x${n}`, { vppTokenAppleId: `t${n % 3000}@contoso.example.com` }),
    );
    const startedAt = performance.now();
    const attributed = await attributeApps(apps, tokens);
    assert.ok(performance.now() - startedAt < 2_000);
    assert.equal(attributed.get('s1')?.apps.length, 10_000);
  });

  test('an app goes on belonging to the token it named, while beta does not answer', () => {
    const owners = createAppOwners();
    const named = app('x', { vppTokenId: 'b' });
    assert.deepEqual(owners.complete('tenant', [app('x')]), [app('x')]);
    assert.deepEqual(owners.complete('tenant', [named, app('y')]), [named, app('y')]);
    assert.deepEqual(owners.complete('tenant', [app('x'), app('y')]), [named, app('y')]);
    assert.deepEqual(owners.complete('tenant', [app('x')]), [named]);
    assert.deepEqual(owners.complete('other tenant', [app('x')]), [app('x')]);
    const moved = app('x', { vppTokenId: 'c' });
    owners.complete('tenant', [moved]);
    assert.deepEqual(owners.complete('tenant', [app('x')]), [moved]);
  });
});

suite('read tenant', () => {
  type Seen = Extract<TenantReading, { kind: 'seen' }>;
  const seenIn = (reading: TenantReading): Seen =>
    reading.kind === 'seen' ? reading : assert.fail(JSON.stringify(reading));
  const failedIn = (reading: TenantReading) => (reading.kind === 'failed' ? reading : assert.fail('it was read'));
  const idsOf = (tokens: readonly { readonly id: string }[]) => tokens.map(({ id }) => id);
  const neverAborted = new AbortController().signal;
  const tokensPath = '/v1.0/deviceAppManagement/vppTokens';
  const vppOf = (tokens: readonly VppToken[]) => tokens.filter((token) => kindOf(token) === 'vpp');
  const lastSegment = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const fault = (path: string, status: 403 | 429 | 503, more: object = {}) =>
    ({ path, fault: { kind: 'status', status, ...more } }) as const;

  test('reads every token of the tenant over all pages, asking for no secret', async () => {
    const { graph, controls, read, company, school } = await startMonitoredSandbox();
    controls.revealTokenSecret('canary-of-the-token-secret');
    controls.setPageSize(2);
    const reading = seenIn(await read());
    assert.deepEqual(idsOf(vppOf(reading.tokens)), idsOf(graph.listTokens(company)));
    assert.doesNotMatch(JSON.stringify(reading), /canary/);
    assert.equal(reading.apps, undefined);
    const listed = graph.requests.filter(({ path }) => path === tokensPath);
    assert.equal(listed.length, Math.ceil(graph.listTokens(company).length / 2));
    for (const { query } of listed) assert.ok(decodeURIComponent(query).includes(`$select=${vppTokenSelect}`));
    assert.deepEqual(idsOf(seenIn(await read({ tenantId: school })).tokens), idsOf(graph.listTokens(school)));
  });

  test('sees none where there are none, and three thousand where there are', async () => {
    const { controls, read, company } = await startMonitoredSandbox();
    controls.setTokenCount(company, 0);
    const { tokens, notFound, apps } = seenIn(await read({ licenses: true }));
    assert.deepEqual([vppOf(tokens), notFound, apps], [[], undefined, new Map()]);
    controls.setPageSize(100);
    controls.setTokenCount(company, 3000);
    assert.equal(vppOf(seenIn(await read()).tokens).length, 3000);
  });

  test('reads the push certificate, and with beta the enrolment tokens, asking for no secret', async () => {
    const { graph, controls, read, createReadTenantWith, company, school } = await startMonitoredSandbox();
    controls.revealTokenSecret('canary-of-the-certificate');
    const foundWith = async (beta: boolean, tenantId: string) => {
      const reading = seenIn(await createReadTenantWith({ beta })({ tenantId, licenses: false, signal: neverAborted }));
      assert.doesNotMatch(JSON.stringify(reading), /canary/);
      return reading.others?.map((each) => (each.is === 'read' ? idsOf(each.connectors) : each.is));
    };
    const ade = (tenantId: string) => graph.listConnectors(tenantId, 'ade').map(({ id }) => `ade:${id}`);
    assert.deepEqual(await foundWith(false, company), [['push'], 'off']);
    assert.deepEqual(await foundWith(true, company), [['push'], ade(company)]);
    assert.deepEqual(await foundWith(true, school), [[], ade(school)], 'its push certificate is not set up');
    controls.deleteToken(graph.listConnectors(company, 'push')[0]?.id ?? '');
    const { notFound } = seenIn(await read({ missing: ['push'] }));
    assert.deepEqual([...(notFound ?? [])], ['push']);
  });

  test('a connector that consent does not cover, or that does not answer, takes nothing else with it', async () => {
    const { graph, controls, read, company } = await startMonitoredSandbox();
    controls.coverConnector('push', false);
    const refused = seenIn(await read());
    assert.deepEqual(refused.others?.[0], {
      kind: 'push',
      is: 'notCovered',
      permissions: [
        'DeviceManagementServiceConfig.Read.All',
        'DeviceManagementServiceConfig.ReadWrite.All',
        'DeviceManagementManagedDevices.Read.All',
      ],
    });
    controls.coverConnector('push', true);
    controls.failNext(9, fault('applePushNotificationCertificate', 503));
    const silent = seenIn(await read());
    assert.deepEqual(
      silent.others?.map(({ is }) => is),
      ['unread', 'off'],
    );
    for (const { tokens } of [refused, silent]) assert.equal(tokens.length, graph.listTokens(company).length);
  });

  test('reads licenses when asked to, each app assigned to one token', async () => {
    const { graph, read, company } = await startMonitoredSandbox();
    const { apps, licenses, tokens } = seenIn(await read({ licenses: true }));
    assert.equal(licenses, undefined);
    assert.deepEqual([...(apps?.keys() ?? [])].toSorted(), idsOf(vppOf(tokens)).toSorted());
    const assigned = [...(apps?.values() ?? [])].flatMap((each) => each.apps);
    const bought = graph.listTokens(company).flatMap(({ id }) => graph.listApps(id));
    assert.equal(assigned.length, bought.filter(({ platform }) => platform === 'ios').length);
  });

  test('takes names and owners of apps from beta where it is to be asked, and says when it did not answer', async () => {
    const { controls, createReadTenantWith, company } = await startMonitoredSandbox();
    for (const n of [1, 2]) {
      const id = `b6c1f0a2-1d4e-4f73-8a95-00000000000${n}`;
      const account = { id, tenantId: company, organizationName: 'Shared', appleId: 'vpp@shared.example.com' };
      const app = { id: `app-${n}`, tokenId: id, displayName: `App ${n}`, publisher: 'P', bundleId: 'p.q' };
      controls.addToken(createToken(Date.now(), account), [
        { ...app, platform: 'ios', totalLicenseCount: 9, usedLicenseCount: 1 },
      ]);
    }
    const read = createReadTenantWith({ beta: true });
    const asked = { tenantId: company, licenses: true, signal: neverAborted };
    const named = seenIn(await read(asked));
    assert.equal(named.betaMissing, false);
    assert.ok(named.tokens.some(({ displayName }) => displayName));
    assert.ok([...(named.apps?.values() ?? [])].every(({ isApproximate }) => !isApproximate));
    controls.failNext(6, fault('/beta/', 503));
    const bare = seenIn(await read(asked));
    assert.equal(bare.betaMissing, true);
    assert.ok(bare.tokens.every(({ displayName }) => displayName === undefined));
    assert.deepEqual(bare.apps, named.apps, 'the apps still belong to the tokens they named');
  });

  test('without consent it says which permissions lack, and sees again as soon as they are granted', async () => {
    const { entra, read, company, sandbox } = await startMonitoredSandbox();
    seenIn(await read());
    entra.setConsent(company, false);
    const { failure } = failedIn(await read({ lastFailure: { part: 'tokens', reason: 'forbidden' } }));
    assert.equal(failure.reason, 'missingScope');
    assert.equal(failure.part, 'tokens');
    assert.ok(failure.neededScopes?.includes('DeviceManagementServiceConfig.Read.All'));
    assert.equal(failure.code, '403 Forbidden');
    const askedBefore = sandbox.entra.requests.length;
    entra.setConsent(company, true);
    seenIn(await read({ lastFailure: failure }));
    assert.equal(
      sandbox.entra.requests.length,
      askedBefore + 1,
      'a new token, because the one in memory has no rights',
    );
  });

  test('decodes why Entra gave no token', async () => {
    const { entra, read, createReadTenantWith } = await startMonitoredSandbox();
    entra.failNext(1, { kind: 'throttled', retryAfterS: 40 });
    assert.deepEqual(await read(), {
      kind: 'failed',
      failure: { part: 'tokens', reason: 'throttled' },
      retryAfterMs: 40_000,
    });
    entra.failNext(1, { kind: 'unavailable' });
    assert.deepEqual(failedIn(await read()).failure, { part: 'tokens', reason: 'unavailable' });
    const elsewhere = { tenantId: '99999999-2222-4333-8444-555555555555', licenses: false, signal: neverAborted };
    assert.equal(failedIn(await createReadTenantWith()(elsewhere)).failure.reason, 'tenantNotAllowed');
    entra.rotateClientSecret();
    assert.deepEqual(failedIn(await read()).failure, { part: 'tokens', reason: 'wrongClientSecret', code: '7000215' });
  });

  test('decodes why Graph showed no tokens', async () => {
    const { controls, read, waits } = await startMonitoredSandbox();
    const failedBy = async (count: number, plan: Parameters<typeof controls.failNext>[1]) => {
      controls.failNext(count, plan);
      const { failure, retryAfterMs } = failedIn(await read());
      controls.failNoMore();
      return [failure.reason, failure.code, retryAfterMs];
    };
    assert.deepEqual(await failedBy(1, fault(tokensPath, 429, { retryAfterS: 90 })), [
      'throttled',
      '429 TooManyRequests',
      90_000,
    ]);
    assert.deepEqual(await failedBy(3, fault(tokensPath, 429)), ['throttled', '429 TooManyRequests', undefined]);
    assert.equal((await failedBy(3, fault(tokensPath, 503)))[0], 'unavailable');
    assert.equal((await failedBy(3, { path: tokensPath, fault: { kind: 'reset' } }))[0], 'unavailable');
    assert.equal((await failedBy(1, fault(tokensPath, 403)))[0], 'forbidden');
    assert.equal((await failedBy(1, { path: tokensPath, fault: { kind: 'truncatedJson' } }))[0], 'unreadable');
    assert.equal((await failedBy(1, { path: tokensPath, fault: { kind: 'emptyBody' } }))[0], 'unreadable');
    assert.equal((await failedBy(1, { path: tokensPath, fault: { kind: 'foreignNextLink' } }))[0], 'unreadable');
    assert.ok(waits.length >= 6, 'what may pass was tried again');
    controls.failNext(2, fault(tokensPath, 429));
    seenIn(await read());
  });

  test('a page that is cut off makes the whole reading fail, never a shorter list', async () => {
    const { controls, createReadTenantWith, forApp, company } = await startMonitoredSandbox();
    controls.setPageSize(2);
    let pages = 0;
    const cutting: typeof fetch = (...request) => {
      pages += 1;
      if (pages === 3) controls.failNext(1, { fault: { kind: 'truncatedJson' } });
      return fetch(...request);
    };
    const read = createReadTenantWith({ forApp: (tenantId) => forApp(tenantId, { fetch: cutting }) });
    const { failure } = failedIn(await read({ tenantId: company, licenses: false, signal: neverAborted }));
    assert.deepEqual([failure.reason, pages], ['unreadable', 3]);
  });

  test('asks for missing tokens by their ids, until an answer decides nothing', async () => {
    const { graph, controls, read, company, school } = await startMonitoredSandbox();
    controls.setPageSize(100);
    const [first, second, third, listed] = idsOf(graph.listTokens(company));
    assert.ok(first && second && third && listed);
    for (const id of [first, second, third]) controls.deleteToken(id);
    const missing = [listed, first, second, third];
    const askedFor = async (asked: Partial<Parameters<typeof read>[0]> = {}) => {
      const before = graph.requests.length;
      const { notFound } = seenIn(await read({ missing, ...asked }));
      const paths = graph.requests.slice(before).map(({ path }) => path);
      return {
        notFound: [...(notFound ?? [])],
        ids: paths.filter((path) => path.startsWith(`${tokensPath}/`)).map(lastSegment),
      };
    };
    assert.deepEqual(await askedFor(), { notFound: [first, second, third], ids: [first, second, third] });
    controls.failNext(1, fault(`/${second}`, 403));
    assert.deepEqual(await askedFor(), { notFound: [first], ids: [first, second] });
    controls.leaveOut(listed);
    assert.deepEqual(await askedFor(), { notFound: [first, second, third], ids: missing });
    controls.leaveOut(undefined);
    const many = Array.from({ length: 60 }, (_, n) => `b6c1f0a2-1d4e-4f73-8a95-0000000000${n + 10}`);
    assert.equal((await askedFor({ missing: many })).notFound.length, 50, 'the others wait for the next pass');
    controls.setTokenCount(school, 0);
    assert.deepEqual(await askedFor({ tenantId: school }), { notFound: [], ids: [] }, 'an empty list is one event');
  });

  test('a missing token that is never answered costs only its deadline', async () => {
    const { graph, controls, createReadTenantWith, company, read } = await startMonitoredSandbox();
    await read();
    const [first = ''] = idsOf(graph.listTokens(company));
    controls.deleteToken(first);
    controls.failNext(9, { path: `/${first}`, fault: { kind: 'hang' } });
    const readTenant = createReadTenantWith({ readWithinMs: 1_500 });
    const asked = { tenantId: company, licenses: false, missing: [first], signal: neverAborted };
    assert.equal(seenIn(await readTenant(asked)).notFound, undefined);
  });

  test('gives up at its deadline, and says so', async () => {
    const { controls, createReadTenantWith, company } = await startMonitoredSandbox();
    const read = createReadTenantWith({ readWithinMs: 50 });
    const asked = { tenantId: company, licenses: false, signal: neverAborted };
    controls.failNext(1, { fault: { kind: 'hang' } });
    assert.deepEqual(await read(asked), { kind: 'failed', failure: { part: 'tokens', reason: 'timedOut' } });
  });

  test('aborted, it rejects at once with the reason', async () => {
    const { controls, read } = await startMonitoredSandbox();
    controls.failNext(1, { fault: { kind: 'hang' } });
    const breaking = new AbortController();
    const reading = read({ signal: breaking.signal });
    breaking.abort(new Error('the process stops'));
    await assert.rejects(reading, /the process stops/);
  });

  test('still returns the tokens when licenses cannot be read', async () => {
    const { controls, read } = await startMonitoredSandbox();
    controls.failNext(1, fault('mobileApps', 403));
    const reading = seenIn(await read({ licenses: true }));
    assert.ok(reading.tokens.length > 0);
    assert.equal(reading.apps, undefined);
    assert.deepEqual(reading.licenses?.failure.part, 'licenses');
    assert.deepEqual(reading.licenses?.failure.reason, 'forbidden');
  });

  test('an unexpected error is a failure too, and is logged', async () => {
    const { createReadTenantWith, company, lines } = await startMonitoredSandbox();
    const read = createReadTenantWith({
      forApp: () => ({ get: () => assert.fail(), listPages: () => Promise.reject(new TypeError('canary')) }),
    });
    const reading = await read({ tenantId: company, licenses: false, signal: neverAborted });
    assert.deepEqual(reading, { kind: 'failed', failure: { part: 'tokens', reason: 'unexpected' } });
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['reading a tenant failed unexpectedly'],
    );
    assert.doesNotMatch(JSON.stringify(reading), /canary/);
  });
});
