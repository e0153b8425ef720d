import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createAssertionVerifier } from '../../src/identity/assertions.ts';
import { createRuntime } from '../support/runtime.ts';
import { entraConfig } from './entra-config.ts';
import {
  adaId,
  benId,
  clientId,
  createSigningKey,
  type EntraDouble,
  idUri,
  otherTenantId,
  startEntra,
  tenantId,
} from './entra-double.ts';

const minute = 60_000;
const hour = 60 * minute;
let entra: EntraDouble;
let now: number;
const ada = { tenantId, aadObjectId: adaId };

beforeEach(async () => {
  entra = await startEntra();
  now = Date.now();
});
afterEach(() => entra.stop());

function createVerifier() {
  return createAssertionVerifier(entraConfig(entra.authorityUrl), createRuntime({ now: () => now }));
}

async function rejection(assertion: string) {
  const result = await createVerifier().verify(assertion, ada);
  assert.equal(result.ok, false);
  const { failure } = result;
  assert.equal(failure.reason, 'assertionRejected');
  for (const part of assertion.split('.')) {
    assert.ok(part.length < 8 || !failure.detail.includes(part), 'the detail holds a part of the assertion');
  }
  return failure.detail;
}

test('accepts an assertion for the client id and one for the app id URI', async () => {
  const verifier = createVerifier();
  for (const aud of [clientId, idUri]) {
    assert.deepEqual(await verifier.verify(await entra.assertion({ aud }, undefined, now), ada), {
      ok: true,
      claims: {
        tenantId,
        aadObjectId: adaId,
        userName: 'ada@contoso.example',
        expiresAt: Math.floor(now / 1000) * 1000 + hour,
      },
    });
  }
  assert.equal(entra.openIdReads(), 1);
});

test('compares object ids and tenant ids without regard to case', async () => {
  const assertion = await entra.assertion({ oid: adaId.toUpperCase() });
  assert.equal((await createVerifier().verify(assertion, ada)).ok, true);
});

test('finds access_as_user among other scopes', async () => {
  const assertion = await entra.assertion({ scp: 'openid access_as_user profile' });
  assert.equal((await createVerifier().verify(assertion, ada)).ok, true);
});

test('falls back to the display name, and does without any', async () => {
  const named = await createVerifier().verify(await entra.assertion({ preferred_username: undefined }), ada);
  assert.equal(named.ok && named.claims.userName, 'Ada');
  const nameless = { preferred_username: undefined, name: undefined };
  const result = await createVerifier().verify(await entra.assertion(nameless), ada);
  assert.equal(result.ok && 'userName' in result.claims, false);
});

const wrongClaims: Record<string, Record<string, unknown>> = {
  'another audience': { aud: '00000003-0000-0000-c000-000000000000' },
  'an audience among several': { aud: [clientId, 'https://graph.microsoft.com'] },
  'no audience': { aud: undefined },
  'another issuer': { iss: 'https://login.example/aaaaaaaa-1111-4111-8111-111111111111/v2.0' },
  'an issuer that only begins like the tenant’s': { iss: 'PREFIX' },
  'no scope': { scp: undefined },
  'a scope that only begins like access_as_user': { scp: 'access_as_user_x' },
  'a scope that only ends like access_as_user': { scp: 'not.access_as_user' },
  'scopes in a list': { scp: ['access_as_user'] },
  'no object id': { oid: undefined },
  'a tenant that is no GUID': { tid: 'common' },
  'no tenant': { tid: undefined },
  'no end': { exp: undefined },
};

for (const [name, claims] of Object.entries(wrongClaims)) {
  test(`rejects an assertion with ${name}`, async () => {
    const iss = claims.iss === 'PREFIX' ? { iss: `${entra.authorityUrl}/${tenantId}/v2.0/more` } : {};
    await rejection(await entra.assertion({ ...claims, ...iss }));
  });
}

test('rejects somebody else’s assertion, and says that it is another person’s', async () => {
  const result = await createVerifier().verify(await entra.assertion({ oid: benId }), ada);
  assert.equal(!result.ok && result.isOtherPerson, true);
  await rejection(await entra.assertion({ oid: benId }));
});

test('allows a minute of skew at either end and no more', async () => {
  const verifier = createVerifier();
  const seconds = Math.floor(now / 1000);
  const isAccepted = async (claims: Record<string, unknown>) =>
    (await verifier.verify(await entra.assertion(claims), ada)).ok;
  assert.equal(await isAccepted({ exp: seconds - 50 }), true);
  assert.equal(await isAccepted({ exp: seconds - 70 }), false);
  assert.equal(await isAccepted({ nbf: seconds + 50 }), true);
  assert.equal(await isAccepted({ nbf: seconds + 70 }), false);
  assert.equal(await rejection(await entra.assertion({ exp: seconds - 70 })), 'expired');
});

test('rejects a forged key behind a known key id', async () => {
  const forged = await createSigningKey('key-1');
  assert.equal(await rejection(await entra.assertion({}, forged)), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
});

test('rejects alg none and a symmetric signature made with the public key, without a request', async () => {
  const claims = { aud: clientId, iss: `${entra.authorityUrl}/${tenantId}/v2.0`, tid: tenantId, oid: adaId };
  const publicKey = new TextEncoder().encode(JSON.stringify(entra.state.keys[0]?.publicJwk));
  const symmetric = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).setExpirationTime('1h');
  await rejection(new UnsecuredJWT(claims).encode());
  await rejection(await symmetric.sign(publicKey));
  assert.equal(entra.seen.length, 0);
});

