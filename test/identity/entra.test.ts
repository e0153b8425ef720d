import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type CloudName, clouds } from '../../src/clouds.ts';
import type { ExchangeFailure } from '../../src/domain/sign-in-request.ts';
import { createEntra, createOnBehalfOf } from '../../src/identity/entra.ts';
import { entraConfig } from './entra-config.ts';
import {
  clientId,
  clientSecret,
  type EntraDouble,
  entraError,
  graphAnswer,
  otherTenantId,
  startEntra,
  type TokenReply,
  tenantId,
} from './entra-double.ts';

const claims = '{"access_token":{"capolids":{"essential":true,"values":["1"]}}}';
let entra: EntraDouble;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(() => entra.stop());

const scopesOf = (cloud: CloudName) => [
  `${clouds[cloud].graphRoot}/DeviceManagementServiceConfig.ReadWrite.All`,
  `${clouds[cloud].graphRoot}/DeviceManagementApps.Read.All`,
];

function createExchanger({ cloud = 'global', deadlineMs = 2_000 }: { cloud?: CloudName; deadlineMs?: number } = {}) {
  const asked = createEntra({ config: entraConfig(entra.authorityUrl, cloud), deadlineMs });
  return createOnBehalfOf({ entra: asked, scopes: scopesOf(cloud) });
}

async function failureFor(reply: TokenReply): Promise<ExchangeFailure> {
  entra.state.script = () => reply;
  const answer = await createExchanger({ deadlineMs: 150 }).exchange({ assertion: 'canary-assertion', tenantId });
  assert.equal(answer.ok, false);
  assert.doesNotMatch(JSON.stringify(answer), /canary/);
  return answer.failure;
}

test('exchanges an assertion at its own tenant over plain http on loopback, in one request', async () => {
  const before = Date.now();
  const answer = await createExchanger().exchange({ assertion: 'the-assertion', tenantId });
  assert.equal(answer.ok && answer.accessToken, 'graph-token');
  assert.ok(answer.ok && Math.abs(answer.expiresAt - before - 3_600_000) < 5_000);
  assert.equal(entra.seen.length, 1);
  const [request] = entra.tokenRequests;
  assert.equal(request?.path, `/entra/${tenantId}/oauth2/v2.0/token`);
  const form = request?.form ?? new URLSearchParams();
  assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  assert.equal(form.get('requested_token_use'), 'on_behalf_of');
  assert.equal(form.get('assertion'), 'the-assertion');
  assert.equal(form.get('client_id'), clientId);
  assert.equal(form.get('client_secret'), clientSecret);
  for (const scope of scopesOf('global')) assert.ok(form.get('scope')?.split(' ').includes(scope));
});

for (const cloud of Object.keys(clouds) as CloudName[]) {
  test(`asks the loopback authority alone in the ${cloud} cloud, with that cloud’s scopes`, async () => {
    const answer = await createExchanger({ cloud }).exchange({ assertion: 'a', tenantId });
    assert.equal(answer.ok, true);
    assert.deepEqual(
      entra.seen.map(({ path }) => path),
      [`/entra/${tenantId}/oauth2/v2.0/token`],
    );
    assert.ok(entra.tokenRequests[0]?.form.get('scope')?.includes(scopesOf(cloud)[0] ?? '-'));
  });
}

test('asks the cloud’s own login host when no rehearsal is configured', async () => {
  const urls: string[] = [];
  const fetch = async (url: string | URL | Request) => {
    urls.push(String(url).replace(/\?.*/, ''));
    return Response.json(graphAnswer());
  };
  const config = entraConfig(clouds.global.loginUrl);
  const exchanger = createOnBehalfOf({ entra: createEntra({ config, fetch }), scopes: scopesOf('global') });
  assert.equal((await exchanger.exchange({ assertion: 'a', tenantId })).ok, true);
  assert.deepEqual(urls, [`https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`]);
});

test('repeats a claims challenge in the exchange', async () => {
  await createExchanger().exchange({ assertion: 'a', tenantId, claims });
  const sent = JSON.parse(entra.tokenRequests[0]?.form.get('claims') ?? '{}');
  assert.deepEqual(sent.access_token, JSON.parse(claims).access_token);
});

