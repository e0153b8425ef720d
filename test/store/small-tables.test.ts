import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRenewalMarks } from '../../src/store/small-tables.ts';
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