test('rejects what is no assertion at all, and one too long, without a request', async () => {
  for (const text of ['', 'x', 'a.b.c', '..', `${await entra.assertion()}x`.slice(5), 'x'.repeat(20_000)]) {
    await rejection(text);
  }
  assert.equal(await rejection(await entra.assertion({ filler: 'x'.repeat(20_000) })), 'too long');
  assert.equal(entra.seen.length, 0);
});

test('refuses a tenant off the allow-list by name, without a request', async () => {
  const iss = `${entra.authorityUrl}/${otherTenantId}/v2.0`;
  const assertion = await entra.assertion({ tid: otherTenantId, iss });
  const result = await createVerifier().verify(assertion, ada);
  assert.deepEqual(result, { ok: false, failure: { reason: 'tenantNotAllowed', tenantId: otherTenantId } });
  assert.equal(entra.seen.length, 0);
});

test('follows a key rotation, asking for an unknown key at most once a minute', async () => {
  const verifier = createVerifier();
  const verify = async (assertion: string) => (await verifier.verify(assertion, ada)).ok;
  assert.equal(await verify(await entra.assertion()), true);
  const second = await createSigningKey('key-2');
  entra.state.keys = [second];
  const bySecond = await entra.assertion({}, second);
  assert.deepEqual(await Promise.all([verify(bySecond), verify(bySecond)]), [true, true]);
  assert.equal(entra.openIdReads(), 2);

  const unknown = await entra.assertion({}, await createSigningKey('key-3'));
  assert.equal(await verify(unknown), false);
  assert.equal(await verify(unknown), false);
  assert.equal(entra.openIdReads(), 2);
  now += minute;
  assert.equal(await verify(unknown), false);
  assert.equal(await verify(unknown), false);
  assert.equal(entra.openIdReads(), 3);
  assert.equal(await verify(await entra.assertion()), false, 'a withdrawn key no longer vouches');
});

test('goes on with known keys through an outage, and says unavailable where it cannot know', async () => {
  const verifier = createVerifier();
  const bySecond = await entra.assertion({}, await createSigningKey('key-2'));
  entra.state.isDown = true;
  const unavailable = { ok: false, failure: { reason: 'unavailable' } };
  assert.deepEqual(await verifier.verify(await entra.assertion(), ada), unavailable);
  entra.state.isDown = false;
  assert.deepEqual(await verifier.verify(await entra.assertion(), ada), unavailable, 'not asked again at once');
  now += 1_000;
  assert.equal((await verifier.verify(await entra.assertion(), ada)).ok, true);

  entra.state.isDown = true;
  now += 25 * hour;
  assert.equal((await verifier.verify(await entra.assertion({}, undefined, now), ada)).ok, true);
  const later = await entra.assertion({ exp: Math.floor(now / 1000) + 60 }, undefined, now);
  assert.equal((await verifier.verify(later, ada)).ok, true);
  now += minute;
  assert.deepEqual(await verifier.verify(bySecond, ada), unavailable);
});

test('reads keys once for many people at once', async () => {
  const verifier = createVerifier();
  const assertion = await entra.assertion();
  const results = await Promise.all(Array.from({ length: 5 }, () => verifier.verify(assertion, ada)));
  assert.ok(results.every(({ ok }) => ok));
  assert.equal(entra.openIdReads(), 1);
});

test('takes no keys from another place than Entra’s own', async () => {
  entra.state.jwksUri = 'https://keys.example.com/discovery/v2.0/keys';
  const result = await createVerifier().verify(await entra.assertion(), ada);
  assert.deepEqual(result, { ok: false, failure: { reason: 'unavailable' } });
});

test('lets only keys of the tenant’s own issuer vouch for it', async () => {
  const [key] = entra.state.keys;
  const own = `${entra.authorityUrl}/{tenantid}/v2.0`;
  const issuedBy = async (issuer: string) => {
    entra.state.publicKeys = [{ ...key?.publicJwk, issuer }];
    return (await createVerifier().verify(await entra.assertion(), ada)).ok;
  };
  assert.equal(await issuedBy(own), true);
  assert.equal(await issuedBy(`${entra.authorityUrl}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`), false);
});

test('skips keys it cannot use', async () => {
  const [key] = entra.state.keys;
  entra.state.publicKeys = [{ kty: 'EC', kid: 'e' }, { kty: 'RSA', kid: 'bad' }, {}, { ...key?.publicJwk }];
  assert.equal((await createVerifier().verify(await entra.assertion(), ada)).ok, true);
});

for (const [name, claims] of Object.entries({
  'the old issuer': { iss: `https://sts.windows.net/${tenantId}/`, ver: '1.0', aud: idUri },
  'China’s old issuer': { iss: `https://sts.chinacloudapi.cn/${tenantId}/`, ver: undefined },
  'its version alone': { ver: '1.0' },
})) {
  test(`tells a version 1 token by ${name}`, async () => {
    const result = await createVerifier().verify(await entra.assertion(claims, undefined, now), ada);
    assert.deepEqual(result, { ok: false, failure: { reason: 'versionOne' } });
  });
}
