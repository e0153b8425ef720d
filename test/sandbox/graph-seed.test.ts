import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeed } from '../../sandbox/seed/seed.ts';
import { contoso } from '../../sandbox/seed/tenants.ts';

const now = Date.parse('2026-11-23T09:00:00Z');
const seed = createSeed(now);
const company = seed.tokens.filter(({ tenantId, kind }) => tenantId === contoso.id && kind === undefined);

test('the company has every state and every sync status', () => {
  assert.ok(company.length >= 12);
  assert.deepEqual([...new Set(company.map(({ state }) => state))].sort(), [
    'assignedToExternalMDM',
    'duplicateLocationId',
    'expired',
    'invalid',
    'unknown',
    'valid',
  ]);
  assert.deepEqual([...new Set(company.map(({ lastSyncStatus }) => lastSyncStatus))].sort(), [
    'completed',
    'failed',
    'inProgress',
    'none',
  ]);
});

test('several tokens share the organisation Contoso, and others have one to themselves', () => {
  const count = (name: string) => company.filter(({ organizationName }) => organizationName === name).length;
  assert.equal(count('Contoso'), 6);
  for (const name of ['Fabrikam Logistics', 'Adatum', '华东零售有限公司', 'Café Ñandú']) assert.equal(count(name), 1);
  assert.equal(company.filter(({ displayName }) => displayName === null).length, 1);
  assert.ok(company.some(({ organizationName }) => organizationName.includes('](https://')));
});

test('a state agrees with its date', () => {
  for (const { state, expiresAt, organizationName } of seed.tokens) {
    if (state === 'valid') assert.ok(expiresAt > now, organizationName);
    if (state === 'expired') assert.ok(expiresAt < now, organizationName);
  }
});

test('every id is a unique GUID; every app belongs to a token', () => {
  const ids = [
    ...seed.tenants.map(({ id }) => id),
    ...seed.people.map(({ aadObjectId }) => aadObjectId),
    ...seed.tokens.map(({ id }) => id),
    ...seed.apps.map(({ id }) => id),
  ];
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  const tokenIds = new Set(seed.tokens.map(({ id }) => id));
  assert.ok(seed.apps.every((app) => tokenIds.has(app.tokenId) && app.usedLicenseCount <= app.totalLicenseCount));
});

test('all roles are cast, and both organisations have somebody who may do everything', () => {
  assert.deepEqual([...new Set(seed.people.map(({ role }) => role))].sort(), [
    'full',
    'guest',
    'none',
    'readOnly',
    'scopeLimited',
  ]);
  for (const tenant of seed.tenants.filter(({ usesBot }) => usesBot)) {
    assert.ok(seed.people.some(({ role, tenantId }) => role === 'full' && tenantId === tenant.id));
  }
  assert.ok(seed.people.some(({ locale }) => locale === 'zh-CN'));
});

test('the secret is new every time unless given, all else the same', () => {
  const again = createSeed(now);
  assert.notEqual(again.registration.clientSecret, seed.registration.clientSecret);
  assert.equal(createSeed(now, { clientSecret: 'given' }).registration.clientSecret, 'given');
  assert.deepEqual([again.tokens, again.apps, again.people], [seed.tokens, seed.apps, seed.people]);
});
