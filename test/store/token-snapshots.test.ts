import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenSnapshots } from '../../src/store/alerts.ts';
import { snapshotOf, tokenOf } from './alert-samples.ts';
import { onEveryStore } from './open-store.ts';
import { ada, at } from './stored.ts';

onEveryStore('token snapshots', (open) => {
  test('come back as they were stored, sparse or full, those of one tenant alone', async () => {
    const snapshots = createTokenSnapshots(await open());
    const full = snapshotOf('full', { seenAt: at + 1, completedAt: at - 1, inProgressSince: at + 2 });
    await snapshots.putAll([
      full,
      snapshotOf('sparse'),
      snapshotOf('sparse', { tenantId: 'tenant-2', seenAt: at + 9 }),
    ]);
    const found = await snapshots.listOfTenant(ada.tenantId);
    assert.deepEqual(
      found.toSorted((a, b) => (a.token.id < b.token.id ? -1 : 1)),
      [full, snapshotOf('sparse')],
    );
    assert.deepEqual(await snapshots.listOfTenant('tenant-3'), []);
  });

  test('are replaced whole by a newer one', async () => {
    const snapshots = createTokenSnapshots(await open());
    await snapshots.putAll([snapshotOf('a', { completedAt: at, inProgressSince: at })]);
    const newer = snapshotOf('a', { token: tokenOf('a', { state: 'expired' }), seenAt: at + 1 });
    await snapshots.putAll([newer]);
    assert.deepEqual(await snapshots.listOfTenant(ada.tenantId), [newer]);
  });

  test('hold as many tokens as a tenant may have, and lose those that are removed', async () => {
    const snapshots = createTokenSnapshots(await open());
    const ids = Array.from({ length: 3000 }, (_, n) => `token-${n}`);
    await snapshots.putAll(ids.map((id) => snapshotOf(id)));
    assert.equal((await snapshots.listOfTenant(ada.tenantId)).length, 3000);
    await snapshots.remove('tenant-2', ids);
    await snapshots.remove(ada.tenantId, ids.slice(1));
    assert.deepEqual(await snapshots.listOfTenant(ada.tenantId), [snapshotOf('token-0')]);
    await snapshots.putAll([]);
    await snapshots.remove(ada.tenantId, []);
  });
});
