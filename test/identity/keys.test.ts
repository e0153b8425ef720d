import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  createDeriveKey,
  createSeal,
  type DeriveKey,
  keyPurposes,
  listOtherDeriveKeys,
} from '../../src/identity/keys.ts';
import { configWith, tenantId } from '../support/environment.ts';

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

  test('with a federated credential there is no secret of the app’s own, so none verifies anything', () => {
    const federated = { AAD_APP_CLIENT_SECRET: '', AAD_APP_FEDERATED_CLIENT_ID: tenantId, TOKEN_CACHE_KEY: key };
    assert.deepEqual(others(federated), []);
    assert.equal(ofBot(federated), ofBot({ TOKEN_CACHE_KEY: key }));
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
