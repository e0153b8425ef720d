import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRenewalMarks, createSealedSecrets } from '../../src/store/small-tables.ts';
import { onEveryStore } from '../support/open-store.ts';
import { at } from '../support/stored.ts';

const key = { tenantId: 'tenant-1', tokenId: 'token-1' };
const dayMs = 24 * 60 * 60 * 1000;

onEveryStore('renewal marks', (open) => {
  test('come back as they were stored, sparse or full', async () => {
    const marks = createRenewalMarks(await open());
    const full = { ...key, expirationDateTime: '2026-12-01T00:00:00.1234567Z', appleId: 'ä@b', organizationName: '前' };
    await marks.put({ ...full, markedAt: at });
    await marks.put({ ...key, tokenId: 'token-2', markedAt: at });
    assert.deepEqual(await marks.find('tenant-1', 'token-1'), { ...full, markedAt: at });
    assert.deepEqual(await marks.find('tenant-1', 'token-2'), { ...key, tokenId: 'token-2', markedAt: at });
    assert.equal(await marks.find('tenant-2', 'token-1'), undefined);
  });

  test('the newest replaces an older one whole, and is replaced by none', async () => {
    const marks = createRenewalMarks(await open());
    await marks.put({ ...key, markedAt: at, appleId: 'old' });
    await marks.put({ ...key, markedAt: at + 1, organizationName: 'new' });
    await marks.put({ ...key, markedAt: at, appleId: 'late' });
    assert.deepEqual(await marks.find('tenant-1', 'token-1'), { ...key, markedAt: at + 1, organizationName: 'new' });
  });

  test('are forgotten after half a year', async () => {
    const marks = createRenewalMarks(await open());
    await marks.put({ ...key, markedAt: at });
    await marks.prune(at + 179 * dayMs);
    assert.ok(await marks.find('tenant-1', 'token-1'));
    await marks.prune(at + 181 * dayMs);
    assert.equal(await marks.find('tenant-1', 'token-1'), undefined);
  });
});

onEveryStore('sign-outs', (open) => {
  const ownedBy = (ownerId: string) => ({
    name: `session ${ownerId}`,
    keyId: 'k',
    ownerId,
    sealed: 's',
    expiresAt: at + dayMs,
  });

  test('erase the secrets of one person and are counted, each person for themselves', async () => {
    const secrets = createSealedSecrets(await open());
    for (const owner of ['ada', 'elif']) await secrets.put(ownedBy(owner));
    await secrets.signOut('ada', at);
    assert.equal(await secrets.find('session ada', 'k', at), undefined);
    assert.equal(await secrets.find('session elif', 'k', at), 's');
    await secrets.signOut('ada', at + 1);
    assert.deepEqual([await secrets.findGeneration('ada'), await secrets.findGeneration('elif')], [2, 0]);
  });

  test('are forgotten after 30 days, unless a sign-in of the person is stored', async () => {
    const secrets = createSealedSecrets(await open());
    await secrets.signOut('ada', at);
    await secrets.put({ ...ownedBy('ada'), expiresAt: at + 32 * dayMs });
    await secrets.prune(at + 31 * dayMs);
    assert.equal(await secrets.findGeneration('ada'), 1);
    await secrets.prune(at + 33 * dayMs);
    assert.equal(await secrets.findGeneration('ada'), 0);
  });
});
