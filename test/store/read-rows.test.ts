import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { onEveryEngine } from '../support/open-store.ts';
import { runSql } from '../support/run-sql.ts';
import { ada, at, minuteMs, thread } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { listWorkLeft } from '../support/work-left.ts';
import { runningRun } from './running-run.ts';
import { addRows, readRows } from './stored-rows.ts';

suite('row shapes', () => {
  /** Texts that no column of JSON is read with, whatever it is for. */
  const nothingOfOurs = ['{}', 'null', '7', '"x"', '[7]', '{"kind":"x"}', '{"half":', ''];
  const key: Readonly<Record<string, string>> = {
    watched_tenants: 'tenant_id',
    token_snapshots: 'token_id',
    conversations: 'conversation_id',
    alert_messages: 'alert_id',
    renewals: 'token_id',
  };
  /** Columns without which a row is of no use. */
  const needed = {
    card_records: ['kind', 'payload_json'],
    sign_in_requests: ['owner_json', 'conversation_json', 'locale', 'purpose'],
    sync_runs: ['phase', 'requester_json', 'conversation_json', 'locale', 'before_json', 'after_json', 'outcome'],
    sync_batches: ['requester_json', 'conversation_json', 'locale'],
    token_snapshots: ['token_json'],
    alerts: ['condition', 'stage', 'ending', 'state_json'],
    alert_subscriptions: ['owner_json', 'locale', 'scope_json', 'events_json', 'time_zone'],
    alert_deliveries: ['body_json'],
    renewals: ['expiration', 'person_json', 'conversation_json', 'locale', 'announced'],
    renewal_notices: ['kind', 'token_json', 'person_json', 'conversation_json', 'locale'],
    conversations: ['reference_json'],
  };
  const details = {
    sync_runs: ['licenses_before_json', 'licenses_json'],
    sync_batches: ['stopped_json'],
    watched_tenants: ['failure_json', 'queued_json'],
    alert_subscriptions: ['quiet_json'],
    alert_messages: ['digest_reason'],
  };
  const listColumns = (tables: Readonly<Record<string, readonly string[]>>, isDetail: boolean) =>
    Object.entries(tables).flatMap(([table, columns]) =>
      columns.map((column) => ({ table, column, isDetail, key: key[table] ?? 'id' })),
    );
  const columns = [...listColumns(needed, false), ...listColumns(details, true)];
  const json = columns.filter(({ column }) => column.endsWith('_json'));

  /** An open turn that cannot be read is ended, not left as it is: see turns.test.ts; an app's history begins anew: counted-apps.test.ts. */
  const triedElsewhere = ['sign_in_requests.failure_json', 'open_turns.reply_json', 'counted_apps.history_json'];

  test('every column of JSON is tried here, or where else it is read', async () => {
    const tables = await (await openStore(':memory:')).introspection.getTables();
    const stored = tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`));
    assert.deepEqual(
      [...json.map(({ table, column }) => `${table}.${column}`), ...triedElsewhere].toSorted(),
      stored.filter((name) => name.endsWith('_json')).toSorted(),
    );
  });

  onEveryEngine('a row of another shape', (newDatabase) => {
    async function open() {
      const database = await newDatabase();
      const logged: object[] = [];
      const db = await openDatabase(database, {
        log: { warn: (fields, message) => logged.push({ ...fields, message }) },
      });
      after(() => db.destroy());
      for (const id of ['good', 'spoilt']) await addRows(db, id);
      return { database, db, logged, good: await readRows(db, 'good'), whole: await readRows(db, 'spoilt') };
    }
    type Opened = Awaited<ReturnType<typeof open>>;

    /** Writes it in, sees what is read, and puts the old one back. */
    async function withText({ database, db }: Opened, at: (typeof columns)[number], change: (old: string) => string) {
      const where = `where ${at.key} = 'spoilt'`;
      const set = (text: string) =>
        runSql(database, `update ${at.table} set ${at.column} = '${text.replaceAll("'", "''")}' ${where} returning 1`);
      const [row] = await runSql<Record<string, string>>(database, `select ${at.column} from ${at.table} ${where}`);
      const old = row?.[at.column] ?? assert.fail(`${at.table}.${at.column} has no example`);
      await set(change(old));
      const read = await readRows(db, 'spoilt');
      const good = await readRows(db, 'good');
      await set(old);
      return { read: read[at.table], good };
    }

    test('is skipped as if it were not there, whatever else it holds, and takes no other row with it', async () => {
      const opened = await open();
      for (const value of Object.values(opened.whole)) assert.ok(value);
      for (const at of columns.filter(({ isDetail }) => !isDetail)) {
        for (const text of at.column.endsWith('_json') ? nothingOfOurs : ['nobody knows', '']) {
          const { read, good } = await withText(opened, at, () => text);
          const what = `${at.table}.${at.column} = ${text}`;
          assert.equal(read, undefined, what);
          assert.deepEqual(good, opened.good, what);
        }
        const warnings = opened.logged.filter(
          (line) => 'column' in line && line.column === at.column && 'table' in line && line.table === at.table,
        );
        assert.equal(warnings.length, 1, `${at.table}.${at.column} is logged once`);
      }
      assert.deepEqual(await readRows(opened.db, 'spoilt'), opened.whole, 'it is left as it is');
      assert.ok(!JSON.stringify(opened.logged).includes('half'));
    });

    test('is read without what it can do without', async () => {
      const opened = await open();
      for (const at of columns.filter(({ isDetail }) => isDetail)) {
        for (const text of at.column.endsWith('_json') ? nothingOfOurs : ['nobody knows']) {
          const { read, good } = await withText(opened, at, () => text);
          const whole: object = opened.whole[at.table] ?? assert.fail(at.table);
          const lost = Object.keys(whole).filter((name) => !Object.hasOwn(read ?? {}, name));
          assert.equal(lost.length, 1, `${at.table}.${at.column} = ${text}`);
          assert.deepEqual({ ...whole, ...(read ?? {}) }, whole);
          assert.deepEqual(good, opened.good);
        }
      }
      const messages = opened.logged.map((line) => 'message' in line && line.message);
      assert.deepEqual([...new Set(messages)], ['a detail of a stored row cannot be read; the row is read without it']);
    });

    test('is read as ever where a newer version wrote more', async () => {
      const opened = await open();
      for (const at of json) {
        const { read } = await withText(opened, at, (old) => old.replace(/^\{/, '{"added":{"by":[1]},'));
        assert.deepEqual(withoutAdded(read), opened.whole[at.table], `${at.table}.${at.column}`);
      }
      assert.deepEqual(opened.logged, []);
    });
  });

  const withoutAdded = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (name, inner) => (name === 'added' ? undefined : inner));
});

