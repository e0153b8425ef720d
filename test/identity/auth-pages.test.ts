import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { SignInRequest } from '../../src/domain/sign-in-request.ts';
import { type AuthPagesBed, graphScopes, startAuthPages } from './auth-pages-bed.ts';
import { adaId, benId, clientId, clientSecret, entraError, otherTenantId, tenantId } from './entra-double.ts';

const minute = 60_000;
const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const ada = { tenantId, aadObjectId: adaId };
let bed: AuthPagesBed;
const start = async (changes: Partial<SignInRequest> = {}) => {
  bed = await startAuthPages(changes);
};
afterEach(() => bed.stop());

const holder = (changes: Record<string, unknown> = {}) => ({
  person: ada,
  conversationId: bed.request.conversation.id,
  ...changes,
});

type Shown = Awaited<ReturnType<AuthPagesBed['get']>>;
function assertRefused(shown: Shown, words: RegExp) {
  assert.ok(shown.status >= 400 && shown.status < 500, `status ${shown.status}`);
  assert.match(shown.body, words);
  assert.doesNotMatch(shown.body, /data-state/);
  assert.doesNotMatch(shown.body, /<script/);
}

test('leads from the button to a one-time code that brings the owner’s assertion back', async () => {
  await start();
  const authorizeUrl = await bed.open();
  const shown = await bed.get('/auth/end', bed.authorize(authorizeUrl));
  assert.equal(shown.status, 200);
  assert.match(shown.code ?? '', /^[\w-]{22}$/);
  assert.ok(shown.body.includes(`<code>${shown.code}</code>`));
  assert.match(shown.body, /paste this code into the chat/);

  const { form, path } = bed.entra.tokenRequests[0] ?? { form: new URLSearchParams(), path: '' };
  assert.equal(path, `/entra/${tenantId}/oauth2/v2.0/token`);
  assert.equal(form.get('grant_type'), 'authorization_code');
  assert.equal(form.get('redirect_uri'), `${bed.config.publicUrl}/auth/end`);
  assert.equal(form.get('client_secret'), clientSecret);
  assert.ok(form.get('scope')?.split(' ').includes(`${clientId}/access_as_user`));

  const taken = await bed.pages.takeCode(shown.code ?? '', holder({ requestId: bed.request.id }));
  assert.equal(taken?.request.id, bed.request.id);
  assert.equal(JSON.parse(Buffer.from(taken?.assertion.split('.')[1] ?? '', 'base64url').toString()).oid, adaId);
  assert.equal(await bed.pages.takeCode(shown.code ?? '', holder()), undefined, 'a second use');
});

const plain = `openid profile offline_access ${clientId}/access_as_user`;
const purposes: readonly (readonly [string, Partial<SignInRequest>, Record<string, string>])[] = [
  ['a sign-in', {}, { scope: plain }],
  ['a sign-in, with no claims left over', { claims }, { scope: plain }],
  ['consent', { purpose: 'consent' }, { scope: `${plain} ${graphScopes.join(' ')}`, prompt: 'consent' }],
  ['a step-up', { purpose: 'stepUp', claims }, { scope: `${plain} ${graphScopes.join(' ')}`, claims }],
  ['a step-up without claims', { purpose: 'stepUp', claims: '' }, { scope: `${plain} ${graphScopes.join(' ')}` }],
];

for (const [name, changes, expected] of purposes) {
  test(`asks Entra for exactly what ${name} needs`, async () => {
    await start(changes);
    const shown = await bed.get('/auth/start', { request: bed.request.id });
    assert.equal(shown.status, 302);
    assert.equal(shown.body, '');
    assert.equal(shown.headers.get('cache-control'), 'no-store');
    const url = new URL(shown.headers.get('location') ?? '');
    assert.equal(`${url.origin}${url.pathname}`, `${bed.entra.authorityUrl}/${tenantId}/oauth2/v2.0/authorize`);
    const { state, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams);
    assert.deepEqual(rest, {
      client_id: clientId,
      response_type: 'code',
      response_mode: 'query',
      redirect_uri: `${bed.config.publicUrl}/auth/end`,
      code_challenge_method: 'S256',
      ...expected,
    });
    assert.match(state ?? '', /^[\w-]{100,}$/);
    assert.match(challenge ?? '', /^[\w-]{43}$/);
    assert.deepEqual(await bed.requests.find(bed.request.id), bed.request, 'nothing is stored at the start');
    assert.equal(url.searchParams.size, [...new Set(url.searchParams.keys())].length);
  });
}