const classes: readonly (readonly [string, TokenReply, ExchangeFailure])[] = [
  [
    'consent missing',
    entraError('invalid_grant', 65001, { suberror: 'consent_required' }),
    { reason: 'consentRequired', code: '65001' },
  ],
  ['consent declined', entraError('access_denied', 65004), { reason: 'consentRequired', code: '65004' }],
  [
    'a second factor wanted',
    entraError('interaction_required', 50076, { suberror: 'basic_action', claims }),
    { reason: 'stepUpRequired', claims, code: '50076' },
  ],
  [
    'registration of a second factor wanted',
    entraError('interaction_required', 50079, { claims }),
    { reason: 'stepUpRequired', claims, code: '50079' },
  ],
  [
    'an outside challenge',
    entraError('interaction_required', 50158, { claims }),
    { reason: 'stepUpRequired', claims, code: '50158' },
  ],
  [
    'a managed device wanted, in the form MSAL drops claims from',
    entraError('invalid_grant', 53000, { claims }),
    { reason: 'stepUpRequired', claims, code: '53000' },
  ],
  ['a policy that blocks', entraError('invalid_grant', 53003), { reason: 'blockedByPolicy', code: '53003' }],
  [
    'a policy that claims may satisfy',
    entraError('invalid_grant', 53003, { claims }),
    { reason: 'stepUpRequired', claims, code: '53003' },
  ],
  [
    'Conditional Access, six digits',
    entraError('invalid_grant', 530003),
    { reason: 'blockedByPolicy', code: '530003' },
  ],
  [
    'a policy under another OAuth error',
    entraError('interaction_required', 53003),
    { reason: 'blockedByPolicy', code: '53003' },
  ],
  ...['650052', '650051', '7000229'].flatMap((code) =>
    ['invalid_client', 'invalid_grant', 'unauthorized_client'].map((error): (typeof classes)[number] => [
      `a service principal that is missing (${code} as ${error})`,
      { ...entraError(error, Number(code)), status: 401 },
      { reason: 'notInTenant', code },
    ]),
  ),
  [
    'an unknown number under invalid_client',
    { ...entraError('invalid_client', 7000999), status: 401 },
    { reason: 'refused', code: '7000999' },
  ],
  [
    'a known number behind an unknown one',
    entraError('invalid_client', 7000229, { error_codes: [399999, 7000229] }),
    { reason: 'notInTenant', code: '7000229' },
  ],
  [
    'a number whose list is empty',
    entraError('invalid_client', 650052, { error_codes: [] }),
    { reason: 'notInTenant', code: '650052' },
  ],
  [
    'interaction without claims',
    entraError('interaction_required', 50076),
    { reason: 'stepUpRequired', claims: '', code: '50076' },
  ],
  ['an expired assertion', entraError('invalid_grant', 500133), { reason: 'assertionExpired' }],
  [
    'an expired assertion whose number is in the description alone',
    entraError('invalid_grant', 500133, { error_codes: undefined }),
    { reason: 'assertionExpired' },
  ],
  [
    'a wrong secret',
    { ...entraError('invalid_client', 7000215), status: 401 },
    { reason: 'wrongClientSecret', code: '7000215' },
  ],
  [
    'an expired secret',
    { ...entraError('invalid_client', 7000222), status: 401 },
    { reason: 'wrongClientSecret', code: '7000222' },
  ],
  ['an unknown application', entraError('unauthorized_client', 700016), { reason: 'notInTenant', code: '700016' }],
  [
    'an unnumbered invalid_client',
    { status: 401, body: { error: 'invalid_client' } },
    { reason: 'wrongClientSecret', code: 'invalid_client' },
  ],
  [
    'too many requests, with a time',
    { ...entraError('temporarily_unavailable', 90055), status: 429, headers: { 'Retry-After': '7' } },
    { reason: 'throttled', retryAfterMs: 7_000 },
  ],
  ['too many requests, without a time', { status: 429, body: '' }, { reason: 'throttled' }],
  [
    'too many requests, with a time in a form nobody sends',
    { status: 429, body: {}, headers: { 'Retry-After': 'soon' } },
    { reason: 'throttled' },
  ],
  ['a server error', { status: 500, body: {} }, { reason: 'unavailable' }],
  ['503 with a page', { status: 503, body: '<html>' }, { reason: 'unavailable' }],
  ['a page in place of an answer', { status: 200, body: '<html>' }, { reason: 'unavailable' }],
  ['a redirect', { status: 307, headers: { Location: '/elsewhere' } }, { reason: 'unavailable' }],
  ['a cut connection', { cut: true }, { reason: 'unavailable' }],
  ['no answer by the deadline', { hang: true }, { reason: 'unavailable' }],
  [
    'a bad signature',
    entraError('invalid_grant', 50013),
    { reason: 'assertionRejected', detail: 'Entra refused it: AADSTS50013' },
  ],
  ['anything else', entraError('invalid_scope', 70011), { reason: 'refused', code: '70011' }],
  [
    'an error without a number',
    { status: 400, body: { error: 'invalid_scope' } },
    { reason: 'refused', code: 'invalid_scope' },
  ],
  [
    'an answer without a token',
    { body: { token_type: 'Bearer', expires_in: 60 } },
    { reason: 'refused', code: 'http_200' },
  ],
];

for (const [name, reply, expected] of classes) {
  test(`recognizes ${name} as ${expected.reason}`, async () => {
    assert.deepEqual(await failureFor(reply), expected);
  });
}

test('classifies by numbers and codes whatever the message says', async () => {
  const misleading = { error_description: 'AADSTS65001: consent_required interaction_required' };
  const failure = await failureFor(entraError('invalid_scope', 70011, misleading));
  assert.deepEqual(failure, { reason: 'refused', code: '70011' });
});

test('one person’s throttling does not block another, nor the same person’s next try', async () => {
  const exchanger = createExchanger();
  entra.state.script = ({ form }) =>
    form.get('assertion') === 'ada' && entra.tokenRequests.length === 1
      ? { status: 429, headers: { 'Retry-After': '60' }, body: entraError('invalid_request', 90055).body }
      : { body: graphAnswer(`token-of-${form.get('assertion')}`) };
  const exchange = async (assertion: string) => {
    const answer = await exchanger.exchange({ assertion, tenantId });
    return answer.ok ? answer.accessToken : answer.failure.reason;
  };
  assert.equal(await exchange('ada'), 'throttled');
  assert.equal(await exchange('ben'), 'token-of-ben');
  assert.equal(await exchange('ada'), 'token-of-ada');
});

test('answers each person with their own token when many exchange at once', async () => {
  const exchanger = createExchanger();
  entra.state.script = ({ form, path }) => ({ body: graphAnswer(`${path.split('/')[2]}-${form.get('assertion')}`) });
  const asked = Array.from({ length: 20 }, (_, index) => ({
    assertion: `assertion-${index}`,
    tenantId: index % 2 ? tenantId : otherTenantId,
  }));
  const answers = await Promise.all(asked.map((one) => exchanger.exchange(one)));
  for (const [index, answer] of answers.entries()) {
    assert.equal(answer.ok && answer.accessToken, `${asked[index]?.tenantId}-assertion-${index}`);
  }
});
