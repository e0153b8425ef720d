import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { onEveryEngine } from './open-store.ts';
import { runSql } from './run-sql.ts';
import { runningRun } from './running-run.ts';
import { ada, at, minuteMs, thread } from './stored.ts';
import { listWorkLeft } from './work-left.ts';

onEveryEngine('a row that cannot be read', (newDatabase) => {
  async function open() {
    const database = await newDatabase();
    const logged: Readonly<Record<string, unknown>>[] = [];
    const db = await openDatabase(database, { warn: (fields) => logged.push({ ...fields }) });
    after(() => db.destroy());
    return { database, db, logged };
  }

  /** As a bad sector would: the text ends in the middle, without a word to the bot. */
  const spoil = (database: Config['database'], table: string, column: string, id: string) =>
    runSql(database, `update ${table} set ${column} = '{"canary":"of what it sai' where id = '${id}' returning id`);

  test('is passed over by who takes up work, logged once by its table and id, and left as it is', async () => {
    const { database, db, logged } = await open();
    const runs = createSyncRuns<object>(db);
    for (const id of ['first', 'spoilt', 'last']) await runs.add(runningRun(id));
    await spoil(database, 'sync_runs', 'before_json', 'spoilt');
    for (let times = 0; times < 3; times += 1) {
      assert.deepEqual((await listWorkLeft(db)).unfinished.map(({ id }) => id).toSorted(), ['first', 'last']);
    }
    assert.deepEqual(logged, [{ table: 'sync_runs', column: 'before_json', id: 'spoilt' }]);
    const stored = await runSql(database, "select before_json from sync_runs where id = 'spoilt'");
    assert.deepEqual(stored, [{ before_json: '{"canary":"of what it sai' }]);
  });

  test('is not found, whichever kind of record it is, and the others are', async () => {
    const { database, db, logged } = await open();
    const records = createCardRecords(db);
    const requests = createSignInRequests(db);
    const batches = createSyncBatches(db);
    const runs = createSyncRuns<object>(db);
    for (const id of ['good', 'spoilt']) {
      const lasting = { createdAt: at, expiresAt: at + minuteMs };
      await records.add({
        id,
        kind: 'plan',
        ownerId: ada.aadObjectId,
        conversationId: 'a',
        payload: { tokens: [] },
        ...lasting,
      });
      const asked = { owner: ada, conversation: thread, locale: 'en', purpose: 'signIn', resume: 'help' } as const;
      await requests.add({ id, ...asked, ...lasting });
      const whose = { tenantId: ada.tenantId, requester: ada, conversation: thread, locale: 'en' } as const;
      await batches.add({ id, ...whose, correlationId: 'c', startedAt: at, items: [] });
      await runs.add(runningRun(id));
    }
    await spoil(database, 'press_records', 'payload_json', 'spoilt');
    await spoil(database, 'sign_in_requests', 'conversation_json', 'spoilt');
    await spoil(database, 'sync_batches', 'requester_json', 'spoilt');
    await spoil(database, 'sync_runs', 'requester_json', 'spoilt');
    for (const store of [records, requests, runs]) {
      assert.equal(await store.find('spoilt'), undefined);
      assert.equal((await store.find('good'))?.id, 'good');
    }
    assert.equal((await records.findOpenPlan(ada.aadObjectId, 'a', at))?.id, 'good');
    assert.deepEqual(
      (await requests.listOpenOf(ada, at)).map(({ id }) => id),
      ['good'],
    );
    assert.deepEqual(
      (await listWorkLeft(db)).batches.map(({ id }) => id),
      ['good'],
    );
    assert.equal(logged.length, 4);
    assert.ok(!JSON.stringify(logged).includes('canary'));
  });

  test('does not keep its token from being synced again', async () => {
    const { database, db } = await open();
    const runs = createSyncRuns<object>(db);
    await runs.add(runningRun('spoilt'));
    const next = { ...runningRun('next'), tokenId: runningRun('spoilt').tokenId };
    assert.equal(await runs.add(next), false);
    await spoil(database, 'sync_runs', 'before_json', 'spoilt');
    const others = ['other', 'another'].map((id) => ({ ...next, id }));
    const added = await Promise.all([next, ...others].map((each) => runs.add(each)));
    assert.equal(added.filter((won) => won).length, 1);
    assert.ok(await runs.findLeader(ada.tenantId, next.tokenId));
  });
});

onEveryEngine('a text with a character that not every engine takes', (newDatabase) => {
  test('is stored all the same', async () => {
    const db = await openDatabase(await newDatabase());
    after(() => db.destroy());
    const requests = createSignInRequests(db);
    const asked = { owner: ada, conversation: thread, locale: 'en', purpose: 'signIn' } as const;
    await requests.add({ id: 'a', ...asked, resume: 'sync \0 \uD800 x', createdAt: at, expiresAt: at + minuteMs });
    assert.match((await requests.find('a'))?.resume ?? '', /^sync (\0|\uFFFD) \uFFFD x$/);
  });
});
