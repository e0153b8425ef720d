import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createAssertionVerifier } from '../../src/identity/assertions.ts';
import { createEntra, createOnBehalfOf } from '../../src/identity/entra.ts';
import { createLoginHints, createSessions } from '../../src/identity/sessions.ts';
import { createExchange } from '../../src/identity/tokens.ts';
import { entraConfig } from './entra-config.ts';
import { adaId, benId, type EntraDouble, entraError, graphAnswer, startEntra, tenantId } from './entra-double.ts';

const ada = { tenantId, aadObjectId: adaId };
const ben = { tenantId, aadObjectId: benId };
let entra: EntraDouble;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(() => entra.stop());

function createParts() {
  const config = entraConfig(entra.authorityUrl);
  const { authorityUrl, allowedTenants, app } = config;
  const sessions = createSessions({});
  const loginHints = createLoginHints();
  const exchange = createExchange({
    verifier: createAssertionVerifier({ authorityUrl, allowedTenants, ...app }),
    onBehalfOf: createOnBehalfOf({ entra: createEntra({ config }), scopes: ['https://graph.microsoft.com/x'] }),
    sessions,
    loginHints,
  });
  return { exchange, sessions, loginHints };
}

test('turns an assertion into a session and keeps it for its owner', async () => {
  const { exchange, sessions, loginHints } = createParts();
  const result = await exchange(ada, await entra.assertion());
  assert.ok(result.ok);
  assert.equal(result.session.accessToken, 'graph-token');
  assert.equal(result.session.userName, 'ada@contoso.example');
  assert.equal(result.session.tenantId, tenantId);
  assert.equal(sessions.find(ada), result.session);
  assert.equal(sessions.find(ben), undefined);
  assert.equal(loginHints.find(ada), 'ada@contoso.example');
});

test('never sends a rejected assertion to Entra, and keeps nothing', async () => {
  const { exchange, sessions } = createParts();
  for (const claims of [{ oid: benId }, { scp: 'x' }, { aud: 'x' }, { exp: 1 }]) {
    const result = await exchange(ada, await entra.assertion(claims));
    assert.equal(!result.ok && result.failure.reason, 'assertionRejected');
  }
  assert.equal((await exchange(ada, undefined as unknown as string)).ok, false);
  assert.equal(entra.tokenRequests.length, 0);
  assert.equal(sessions.find(ada), undefined);
});

test('exchanges the same assertion once when it comes twice at once, and anew afterwards', async () => {
  const { exchange } = createParts();
  const assertion = await entra.assertion();
  const [first, second] = await Promise.all([exchange(ada, assertion), exchange(ada, assertion)]);
  assert.ok(first?.ok);
  assert.equal(first, second);
  assert.equal(entra.tokenRequests.length, 1);
  await exchange(ada, assertion);
  assert.equal(entra.tokenRequests.length, 2);
});

test('does not share one person’s exchange with another who sends the same assertion', async () => {
  const { exchange } = createParts();
  const assertion = await entra.assertion();
  const [owner, thief] = await Promise.all([exchange(ada, assertion), exchange(ben, assertion)]);
  assert.equal(owner.ok, true);
  assert.equal(thief.ok, false);
});

test('hands Entra’s refusal on and remembers the sign-in name for the page that mends it', async () => {
  const { exchange, sessions, loginHints } = createParts();
  entra.state.script = () => entraError('invalid_grant', 65001, { suberror: 'consent_required' });
  const result = await exchange(ada, await entra.assertion());
  assert.deepEqual(result, { ok: false, failure: { reason: 'consentRequired' } });
  assert.equal(sessions.find(ada), undefined);
  assert.equal(loginHints.find(ada), 'ada@contoso.example');
});

test('a failed exchange leaves an earlier session as it is', async () => {
  const { exchange, sessions } = createParts();
  entra.state.script = () => ({ body: graphAnswer('first') });
  await exchange(ada, await entra.assertion());
  entra.state.script = () => ({ status: 503, body: {} });
  assert.equal((await exchange(ada, await entra.assertion())).ok, false);
  assert.equal(sessions.find(ada)?.accessToken, 'first');
});
