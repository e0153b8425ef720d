import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealedSecrets } from '../../src/store/sealed-secrets.ts';
import { onEveryStore } from '../support/open-store.ts';
import { at } from '../support/stored.ts';

const dayMs = 24 * 60 * 60 * 1000;

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
