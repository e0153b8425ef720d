import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSeal } from '../../src/identity/keys.ts';

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

test('names its key so that keys can be told apart, and not the key', () => {
  assert.equal(createSeal(Buffer.from(key)).keyId, seal.keyId);
  assert.notEqual(createSeal(randomBytes(32)).keyId, seal.keyId);
  assert.ok(!key.toString('base64url').includes(seal.keyId));
});
