import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { createInboundToken, isSameServiceUrl } from '../../src/teams/inbound-token.ts';

const serviceUrl = 'https://smba.trafficmanager.net/emea/';
const botId = 'aaaaaaaa-2222-4333-8444-555555555555';
const issuer = 'https://api.botframework.com';
const seconds = Date.UTC(2026, 10, 23) / 1000;
const rsa = await generateKeyPair('RS256', { extractable: true });
const rsaJwk = await exportJWK(rsa.publicKey);

/** Verifies a token signed by the channel's key, which is published as `published` says. */
async function verify(published: Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>> = {}) {
  const token = createInboundToken({
    keys: {
      find: async (kid) => (kid === 'one' ? ({ kid, ...rsaJwk, ...published } as JWK) : undefined),
      isReady: async () => true,
    },
    issuer,
    botId,
    now: () => seconds * 1000,
  });
  const claims = { iss: issuer, aud: botId, serviceurl: serviceUrl, exp: seconds + 60 };
  const signed = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header });
  return token.verify(`Bearer ${await signed.sign(rsa.privateKey)}`);
}

suite('a key', () => {
  test('that is endorsed for Teams, or says nothing of endorsements, signs for Teams', async () => {
    for (const endorsements of [['msteams'], ['skype', 'msteams'], undefined]) {
      assert.equal((await verify({ endorsements })).ok, true);
    }
  });

  test('that is endorsed for other channels, or for none, does not', async () => {
    for (const endorsements of [['skype'], [], ['msteams2']]) {
      const checked = await verify({ endorsements });
      assert.equal(checked.ok, false, JSON.stringify(endorsements));
    }
  });

  test('that is a shared secret never serves', async () => {
    const secret = { kty: 'oct', k: Buffer.alloc(32).toString('base64url'), n: undefined, e: undefined };
    assert.equal((await verify(secret)).ok, false);
  });

  test('that is broken refuses the token and throws nothing', async () => {
    for (const broken of [{ n: '' }, { n: '!!' }, { kty: 'EC' }, { kty: 'nobody knows' }, { e: undefined }]) {
      assert.equal((await verify(broken)).ok, false, JSON.stringify(broken));
    }
  });
});

test('a token signed by a stronger form of RSA is as good; what demands more than we know is refused', async () => {
  assert.equal(
    (await verify({}, { crit: ['nobody-knows'], 'nobody-knows': true }).catch(() => ({ ok: false }))).ok,
    false,
  );
  assert.equal((await verify({}, { typ: 'JWT' })).ok, true);
});

test('without any key, as before the first was read, nothing is let in', async () => {
  const token = createInboundToken({
    keys: { find: () => Promise.reject(new Error('never read')), isReady: async () => false },
    issuer,
    botId,
    now: () => seconds * 1000,
  });
  assert.deepEqual(await token.verify('Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6Im9uZSJ9.e30.AAAA'), {
    ok: false,
    why: 'never read',
  });
});

test('the claim and the activity may differ in letter case and by one trailing slash, and in nothing else', () => {
  const same: readonly (readonly [claim: string, named: string | undefined, isSame: boolean])[] = [
    [serviceUrl, serviceUrl, true],
    [serviceUrl.slice(0, -1), serviceUrl, true],
    [serviceUrl, serviceUrl.slice(0, -1), true],
    ['https://SMBA.trafficmanager.net/EMEA', serviceUrl, true],
    ['https://smba.trafficmanager.net:443/emea/', serviceUrl, true],
    ['https://smba.trafficmanager.net', 'https://smba.trafficmanager.net/', true],
    [`${serviceUrl}/`, serviceUrl, false],
    ['https://smba.trafficmanager.net/amer/', serviceUrl, false],
    ['http://smba.trafficmanager.net/emea/', serviceUrl, false],
    ['https://smba.trafficmanager.net:8443/emea/', serviceUrl, false],
    ['https://evil@smba.trafficmanager.net/emea/', serviceUrl, false],
    ['https://smba.trafficmanager.net.evil.example/emea/', serviceUrl, false],
    ['https://smba.trafficmanager.net/emea/?x', serviceUrl, false],
    ['https://smba.trafficmanager.net/emea/#x', serviceUrl, false],
    ['https://smba.trafficmanager.net\\emea/', serviceUrl, false],
    [' https://smba.trafficmanager.net/emea/', serviceUrl, false],
    [serviceUrl, undefined, false],
    ['', 'https://smba.trafficmanager.net/emea/', false],
  ];
  for (const [claim, named, isSame] of same)
    assert.equal(isSameServiceUrl(claim, named), isSame, `${claim} / ${named}`);
});

suite('a token that Teams uses again', () => {
  const jwk = { kid: 'one', ...rsaJwk } as JWK;

  /** The same token again and again, while what is published and the time may change between. */
  async function createRepeated() {
    const world = { published: jwk as JWK | undefined, seconds, asked: 0 };
    const token = createInboundToken({
      keys: {
        find: async () => {
          world.asked += 1;
          return world.published;
        },
        isReady: async () => true,
      },
      issuer,
      botId,
      now: () => world.seconds * 1000,
    });
    const claims = { iss: issuer, aud: botId, serviceurl: serviceUrl, nbf: seconds, exp: seconds + 60 };
    const signed = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(rsa.privateKey);
    const verify = (text = signed) => token.verify(`Bearer ${text}`);
    assert.equal((await verify()).ok, true);
    return { world, verify, signed };
  }

  test('is good until it expires, and no second longer', async () => {
    const { world, verify } = await createRepeated();
    world.seconds = seconds + 60 + 299;
    assert.equal((await verify()).ok, true);
    world.seconds = seconds + 60 + 300;
    assert.equal((await verify()).ok, false);
  });

  test('is refused once its key was withdrawn, replaced, or endorsed for others', async () => {
    const other = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey);
    for (const published of [undefined, { ...jwk, ...other }, { ...jwk, endorsements: ['skype'] }]) {
      const { world, verify } = await createRepeated();
      world.published = published as JWK | undefined;
      assert.equal((await verify()).ok, false, JSON.stringify(published));
      world.published = jwk;
      assert.equal((await verify()).ok, true, 'and good when the key is back');
    }
  });

  test('vouches for no other token: another signature or claim is checked anew', async () => {
    const { verify, signed } = await createRepeated();
    const [header = '', payload = '', signature = ''] = signed.split('.');
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), exp: seconds + 9_000 };
    const forged = Buffer.from(JSON.stringify(changed)).toString('base64url');
    assert.equal((await verify(`${header}.${forged}.${signature}`)).ok, false);
    assert.equal((await verify(`${header}.${payload}.${signature.slice(0, -4)}AAAA`)).ok, false);
  });

  test('is refused before it is valid, also when the clock is set back', async () => {
    const { world, verify } = await createRepeated();
    world.seconds = seconds - 301;
    assert.equal((await verify()).ok, false);
  });
});
