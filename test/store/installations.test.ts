import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInstallations } from '../../src/store/conversations.ts';
import { onEveryEngine, onEveryStore, openStore } from './open-store.ts';
import { at } from './stored.ts';

const place = { tenantId: 'tenant-1', conversationId: '19:team@thread.tacv2' };

onEveryStore('installations', (open) => {
  test('are claimed once, however many ask at once and however often', async () => {
    const installations = createInstallations(await open());
    const claims = await Promise.all(Array.from({ length: 10 }, () => installations.claim(place, at)));
    assert.equal(claims.filter((won) => won).length, 1);
    assert.equal(await installations.claim(place, at + 1), false);
  });

  test('are claimed for each conversation and tenant apart', async () => {
    const installations = createInstallations(await open());
    assert.equal(await installations.claim(place, at), true);
    assert.equal(await installations.claim({ ...place, conversationId: 'a:1' }, at), true);
    assert.equal(await installations.claim({ ...place, tenantId: 'tenant-2' }, at), true);
  });

  test('may be claimed again once the bot was removed, and there alone', async () => {
    const installations = createInstallations(await open());
    await installations.claim(place, at);
    await installations.claim({ ...place, conversationId: 'a:1' }, at);
    await installations.release(place);
    await installations.release(place);
    assert.equal(await installations.claim(place, at), true);
    assert.equal(await installations.claim({ ...place, conversationId: 'a:1' }, at), false);
  });
});

onEveryEngine('installations', (newDatabase) => {
  test('are remembered by the next process', async () => {
    const database = await newDatabase();
    assert.equal(await createInstallations(await openStore(database)).claim(place, at), true);
    assert.equal(await createInstallations(await openStore(database)).claim(place, at), false);
  });
});
