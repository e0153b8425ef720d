import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CompiledQuery } from 'kysely';
import type { KnownConversation } from '../../src/domain/alert-repositories.ts';
import { createConversations, createInstallations } from '../../src/store/conversations.ts';
import type { Db } from '../../src/store/schema.ts';
import { place } from '../support/alert-stored.ts';
import { onEveryEngine, onEveryStore } from '../support/open-store.ts';
import { ada, at, elif, minuteMs, thread } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';

suite('conversations', () => {
  const team: KnownConversation = { reference: thread, seenAt: at };
  const chat: KnownConversation = {
    reference: { ...thread, id: 'a:1', kind: 'personal' },
    personId: ada.aadObjectId,
    seenAt: at,
  };
  const elsewhere = (known: KnownConversation, seenAt: number): KnownConversation => ({
    ...known,
    reference: { ...known.reference, serviceUrl: 'https://smba.trafficmanager.net/apac/' },
    seenAt,
  });

  /** How many rows were written since the last time it was asked. */
  async function countWrites(db: Db): Promise<() => Promise<number>> {
    const total = async () =>
      Number(
        (await db.executeQuery(CompiledQuery.raw('select total_changes() as n'))).rows.map(
          (row) => (row as { n: number }).n,
        )[0],
      );
    let before = await total();
    return async () => {
      const now = await total();
      const written = now - before;
      before = now;
      return written;
    };
  }

  onEveryStore('conversations', (open) => {
    test('are known without their thread', async () => {
      const conversations = createConversations(await open());
      await conversations.record(team);
      const known = { reference: place, seenAt: at };
      assert.deepEqual(await conversations.find(place.id), known);
      assert.deepEqual(await conversations.find(thread.id), known);
      assert.equal(await conversations.find('unknown'), undefined);
    });

    test('are known as they were seen last', async () => {
      const conversations = createConversations(await open());
      await conversations.record(team);
      await conversations.record(elsewhere(team, at + 1));
      assert.deepEqual(await conversations.find(place.id), elsewhere({ reference: place, seenAt: at }, at + 1));
    });

    test('keep what was seen last whichever is written last', async () => {
      const db = await open();
      await createConversations(db).record(elsewhere(team, at + 1));
      await createConversations(db).record(team);
      assert.match((await createConversations(db).find(place.id))?.reference.serviceUrl ?? '', /apac/);
    });

    test('lead to a person’s chat, in that tenant alone, though some activities do not name them', async () => {
      const conversations = createConversations(await open());
      await conversations.record(chat);
      await conversations.record({ reference: chat.reference, seenAt: at + 1 });
      await conversations.record(elsewhere({ reference: chat.reference, seenAt: at }, at + 2));
      const found = await conversations.findPersonal(ada.tenantId, ada.aadObjectId);
      assert.deepEqual(found, elsewhere(chat, at + 2));
      assert.equal(await conversations.findPersonal('another', ada.aadObjectId), undefined);
      assert.equal(await conversations.findPersonal(ada.tenantId, elif.aadObjectId), undefined);
    });

    test('are found by their team, in that tenant alone, though some activities do not name it', async () => {
      const conversations = createConversations(await open());
      await conversations.record({ ...team, teamId: '19:t' });
      await conversations.record({ ...elsewhere(team, at + 1) });
      await conversations.record(chat);
      const { tenantId } = team.reference;
      assert.deepEqual(await conversations.listIdsOfTeam(tenantId, '19:t'), ['19:team@thread.tacv2']);
      assert.deepEqual(await conversations.listIdsOfTeam('another tenant', '19:t'), []);
      assert.deepEqual(await conversations.listIdsOfTeam(tenantId, '19:another'), []);
    });

    test('are forgotten when erased, and known again when they speak again', async () => {
      const conversations = createConversations(await open());
      await conversations.record(team);
      await conversations.erase(thread.id);
      assert.equal(await conversations.find(place.id), undefined);
      await conversations.record(team);
      assert.ok(await conversations.find(place.id));
    });
  });

  test('an unchanged conversation costs no write, and within ten minutes not even a query', async () => {
    const db = await openStore(':memory:');
    const conversations = createConversations(db);
    const written = await countWrites(db);
    await conversations.record(team);
    assert.equal(await written(), 1);
    for (let n = 1; n < 30; n += 1) await conversations.record({ ...team, seenAt: at + n * minuteMs });
    assert.equal(await written(), 0);
    await createConversations(db).record({ ...team, seenAt: at + minuteMs });
    assert.equal(await written(), 0, 'nor does the next process write what is there already');
    // Without the table a look would fail.
    await db.schema.dropTable('conversations').execute();
    await conversations.record({ ...team, seenAt: at + 30 * minuteMs - 1 });
  });

  test('what another process erased is written again: at once by an arrival, else within ten minutes', async () => {
    const path = join(temporaryFolder(), 'bot.db');
    const [one, other] = [createConversations(await openStore(path)), createConversations(await openStore(path))];
    const isKnown = async () => (await one.find(place.id)) !== undefined;
    await one.record(team);
    await other.erase(place.id);
    await one.record(team, { afresh: true });
    assert.equal(await isKnown(), true);
    await other.erase(place.id);
    await one.record({ ...team, seenAt: at + 10 * minuteMs });
    assert.equal(await isKnown(), true);
  });

  test('no more than so many conversations are remembered', async () => {
    const db = await openStore(':memory:');
    const conversations = createConversations(db, { mostRemembered: 2 });
    const of = (n: number) => ({ ...team, reference: { ...place, id: `19:${n}@thread.tacv2` } });
    for (const n of [1, 2, 3]) await conversations.record(of(n));
    await db.schema.dropTable('conversations').execute();
    await conversations.record(of(2));
    await conversations.record(of(3));
    await assert.rejects(conversations.record(of(1)), /conversations/);
  });
});

suite('installations', () => {
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
});