suite('unreadable rows', () => {
  onEveryEngine('a row that cannot be read', (newDatabase) => {
    async function open() {
      const database = await newDatabase();
      const logged: Readonly<Record<string, unknown>>[] = [];
      const db = await openDatabase(database, { log: { warn: (fields) => logged.push({ ...fields }) } });
      after(() => db.destroy());
      return { database, db, logged };
    }

    /** As a bad sector would: the text ends in the middle, without a word to the bot. */
    const spoil = (database: Config['database'], table: string, column: string, id: string) =>
      runSql(database, `update ${table} set ${column} = '{"canary":"of what it sai' where id = '${id}' returning id`);

    test('is skipped by who claims work, logged once by its table and id, and left as it is', async () => {
      const { database, db, logged } = await open();
      const runs = createSyncRuns(db);
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
      const runs = createSyncRuns(db);
      for (const id of ['good', 'spoilt']) {
        const lasting = { createdAt: at, expiresAt: at + minuteMs };
        await records.add({
          id,
          kind: 'plan',
          ownerId: ada.aadObjectId,
          conversationId: id,
          payload: { tokens: [] },
          ...lasting,
        });
        const asked = { owner: ada, conversation: thread, locale: 'en', purpose: 'signIn', resume: 'help' } as const;
        await requests.add({ id, ...asked, ...lasting });
        const whose = { tenantId: ada.tenantId, requester: ada, conversation: thread, locale: 'en' } as const;
        await batches.add({ id, ...whose, correlationId: 'c', startedAt: at, items: [] });
        await runs.add(runningRun(id));
      }
      await spoil(database, 'card_records', 'payload_json', 'spoilt');
      await spoil(database, 'sign_in_requests', 'conversation_json', 'spoilt');
      await spoil(database, 'sync_batches', 'requester_json', 'spoilt');
      await spoil(database, 'sync_runs', 'requester_json', 'spoilt');
      for (const store of [records, requests, runs]) {
        assert.equal(await store.find('spoilt'), undefined);
        assert.equal((await store.find('good'))?.id, 'good');
      }
      assert.equal((await records.findOpenPlan(ada.aadObjectId, 'good', at))?.id, 'good');
      assert.equal(await records.findOpenPlan(ada.aadObjectId, 'spoilt', at), undefined);
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
      const runs = createSyncRuns(db);
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
    test('is still stored', async () => {
      const db = await openDatabase(await newDatabase());
      after(() => db.destroy());
      const requests = createSignInRequests(db);
      const asked = { owner: ada, conversation: thread, locale: 'en', purpose: 'signIn' } as const;
      await requests.add({ id: 'a', ...asked, resume: 'sync \0 \uD800 x', createdAt: at, expiresAt: at + minuteMs });
      assert.match((await requests.find('a'))?.resume ?? '', /^sync (\0|\uFFFD) \uFFFD x$/);
    });
  });
});
