import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { graphScopes, redirectUri, startEntra } from './entra-rig.ts';

type Rig = Awaited<ReturnType<typeof startEntra>>;

const verifier = randomBytes(32).toString('base64url');

function authorizeUrl(rig: Rig, more: Readonly<Record<string, string | undefined>> = {}) {
  const url = new URL(`${rig.authority}/oauth2/v2.0/authorize`);
  const query = {
    client_id: rig.registration.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: `openid profile offline_access ${rig.registration.clientId}/access_as_user`,
    state: 'the state & more',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

async function decide(url: URL, form: Readonly<Record<string, string>>) {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  return new URL(response.headers.get('location') ?? assert.fail(`no redirect but ${response.status}`)).searchParams;
}

const redeem = (rig: Rig, code: string, more: Readonly<Record<string, string>> = {}) =>
  rig.askToken({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    scope: `openid profile offline_access ${rig.registration.clientId}/access_as_user`,
    ...more,
  });

test('the page lists the tenant’s people with the hinted one chosen', async (t) => {
  const rig = await startEntra(t);
  const response = await fetch(authorizeUrl(rig, { login_hint: 'Elif.Karaduman@contoso.example.com' }));
  const page = await response.text();
  assert.equal(response.status, 200);
  assert.match(page, /value="elif" required checked/);
  assert.equal(page.match(/ checked/g)?.length, 1);
  assert.match(page, /陈语安/);
  assert.match(page, /Gita Ferreira-Lund/, 'a guest signs in here too');
  assert.ok(!page.includes('Signe'), 'people of another tenant do not');
  assert.ok(!page.includes('data-note'), 'nothing special is asked');
});

test('continuing brings a code that becomes an assertion for the bot', async (t) => {
  const rig = await startEntra(t);
  const answer = await decide(authorizeUrl(rig, { nonce: 'n-1' }), { person: 'ada', decision: 'continue' });
  assert.equal(answer.get('state'), 'the state & more');
  const { status, body } = await redeem(rig, answer.get('code') ?? '');
  assert.equal(status, 200);
  const claims = decodeJwt(body.access_token ?? '');
  assert.equal(claims.aud, rig.registration.clientId);
  assert.equal(claims.scp, 'access_as_user');
  assert.equal(claims.oid, rig.getPerson('ada').aadObjectId);
  assert.equal(decodeJwt(body.id_token ?? '').nonce, 'n-1');
  assert.equal((await rig.exchange(body.access_token ?? '')).status, 200);
});

test('a code serves once, for ten minutes, with its own verifier, address and tenant', async (t) => {
  const rig = await startEntra(t);
  const getCode = async () =>
    (await decide(authorizeUrl(rig), { person: 'ada', decision: 'continue' })).get('code') ?? '';
  const codeOf = async (answer: ReturnType<typeof redeem>) => (await answer).body.error_codes?.[0];
  const code = await getCode();
  assert.equal((await redeem(rig, code)).status, 200);
  assert.equal(await codeOf(redeem(rig, code)), 54005);
  assert.equal(await codeOf(redeem(rig, 'made up')), 70000);
  assert.equal(await codeOf(redeem(rig, await getCode(), { code_verifier: 'x'.repeat(43) })), 501481);
  assert.equal(await codeOf(redeem(rig, await getCode(), { redirect_uri: 'https://example.com/' })), 500112);
  const several = `${rig.registration.clientId}/access_as_user ${graphScopes}`;
  assert.equal(await codeOf(redeem(rig, await getCode(), { scope: several })), 28000);
  const late = await getCode();
  rig.clock.now += 11 * 60_000;
  assert.equal(await codeOf(redeem(rig, late)), 70008);
});

test('cancelling redirects to the bot with access_denied', async (t) => {
  const rig = await startEntra(t);
  const answer = await decide(authorizeUrl(rig), { decision: 'cancel' });
  assert.equal(answer.get('error'), 'access_denied');
  assert.equal(answer.get('state'), 'the state & more');
  assert.equal(answer.get('code'), null);
});

test('nobody of another tenant can continue', async (t) => {
  const rig = await startEntra(t);
  const body = new URLSearchParams({ person: 'signe', decision: 'continue' });
  const response = await fetch(authorizeUrl(rig), { method: 'POST', body, redirect: 'manual' });
  assert.equal(response.headers.get('location'), null);
});

test('an unknown app or address shows an error page and redirects nowhere', async (t) => {
  const rig = await startEntra(t);
  for (const bad of [{ client_id: 'other' }, { redirect_uri: `${redirectUri}/` }, { redirect_uri: undefined }]) {
    const response = await fetch(authorizeUrl(rig, bad), { redirect: 'manual' });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /AADSTS(700016|50011)/);
  }
});

test('any other fault goes back to the bot’s own address', async (t) => {
  const rig = await startEntra(t);
  const bad = [
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ code_challenge: undefined }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ scope: 'https://example.com/Everything' }, 'invalid_scope'],
    [{ prompt: 'none' }, 'login_required'],
  ] as const;
  for (const [more, error] of bad) {
    const response = await fetch(authorizeUrl(rig, more), { redirect: 'manual' });
    const location = new URL(response.headers.get('location') ?? assert.fail('no redirect'));
    assert.equal(location.searchParams.get('error'), error);
    assert.equal(location.origin + location.pathname, redirectUri);
  }
});

