import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { AppTokenError } from '../../src/domain/sign-in-request.ts';
import { createEntra } from '../../src/identity/entra.ts';
import { createAppTokens } from '../../src/identity/tokens.ts';
import { entraConfig } from './entra-config.ts';
import {
  clientId,
  type EntraDouble,
  entraError,
  graphAnswer,
  otherTenantId,
  startEntra,
  tenantId,
} from './entra-double.ts';

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
  return createAppTokens({
    entra: createEntra({ config: entraConfig(entra.authorityUrl), deadlineMs: 2_000 }),
    graphRoot: 'https://graph.microsoft.com',
    allowedTenants: [tenantId, otherTenantId],
    now: () => now,
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

test('asks once for many callers at once, and each tenant by itself', async () => {
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

test('says why there is none, and asks anew the next time', async () => {
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