test('opens the sign-in page with the account once it is known', async () => {
  await start();
  bed.loginHints.remember(ada, 'ada@contoso.example');
  assert.equal((await bed.open()).searchParams.get('login_hint'), 'ada@contoso.example');
});

test('refuses to start an unknown, used or expired request', async () => {
  await start();
  for (const query of [{ request: 'nobody' }, { request: '' }, {}, { request: 'x'.repeat(9_000) }]) {
    assertRefused(await bed.get('/auth/start', query as Record<string, string>), /isn’t valid/);
  }
  const twice = new URLSearchParams([
    ['request', bed.request.id],
    ['request', bed.request.id],
  ]);
  assertRefused(await bed.get('/auth/start', twice), /isn’t valid/);
  bed.change(bed.request.id, { usedAt: 1 });
  assertRefused(await bed.get('/auth/start', { request: bed.request.id }), /already done/);
  bed.change(bed.request.id, { usedAt: undefined } as unknown as Partial<SignInRequest>);
  bed.clock.now = bed.request.expiresAt;
  assertRefused(await bed.get('/auth/start', { request: bed.request.id }), /expired/);
});

test('speaks both languages to who followed an unknown link, and the request’s language otherwise', async () => {
  await start({ locale: 'zh-CN' });
  const unknown = await bed.get('/auth/start', { request: 'nobody' });
  assert.match(unknown.body, /<section lang="en">.*<section lang="zh-CN">/s);
  const shown = await bed.signIn();
  assert.match(shown.body, /<html lang="zh-CN">/);
  assert.match(shown.body, /已登录/);
  assert.doesNotMatch(shown.body, /Signed in/);
});

