import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { AppTokenError } from '../../src/domain/sign-in-request.ts';
import { createAssertionVerifier } from '../../src/identity/assertions.ts';
import { createEntra, createOnBehalfOf } from '../../src/identity/entra.ts';
import { createAssertions, createLoginHints, createSessions } from '../../src/identity/sessions.ts';
import { createAppTokens, createExchange } from '../../src/identity/tokens.ts';
import { createRuntime } from '../support/runtime.ts';
import { entraConfig } from './entra-config.ts';
import {
  adaId,
  benId,
  clientId,
  type EntraDouble,
  entraError,
  graphAnswer,
  otherTenantId,
  startEntra,
  tenantId,
} from './entra-double.ts';

suite('app token', () => {
  const minute = 60_000;
  let entra: EntraDouble;
  let now: number;
  let issued: number;

  beforeEach(async () => {
    entra = await startEntra();
    now = Date.now();
    issued = 0;
    entra.state.script = ({ path }) => {
      issued += 1;
      return { body: graphAnswer(`app-token-${path.split('/')[2]}-${issued}`) };
    };
  });
  afterEach(() => entra.stop());

  function createTokens() {
    const config = { ...entraConfig(entra.authorityUrl), allowedTenants: [tenantId, otherTenantId] };
    return createAppTokens({
      entra: createEntra({ config, deadlineMs: 2_000 }),
      config,
      runtime: createRuntime({ now: () => now }),
    });
  }

  test('asks the tenant’s own authority for the app’s default scope', async () => {
    assert.equal(await createTokens().getAppToken(tenantId), `app-token-${tenantId}-1`);
    const [request] = entra.tokenRequests;
    assert.equal(request?.path, `/entra/${tenantId}/oauth2/v2.0/token`);
    assert.equal(request?.form.get('grant_type'), 'client_credentials');
    assert.equal(request?.form.get('client_id'), clientId);
    assert.equal(request?.form.get('scope'), 'https://graph.microsoft.com/.default');
  });

  test('keeps the token until five minutes before its end', async () => {
    const tokens = createTokens();
    const first = await tokens.getAppToken(tenantId);
    now += 54 * minute;
    assert.equal(await tokens.getAppToken(tenantId), first);
    now += 2 * minute;
    assert.equal(await tokens.getAppToken(tenantId), `app-token-${tenantId}-2`);
  });

  test('renews when asked to, and keeps the new one', async () => {
    const tokens = createTokens();
    await tokens.getAppToken(tenantId);
    const renewed = await tokens.getAppToken(tenantId, { renew: true });
    assert.equal(renewed, `app-token-${tenantId}-2`);
    assert.equal(await tokens.getAppToken(tenantId), renewed);
  });

  test('asks once for many callers at once, and for each tenant on its own', async () => {
    const tokens = createTokens();
    const got = await Promise.all([
      ...Array.from({ length: 5 }, () => tokens.getAppToken(tenantId)),
      tokens.getAppToken(tenantId, { renew: true }),
      tokens.getAppToken(tenantId.toUpperCase()),
      tokens.getAppToken(otherTenantId),
    ]);
    assert.equal(new Set(got).size, 2);
    assert.match(got[7] ?? '', new RegExp(otherTenantId));
    assert.equal(entra.tokenRequests.length, 2);
  });

  test('says why there is none, and asks again the next time', async () => {
    const tokens = createTokens();
    const { script } = entra.state;
    entra.state.script = () => ({ ...entraError('invalid_client', 7000215), status: 401 });
    await assert.rejects(tokens.getAppToken(tenantId), (error) => {
      assert.ok(error instanceof AppTokenError);
      assert.equal(error.reason, 'wrongClientSecret');
      assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /canary/);
      return true;
    });
    entra.state.script = script;
    assert.equal(await tokens.getAppToken(tenantId), `app-token-${tenantId}-1`);
  });

  test('refuses a tenant off the allow-list without a request', async () => {
    const stranger = '99999999-9999-4999-8999-999999999999';
    await assert.rejects(createTokens().getAppToken(stranger), { name: 'AppTokenError', reason: 'tenantNotAllowed' });
    assert.equal(entra.seen.length, 0);
  });
});

suite('exchange', () => {
  const ada = { tenantId, aadObjectId: adaId };
  const ben = { tenantId, aadObjectId: benId };
  let entra: EntraDouble;
  beforeEach(async () => {
    entra = await startEntra();
  });
  afterEach(() => entra.stop());

  function createParts() {
    const config = entraConfig(entra.authorityUrl);
    const runtime = createRuntime({ now: Date.now });
    const sessions = createSessions(runtime);
    const loginHints = createLoginHints();
    const exchange = createExchange({
      verifier: createAssertionVerifier(config, runtime),
      onBehalfOf: createOnBehalfOf({ entra: createEntra({ config }), scopes: ['https://graph.microsoft.com/x'] }),
      sessions,
      loginHints,
      assertions: createAssertions(runtime),
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

  test('exchanges the same assertion once when it comes twice at once, and again afterwards', async () => {
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

  test('hands Entra’s refusal on and remembers the sign-in name for the consent page', async () => {
    const { exchange, sessions, loginHints } = createParts();
    entra.state.script = () => entraError('invalid_grant', 65001, { suberror: 'consent_required' });
    const result = await exchange(ada, await entra.assertion());
    assert.deepEqual(result, { ok: false, failure: { reason: 'consentRequired', code: '65001' } });
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
});