test('consent given on the page opens the exchange', async (t) => {
  const rig = await startEntra(t);
  rig.entra.controls.setConsent(rig.company.id, false);
  const scope = `openid profile offline_access ${rig.registration.clientId}/access_as_user ${graphScopes}`;
  const url = authorizeUrl(rig, { scope, prompt: 'consent' });
  assert.match(await (await fetch(url)).text(), /data-note="consent"[\s\S]*Read and sync Apple VPP tokens/);
  const assertion = await rig.entra.issueAssertion(rig.getPerson('bruno'));
  await decide(url, { decision: 'cancel' });
  assert.deepEqual((await rig.exchange(assertion)).body.error_codes, [65001], 'cancelling consents to nothing');
  await decide(url, { person: 'ada', decision: 'continue' });
  assert.equal((await rig.exchange(assertion)).status, 200);
});

test('consent to one scope is not consent to the other', async (t) => {
  const rig = await startEntra(t);
  rig.entra.controls.setConsent(rig.company.id, false);
  const [first = ''] = graphScopes.split(' ');
  await decide(authorizeUrl(rig, { scope: first, prompt: 'consent' }), { person: 'ada', decision: 'continue' });
  const assertion = await rig.entra.issueAssertion(rig.getPerson('ada'));
  assert.deepEqual((await rig.exchange(assertion)).body.error_codes, [65001]);
  assert.equal((await rig.exchange(assertion, { scope: first })).status, 200);
});

test('step-up lasts until that person brings exactly the claims asked for', async (t) => {
  const rig = await startEntra(t);
  const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } });
  rig.entra.controls.requireStepUp('ada', claims);
  const assertion = await rig.entra.issueAssertion(rig.getPerson('ada'));
  const { status, body } = await rig.exchange(assertion);
  assert.deepEqual([status, body.error, body.error_codes, body.claims], [400, 'interaction_required', [50076], claims]);
  await decide(authorizeUrl(rig), { person: 'ada', decision: 'continue' });
  await decide(authorizeUrl(rig, { claims: '{}' }), { person: 'ada', decision: 'continue' });
  await decide(authorizeUrl(rig, { claims }), { person: 'elif', decision: 'continue' });
  assert.equal((await rig.exchange(assertion)).status, 400);
  const url = authorizeUrl(rig, { claims });
  assert.match(await (await fetch(url)).text(), /data-note="step-up"/);
  await decide(url, { person: 'ada', decision: 'continue' });
  assert.equal((await rig.exchange(assertion)).status, 200);
});