test('names the person to sign in as to anybody else, and keeps nothing', async () => {
  await start();
  bed.signingIn.claims = { oid: benId };
  const shown = await bed.signIn();
  assertRefused(shown, /sign in as Ada &#60;b&#62;&#34;&#38;&#39;\./);
  assert.equal(shown.status, 403);
  bed.signingIn.claims = {};
  assert.equal((await bed.signIn()).status, 200, 'the owner can still sign in');
});

test('refuses a token for another audience, without the scope, or of a tenant that is not served', async () => {
  await start();
  bed.signingIn.claims = { aud: 'https://graph.microsoft.com' };
  assertRefused(await bed.signIn(), /refused/);
  bed.signingIn.claims = { scp: 'openid' };
  assertRefused(await bed.signIn(), /refused/);
  bed.signingIn.claims = { tid: otherTenantId, iss: `${bed.entra.authorityUrl}/${otherTenantId}/v2.0` };
  assertRefused(await bed.signIn(), /not set up/);
});

test('serves a state once, also to two at the same moment', async () => {
  await start();
  const query = bed.authorize(await bed.open());
  const both = await Promise.all([bed.get('/auth/end', query), bed.get('/auth/end', query)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 400]);
  assertRefused(await bed.get('/auth/end', query), /no longer open/);
  assert.equal(bed.entra.tokenRequests.length, 1);
});

test('a link that is opened again, as by a link scanner, ends no other sign-in of its request', async () => {
  await start();
  const first = bed.authorize(await bed.open());
  const second = bed.authorize(await bed.open());
  assert.equal((await bed.get('/auth/end', first)).status, 200);
  assert.equal((await bed.get('/auth/end', second)).status, 200);
  for (const used of [first, second]) assertRefused(await bed.get('/auth/end', used), /no longer open/);
});

test('a state that was used serves in no other spelling, and a changed one not at all', async () => {
  await start();
  const { code, state } = bed.authorize(await bed.open());
  const changed = `${state.slice(0, -6)}${state.at(-6) === 'A' ? 'B' : 'A'}${state.slice(-5)}`;
  assertRefused(await bed.get('/auth/end', { code, state: changed }), /no longer open/);
  assert.equal((await bed.get('/auth/end', { code, state })).status, 200);
  for (const spelt of [`${state}=`, `${state}==`, ` ${state}`, `${state}.`]) {
    assertRefused(await bed.get('/auth/end', { code, state: spelt }), /no longer open/);
  }
  assert.equal(bed.entra.tokenRequests.length, 1);
});

test('asks Entra nothing for an unknown state, a missing code or a request that ended meanwhile', async () => {
  await start();
  const { state, code } = bed.authorize(await bed.open());
  for (const query of [
    {},
    { code },
    { code, state: 'x' },
    { code, state: bed.request.id },
    { error: 'access_denied' },
  ]) {
    assertRefused(await bed.get('/auth/end', query as Record<string, string>), /no longer open/);
  }
  assertRefused(await bed.get('/auth/end', { state }), /refused/);
  const late = bed.authorize(await bed.open());
  bed.clock.now = bed.request.expiresAt;
  assertRefused(await bed.get('/auth/end', late), /expired/);
  assert.equal(bed.entra.tokenRequests.length, 0);
});

test('refuses a sign-in for a request that was used meanwhile', async () => {
  await start();
  const query = bed.authorize(await bed.open());
  await bed.requests.take(bed.request.id, bed.clock.now);
  assertRefused(await bed.get('/auth/end', query), /already done/);
});

const refusals: readonly (readonly [string, RegExp])[] = [
  ['access_denied', /Sign-in cancelled/],
  ['consent_required', /Permission is missing/],
  ['temporarily_unavailable', /didn’t answer/],
  ['invalid_request', /Reason: invalid_request\./],
  ['constructor', /Reason: constructor\./],
];

for (const [error, words] of refusals) {
  test(`says in plain words that the sign-in page ended with ${error}, and leaves the request open`, async () => {
    await start();
    const { state } = bed.authorize(await bed.open());
    assertRefused(await bed.get('/auth/end', { error, state, error_description: 'canary AADSTS65004: canary' }), words);
    assertRefused(await bed.get('/auth/end', { error, state }), /no longer open/);
    assert.equal((await bed.signIn()).status, 200);
  });
}

test('distinguishes Entra’s refusals of a code', async () => {
  await start();
  const after = async (reply: NonNullable<typeof bed.signingIn.reply>) => {
    bed.signingIn.reply = reply;
    return bed.signIn();
  };
  assertRefused(
    await after({ ...entraError('invalid_client', 7000222), status: 401 }),
    /secret or certificate is wrong or has expired \(AADSTS7000222\)/,
  );
  assertRefused(await after({ status: 503, body: {} }), /didn’t answer/);
  assertRefused(await after({ cut: true }), /didn’t answer/);
  assertRefused(await after(entraError('invalid_grant', 65001)), /Permission is missing/);
  assertRefused(await after(entraError('invalid_grant', 54005)), /Reason: AADSTS54005\./);
  assertRefused(await after(entraError('invalid_grant', 53003)), /organisation’s policy blocks.*AADSTS53003/s);
  assertRefused(await after(entraError('invalid_client', 650052)), /service principal.*AADSTS650052.*administrator/s);
});

for (const [number, words] of [
  ['65004', /Sign-in cancelled/],
  ['65001', /Permission is missing/],
  ['53003', /organisation’s policy blocks.*AADSTS53003.*Entra administrator/s],
  ['650052', /service principal.*AADSTS650052.*Entra administrator/s],
  ['7000229', /service principal.*AADSTS7000229.*Entra administrator/s],
  ['50105', /Reason: AADSTS50105\./],
] as const) {
  test(`on the way back from the sign-in page AADSTS${number} decides, whatever OAuth error it comes with`, async () => {
    await start();
    for (const error of ['access_denied', 'invalid_client', 'server_error']) {
      const { state } = bed.authorize(await bed.open());
      const error_description = `AADSTS${number}: canary`;
      assertRefused(await bed.get('/auth/end', { error, state, error_description }), words);
    }
  });
}

for (const [locale, words] of [
  ['en', /version 1 tokens.*The bot’s operator must set requestedAccessTokenVersion to 2/s],
  ['zh-CN', /版本 1 令牌.*运维人员.*requestedAccessTokenVersion/s],
] as const) {
  test(`says in ${locale} who sets the registration when it issues version 1 tokens`, async () => {
    await start({ locale });
    bed.signingIn.claims = { iss: `https://sts.windows.net/${tenantId}/`, ver: '1.0' };
    assertRefused(await bed.signIn(), words);
  });
}

test('a code is nobody else’s: other person, conversation or request leave it to its owner', async () => {
  await start();
  const code = (await bed.signIn()).code ?? '';
  const other = { tenantId, aadObjectId: benId };
  assert.equal(await bed.pages.takeCode(code, holder({ person: other })), undefined);
  assert.equal(await bed.pages.takeCode(code, holder({ person: { ...ada, tenantId: otherTenantId } })), undefined);
  assert.equal(await bed.pages.takeCode(code, holder({ conversationId: '19:elsewhere' })), undefined);
  assert.equal(await bed.pages.takeCode(code, holder({ requestId: 'request-2' })), undefined);
  assert.equal(await bed.pages.takeCode(`${code}x`, holder()), undefined);
  assert.equal(await bed.pages.takeCode('', holder()), undefined);
  assert.equal(await bed.pages.takeCode(undefined as unknown as string, holder()), undefined);
  const both = await Promise.all([bed.pages.takeCode(code, holder()), bed.pages.takeCode(code, holder())]);
  assert.equal(both.filter(Boolean).length, 1);
});

test('a code ends after ten minutes, with its request, and when its owner signs out', async () => {
  await start();
  const issuedAt = bed.clock.now;
  const code = (await bed.signIn()).code ?? '';
  bed.clock.now = issuedAt + 10 * minute;
  assert.equal(await bed.pages.takeCode(code, holder()), undefined);
  bed.clock.now = issuedAt + 7 * minute;
  const late = (await bed.signIn()).code ?? '';
  bed.clock.now = bed.request.expiresAt;
  assert.equal(await bed.pages.takeCode(late, holder()), undefined);
  bed.clock.now = issuedAt;
  const forgotten = (await bed.signIn()).code ?? '';
  bed.pages.forget(ada);
  assert.equal(await bed.pages.takeCode(forgotten, holder()), undefined);
});

test('a code serves no request that was used by another', async () => {
  await start();
  const older = (await bed.signIn()).code ?? '';
  const newer = (await bed.signIn()).code ?? '';
  assert.ok(await bed.pages.takeCode(older, holder()));
  await bed.requests.take(bed.request.id, bed.clock.now);
  assert.equal(await bed.pages.takeCode(newer, holder()), undefined);
});

test('shows nothing of what an address brings along as markup', async () => {
  await start();
  const attack = '"><script>alert(1)</script>';
  const { state } = bed.authorize(await bed.open());
  const shown = [
    await bed.get('/auth/start', { request: attack }),
    await bed.get('/auth/end', { state: attack, code: attack, error: attack }),
    await bed.get('/auth/end', { state, error: attack, error_description: attack, error_uri: 'javascript:alert(1)' }),
  ];
  for (const page of shown) {
    assertRefused(page, /<h1>/);
    assert.doesNotMatch(page.body, /alert/);
  }
});

test('a page may load nothing, is not kept, and runs only its own scripts', async () => {
  await start();
  const shown = await bed.signIn();
  const policy = shown.headers.get('content-security-policy') ?? '';
  const nonce = /script-src 'nonce-([\w-]+)'/.exec(policy)?.[1] ?? 'none';
  assert.match(policy, /^default-src 'none';/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:/);
  assert.equal(shown.headers.get('cache-control'), 'no-store');
  assert.equal(shown.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(shown.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(shown.body.split(`<script nonce="${nonce}">`).length, 3);
  assert.equal(shown.body.match(/<\/script|<!--/gi)?.length, 2, 'a script ends where it should');
  assert.notEqual((await bed.signIn()).headers.get('content-security-policy'), policy, 'a nonce serves once');
});

test('no page shows an assertion, a secret or Entra’s own words', async () => {
  await start();
  const shown = [await bed.signIn()];
  bed.signingIn.claims = { oid: benId, name: 'canary-claim' };
  shown.push(await bed.signIn());
  bed.signingIn.reply = entraError('invalid_grant', 50013);
  shown.push(await bed.signIn());
  for (const page of shown) {
    const body = page.body.replaceAll(/<script.*?<\/script>/gs, '');
    assert.doesNotMatch(body, /canary|eyJ[\w-]{20}/);
    assert.ok(!body.includes(benId));
  }
});
