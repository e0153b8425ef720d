import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeriveKey, type DeriveKey, keyPurposes, listOtherDeriveKeys } from '../../src/identity/keys.ts';
import { configWith } from '../environment.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const told = (derive: DeriveKey) => derive(keyPurposes.auditSeal).toString('hex');
const ofBot = (changes: Parameters<typeof configWith>[0]) => told(createDeriveKey(configWith(changes)));
const others = (changes: Parameters<typeof configWith>[0]) => listOtherDeriveKeys(configWith(changes)).map(told);

test('without another secret at hand there is no other key', () => {
  assert.deepEqual(others({}), []);
});

test('beside TOKEN_CACHE_KEY the app’s own secret still tells what it made', () => {
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
