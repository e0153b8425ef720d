import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoginHints } from '../../src/identity/sessions.ts';

const ada = { tenantId: 'tenant-1', aadObjectId: 'ada' };
const ben = { tenantId: 'tenant-1', aadObjectId: 'ben' };

test('remembers sign-in names alone, each for its own person, until that person signs out', () => {
  const hints = createLoginHints();
  hints.remember(ada, 'Ada Lovelace');
  hints.remember(ada, undefined);
  assert.equal(hints.find(ada), undefined);
  hints.remember(ada, 'ada@contoso.example');
  assert.equal(hints.find({ ...ada, aadObjectId: 'ADA' }), 'ada@contoso.example');
  assert.equal(hints.find(ben), undefined);
  hints.forget(ada);
  assert.equal(hints.find(ada), undefined);
});
