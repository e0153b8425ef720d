import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { startEntra } from './entra-rig.ts';

test('an assertion verifies with the keys its tenant publishes', async (t) => {
  const rig = await startEntra(t);
  const ada = rig.getPerson('ada');
  const assertion = await rig.entra.issueAssertion(ada);
  const response = await fetch(`${rig.authority}/v2.0/.well-known/openid-configuration`);
  const metadata = (await response.json()) as { issuer: string; jwks_uri: string };
  const { payload } = await jwtVerify(assertion, createRemoteJWKSet(new URL(metadata.jwks_uri)), {
    issuer: metadata.issuer,
    audience: rig.registration.clientId,
    currentDate: new Date(rig.clock.now),
  });
  assert.equal(metadata.issuer, `${rig.authority}/v2.0`);
  assert.equal(payload.oid, ada.aadObjectId);
  assert.equal(payload.tid, rig.company.id);
  assert.equal(payload.scp, 'access_as_user');
  assert.equal(payload.preferred_username, 'ada.lindqvist@contoso.example.com');
  assert.equal(payload.exp, rig.clock.now / 1000 + 3600);
});

test('an assertion becomes a Graph token of the same person', async (t) => {
  const rig = await startEntra(t);
  const ada = rig.getPerson('ada');
  const { status, body } = await rig.exchange(await rig.entra.issueAssertion(ada));
  assert.equal(status, 200);
  assert.deepEqual(await rig.entra.verifyGraphToken(body.access_token ?? ''), {
    tenantId: rig.company.id,
    aadObjectId: ada.aadObjectId,
    scopes: ['DeviceManagementServiceConfig.ReadWrite.All', 'DeviceManagementApps.Read.All'],
    roles: [],
  });
  assert.equal(decodeJwt(body.access_token ?? '').aud, 'https://graph.microsoft.com');
  assert.ok(body.id_token && body.refresh_token);
  assert.deepEqual(JSON.parse(Buffer.from(body.client_info ?? '', 'base64url').toString()), {
    uid: ada.aadObjectId,
    utid: rig.company.id,
  });
});

test('an assertion for the application id URI is as good', async (t) => {
  const rig = await startEntra(t);
  const claims = { aud: rig.registration.idUri };
  assert.equal((await rig.exchange(await rig.entra.issueAssertion(rig.getPerson('ada'), { claims }))).status, 200);
});

test('a bad assertion is refused for what is wrong with it', async (t) => {
  const rig = await startEntra(t);
  const ada = rig.getPerson('ada');
  const bad = {
    'signed by another key': await rig.entra.issueAssertion(ada, { key: 'wrong' }),
    'for another app': await rig.entra.issueAssertion(ada, { claims: { aud: 'https://example.com' } }),
    'of another tenant': await rig.entra.issueAssertion(rig.getPerson('signe')),
    'of a guest’s home': await rig.entra.issueAssertion(rig.getPerson('gita')),
    'without access_as_user': await rig.entra.issueAssertion(ada, { claims: { scp: 'User.Read' } }),
    'of nobody known': await rig.entra.issueAssertion(ada, { claims: { oid: crypto.randomUUID() } }),
    'no token at all': 'nonsense',
  };
  for (const [what, assertion] of Object.entries(bad)) {
    const { status, body } = await rig.exchange(assertion);
    assert.deepEqual([status, body.error, body.error_codes], [400, 'invalid_grant', [50013]], what);
    assert.match(body.error_description ?? '', /^AADSTS50013: /);
  }
  const expired = await rig.exchange(await rig.entra.issueAssertion(ada, { expiresAt: rig.clock.now - 1000 }));
  assert.deepEqual(expired.body.error_codes, [500133]);
});

test('a refusal has every field of a real one', async (t) => {
  const rig = await startEntra(t);
  const { body } = await rig.exchange('nonsense');
  assert.match(body.trace_id ?? '', /^[\da-f-]{36}$/);
  assert.match(body.correlation_id ?? '', /^[\da-f-]{36}$/);
  assert.equal(body.timestamp, '2026-11-23 09:00:00Z');
});

test('without consent the exchange asks for it, for that tenant alone', async (t) => {
  const rig = await startEntra(t);
  rig.entra.controls.setConsent(rig.company.id, false);
  const { status, body } = await rig.exchange(await rig.entra.issueAssertion(rig.getPerson('ada')));
  assert.deepEqual([status, body.error, body.suberror], [400, 'invalid_grant', 'consent_required']);
  assert.deepEqual(body.error_codes, [65001]);
  const signe = await rig.entra.issueAssertion(rig.getPerson('signe'));
  const { status: elsewhere } = await rig.askToken(
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      assertion: signe,
      scope: 'https://graph.microsoft.com/.default',
    },
    rig.school.id,
  );
  assert.equal(elsewhere, 200);
});

