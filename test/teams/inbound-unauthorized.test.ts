import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { exportSPKI, importJWK, type JWK, SignJWT } from 'jose';
import type { DeliveryOverrides } from '../../sandbox/teams/delivery.ts';
import { startRehearsal } from '../rehearsal.ts';
import { createDoor } from './door.ts';

const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
const { sandbox, config } = rehearsal;
const door = createDoor(rehearsal);
const seconds = Math.floor(Date.now() / 1000);
const goodClaims = {
  iss: config.botIssuer,
  aud: config.bot.id,
  serviceurl: `${sandbox.baseUrl}/connector/`,
  nbf: seconds,
  exp: seconds + 3600,
};

async function publicKey(): Promise<JWK> {
  const { keys } = (await (await fetch(`${sandbox.baseUrl}/connector/keys`)).json()) as { keys: JWK[] };
  assert.ok(keys[0]);
  return keys[0];
}

/** A token that takes the channel's public key for a shared secret. */
async function keyConfused(form: 'n' | 'spki'): Promise<string> {
  const jwk = await publicKey();
  const text = form === 'n' ? (jwk.n ?? '') : await exportSPKI((await importJWK(jwk, 'RS256')) as never);
  const signed = new SignJWT(goodClaims).setProtectedHeader({ alg: 'HS256', kid: jwk.kid ?? '', typ: 'JWT' });
  return `Bearer ${await signed.sign(new TextEncoder().encode(text))}`;
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const none = (alg: string) => `Bearer ${base64({ alg, typ: 'JWT', kid: 'rehearsal-channel' })}.${base64(goodClaims)}.`;

suite('a request is refused (401), nothing told and nothing sent,', () => {
  const refused: Readonly<Record<string, DeliveryOverrides>> = {
    'without a token': { authorization: null },
    'with an empty token': { authorization: 'Bearer ' },
    'with a token of another scheme': { authorization: 'Basic Ym90OnNlY3JldA==' },
    'with something that is no token': { authorization: 'Bearer nonsense' },
    'with three parts that are no token': { authorization: 'Bearer aaa.bbb.ccc' },
    'with a token of 20 KB': { authorization: `Bearer ${'a'.repeat(10_000)}.${'b'.repeat(5_000)}.c` },
    'with an unsigned token': { flaw: 'unsigned' },
    'with alg none': { authorization: none('none') },
    'with alg None and a signature': { authorization: `${none('None')}AAAA` },
    'signed with a key nobody published under the right id': { flaw: 'foreignKey' },
    'with a signature that was tampered with': { flaw: 'tampered' },
    'signed with a key of an unknown id': { header: { kid: 'nobodys' } },
    'signed with a key without an id': { header: { kid: undefined } },
    'signed with a key whose id is no text': { header: { kid: 5 } },
    'expired for longer than clocks differ': { claims: { exp: seconds - 330, nbf: seconds - 3600 } },
    'without an end': { claims: { exp: undefined } },
    'with an end that is no number': { claims: { exp: 'tomorrow' } },
    'not yet valid, by more than clocks differ': { claims: { nbf: seconds + 330 } },
    'for another bot': { claims: { aud: '00000000-0000-0000-0000-000000000001' } },
    'for nobody': { claims: { aud: undefined } },
    'for the app that people sign in to': { claims: { aud: config.app.clientId } },
    'of another issuer': { claims: { iss: 'https://login.microsoftonline.com/common/v2.0' } },
    'of an issuer that only begins like the channel': { claims: { iss: `${config.botIssuer}.evil.example` } },
    'of no issuer': { claims: { iss: undefined } },
    'without an address to answer at': { claims: { serviceurl: undefined } },
    'with an address of another name': { claims: { serviceurl: undefined, serviceUrl: goodClaims.serviceurl } },
    'for another address': { claims: { serviceurl: 'https://smba.trafficmanager.net/emea/' } },
    'for an address that differs in a slash': { claims: { serviceurl: goodClaims.serviceurl.slice(0, -1) } },
    'for addresses in a list': { claims: { serviceurl: [goodClaims.serviceurl] } },
  };
  for (const [name, overrides] of Object.entries(refused)) {
    test(name, () => door.isRefused(401, door.message(), overrides));
  }

  for (const form of ['n', 'spki'] as const) {
    test(`signed by HS256 with the public key (${form})`, async () =>
      door.isRefused(401, door.message(), { authorization: await keyConfused(form) }));
  }

  test('with the assertion of a person', async () => {
    const authorization = `Bearer ${await sandbox.entra.issueAssertion(door.ada)}`;
    await door.isRefused(401, door.message(), { authorization });
  });

  test('when the activity asks for answers elsewhere than the token says', () => {
    const claims = { serviceurl: goodClaims.serviceurl };
    return door.isRefused(401, door.message({ serviceUrl: `${sandbox.baseUrl}/connector/x/` }), { claims });
  });

  test('when the activity says no address', () =>
    door.isRefused(401, door.message({ serviceUrl: undefined }), { claims: { serviceurl: goodClaims.serviceurl } }));

  test('when neither says an address', () =>
    door.isRefused(401, door.message({ serviceUrl: undefined }), { claims: { serviceurl: undefined } }));
});

suite('a request is let in', () => {
  test('with a good token', () => door.isAnswered(door.message()));

  test('with clocks that differ by less than five minutes', async () => {
    await door.isAnswered(door.message(), { claims: { exp: seconds - 200 } });
    await door.isAnswered(door.message(), { claims: { nbf: seconds + 200 } });
  });
});
