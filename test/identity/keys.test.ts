import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { createEntra, createOnBehalfOf } from '../../src/identity/entra.ts';
import {
  createDeriveKey,
  createSeal,
  type DeriveKey,
  keyPurposes,
  listOtherDeriveKeys,
  loadClientCredential,
} from '../../src/identity/keys.ts';
import { configWith } from '../support/environment.ts';
import { entraConfig } from './entra-config.ts';
import { clientId, idUri, startEntra, tenantId } from './entra-double.ts';
import { createSelfSigned } from './self-signed.ts';

suite('client credential', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-certificate-'));
  after(() => rmSync(folder, { recursive: true }));

  const { certificatePem, keyPem, certificate, publicKey } = createSelfSigned();
  function appWith(pem: string) {
    const certificatePath = join(folder, 'app.pem');
    writeFileSync(certificatePath, pem);
    return { clientId, idUri, certificatePath };
  }

  test('signs in with the certificate that one PEM file holds, key and certificate in either order', async () => {
    const entra = await startEntra();
    try {
      for (const pem of [keyPem + certificatePem, certificatePem + keyPem]) {
        const config = { ...entraConfig(entra.authorityUrl), app: appWith(pem) };
        const exchanger = createOnBehalfOf({
          entra: createEntra({ config }),
          scopes: ['https://graph.microsoft.com/x'],
        });
        assert.equal((await exchanger.exchange({ assertion: 'a', tenantId })).ok, true);
        const form = entra.tokenRequests.at(-1)?.form ?? new URLSearchParams();
        assert.equal(form.get('client_secret'), null);
        const proof = form.get('client_assertion') ?? '';
        // MSAL rounds nbf up to the next second.
        const { payload } = await jwtVerify(proof, publicKey, {
          issuer: clientId,
          subject: clientId,
          clockTolerance: 2,
        });
        assert.equal(payload.aud, `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
        const thumbprint = createHash('sha256').update(certificate).digest('base64url');
        assert.equal(decodeProtectedHeader(proof)['x5t#S256'], thumbprint);
      }
    } finally {
      await entra.stop();
    }
  });

  const unusable: Record<string, readonly [string, RegExp]> = {
    'no private key': [certificatePem, /^AAD_APP_CERTIFICATE_PATH holds no readable private key$/],
    'no certificate': [keyPem, /^AAD_APP_CERTIFICATE_PATH holds no readable certificate$/],
    'the key of another certificate': [certificatePem + createSelfSigned().keyPem, /not the one of its certificate/],
    'nothing readable': ['canary-content', /^AAD_APP_CERTIFICATE_PATH holds no readable certificate$/],
  };

  for (const [name, [pem, message]] of Object.entries(unusable)) {
    test(`refuses a certificate file with ${name}, naming the variable to correct`, () => {
      assert.throws(() => loadClientCredential(appWith(pem)), { message });
    });
  }

  test('refuses a file that is not there, and a configuration without any credential', () => {
    const certificatePath = join(folder, 'missing.pem');
    const unreadable = { message: 'AAD_APP_CERTIFICATE_PATH cannot be read (ENOENT)' };
    assert.throws(() => loadClientCredential({ clientId, idUri, certificatePath }), unreadable);
    assert.throws(() => loadClientCredential({ clientId, idUri }), /AAD_APP_CLIENT_SECRET or AAD_APP_CERTIFICATE_PATH/);
  });
});

suite('derive key', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  const sealKeyOf = (derive: DeriveKey) => derive(keyPurposes.auditSeal).toString('hex');
  const ofBot = (changes: Parameters<typeof configWith>[0]) => sealKeyOf(createDeriveKey(configWith(changes)));
  const others = (changes: Parameters<typeof configWith>[0]) => listOtherDeriveKeys(configWith(changes)).map(sealKeyOf);

  test('without another secret at hand there is no other key', () => {
    assert.deepEqual(others({}), []);
  });

  test('beside TOKEN_CACHE_KEY the app’s own secret still verifies what it made', () => {
    assert.deepEqual(others({ TOKEN_CACHE_KEY: key }), [ofBot({})]);
  });

  test('AUDIT_OTHER_KEY may be a former TOKEN_CACHE_KEY or a former client secret, also one that looks like such a key', () => {
    assert.ok(others({ AUDIT_OTHER_KEY: key }).includes(ofBot({ TOKEN_CACHE_KEY: key })));
    assert.ok(others({ AUDIT_OTHER_KEY: key }).includes(ofBot({ AAD_APP_CLIENT_SECRET: key })));
    assert.deepEqual(others({ AUDIT_OTHER_KEY: 'former' }), [ofBot({ AAD_APP_CLIENT_SECRET: 'former' })]);
  });

  test('a file in AUDIT_OTHER_KEY that cannot be read is named, and shows nothing', () => {
    assert.throws(
      () => others({ AUDIT_OTHER_KEY: '/nowhere/former.pem' }),
      /^Error: AUDIT_OTHER_KEY cannot be read \(ENOENT\)$/,
    );
  });
});

suite('seal', () => {
  const key = randomBytes(32);
  const seal = createSeal(key);

  test('opens what it sealed, and shows nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, about) => {
        const sealed = seal.seal(text, about);
        assert.equal(seal.open(sealed, about), text.toWellFormed());
        if (text.length > 8) assert.ok(!Buffer.from(sealed, 'base64').includes(text));
      }),
    );
  });

  test('never seals the same to the same', () => {
    assert.notEqual(seal.seal('token', 'a'), seal.seal('token', 'a'));
  });

  test('opens nothing of another key or about somebody else, and nothing that was changed in any byte', () => {
    const sealed = seal.seal('token', 'session ada');
    assert.equal(createSeal(randomBytes(32)).open(sealed, 'session ada'), undefined);
    assert.equal(seal.open(sealed, 'session elif'), undefined);
    const bytes = Buffer.from(sealed, 'base64');
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      assert.equal(seal.open(flipped.toString('base64'), 'session ada'), undefined, `byte ${at}`);
    }
    for (const odd of ['', 'AAAA', sealed.slice(0, 20), 'not base64 at all'])
      assert.equal(seal.open(odd, 'x'), undefined);
  });

  test('names its key so that keys can be distinguished, and reveals nothing of it', () => {
    assert.equal(createSeal(Buffer.from(key)).keyId, seal.keyId);
    assert.notEqual(createSeal(randomBytes(32)).keyId, seal.keyId);
    assert.ok(!key.toString('base64url').includes(seal.keyId));
  });
});