test('scopes that are not registered, or of another resource, are refused', async (t) => {
  const rig = await startEntra(t);
  const assertion = await rig.entra.issueAssertion(rig.getPerson('ada'));
  const scope = (name: string) => rig.exchange(assertion, { scope: name });
  const codeOf = async (name: string) => (await scope(name)).body.error_codes?.[0];
  assert.equal(await codeOf('https://graph.microsoft.com/DeviceManagementApps.ReadWrite.All'), 65001);
  assert.equal(await codeOf('DeviceManagementApps.Read.All'), 70011);
  assert.equal(await codeOf('https://graph.microsoft.us/DeviceManagementApps.Read.All'), 70011);
  assert.equal(await codeOf(`${rig.registration.clientId}/access_as_user`), 70011);
});

test('the app token is for reading, and for tenants that use the bot', async (t) => {
  const rig = await startEntra(t);
  const form = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
  const { body } = await rig.askToken(form);
  assert.deepEqual(await rig.entra.verifyGraphToken(body.access_token ?? ''), {
    tenantId: rig.company.id,
    scopes: [],
    roles: ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementApps.Read.All'],
  });
  assert.deepEqual((await rig.askToken(form, rig.partner.id)).body.error_codes, [700016]);
  assert.deepEqual((await rig.askToken(form, crypto.randomUUID())).body.error_codes, [90002]);
});

test('only the bot with its present secret is let in', async (t) => {
  const rig = await startEntra(t);
  const form = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
  const refusal = async (more: Record<string, string>) => {
    const { status, body } = await rig.askToken({ ...form, ...more });
    return [status, body.error, body.error_codes?.[0]];
  };
  assert.deepEqual(await refusal({ client_secret: 'guess' }), [401, 'invalid_client', 7000215]);
  assert.deepEqual(await refusal({ client_secret: '' }), [401, 'invalid_client', 7000218]);
  assert.deepEqual(await refusal({ client_assertion: 'x' }), [401, 'invalid_client', 700027]);
  assert.deepEqual(await refusal({ client_id: crypto.randomUUID() }), [400, 'unauthorized_client', 700016]);
  rig.entra.controls.rotateClientSecret();
  assert.deepEqual(await refusal({}), [401, 'invalid_client', 7000215]);
});

test('planned faults hit the next requests and then are over', async (t) => {
  const rig = await startEntra(t);
  const assertion = await rig.entra.issueAssertion(rig.getPerson('ada'));
  rig.entra.controls.failNext(1, { kind: 'throttled', retryAfterS: 7 });
  rig.entra.controls.failNext(1, { kind: 'unavailable' });
  rig.entra.controls.failNext(1, { kind: 'expiredAssertion' });
  const throttled = await rig.exchange(assertion);
  assert.deepEqual([throttled.status, throttled.headers.get('retry-after')], [429, '7']);
  assert.equal((await rig.exchange(assertion)).status, 503);
  const app = await rig.askToken({
    grant_type: 'client_credentials',
    scope: 'https://graph.microsoft.com/.default',
  });
  assert.equal(app.status, 200, 'an expired assertion is no matter of an app token');
  assert.deepEqual((await rig.exchange(assertion)).body.error_codes, [500133]);
  assert.equal((await rig.exchange(assertion)).status, 200);
});

test('a refresh token brings new Graph tokens, in its own tenant', async (t) => {
  const rig = await startEntra(t);
  const { body } = await rig.exchange(await rig.entra.issueAssertion(rig.getPerson('ada')));
  const form = {
    grant_type: 'refresh_token',
    refresh_token: body.refresh_token ?? '',
    scope: 'https://graph.microsoft.com/.default',
  };
  rig.clock.now += 2 * 60 * 60_000;
  assert.equal(await rig.entra.verifyGraphToken(body.access_token ?? ''), undefined, 'the first has expired');
  const renewed = await rig.askToken(form);
  assert.ok(await rig.entra.verifyGraphToken(renewed.body.access_token ?? ''));
  assert.deepEqual((await rig.askToken(form, rig.school.id)).body.error_codes, [700082]);
});

test('a token for anything but Graph, and a forged one, have no caller', async (t) => {
  const rig = await startEntra(t);
  const ada = rig.getPerson('ada');
  assert.equal(await rig.entra.verifyGraphToken(await rig.entra.issueAssertion(ada)), undefined);
  const claims = { aud: 'https://graph.microsoft.com', idtyp: 'user' };
  assert.equal(
    await rig.entra.verifyGraphToken(await rig.entra.issueAssertion(ada, { key: 'wrong', claims })),
    undefined,
  );
});

test('requests are recorded with who and how it went, and without secrets', async (t) => {
  const rig = await startEntra(t);
  const ada = rig.getPerson('ada');
  const assertion = await rig.entra.issueAssertion(ada);
  rig.entra.controls.setConsent(rig.company.id, false);
  await rig.exchange(assertion);
  const { at, grant, tenantId, oid, outcome } = rig.entra.requests[0] ?? assert.fail('nothing recorded');
  assert.deepEqual([at, tenantId, oid, outcome], [rig.clock.now, rig.company.id, ada.aadObjectId, '65001']);
  assert.match(grant, /jwt-bearer$/);
  const record = JSON.stringify(rig.entra.requests);
  assert.ok(!record.includes(assertion) && !record.includes(rig.registration.clientSecret));
});
