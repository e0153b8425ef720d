import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openDatabase } from '../../src/store/database.ts';
import { rowShapes } from '../../src/store/rows.ts';
import { onEveryEngine } from './open-store.ts';
import { runSql } from './run-sql.ts';
import { addRows, readRows } from './stored-rows.ts';

/** Texts that no column of JSON is read with, whatever it is for. */
const nothingOfOurs = ['{}', 'null', '7', '"x"', '[7]', '{"kind":"x"}', '{"half":', ''];
const key: Readonly<Record<string, string>> = {
  ...{ watched_tenants: 'tenant_id', token_snapshots: 'token_id', conversations: 'conversation_id' },
  ...{ alert_messages: 'alert_id', renewal_marks: 'token_id', turns_in_hand: 'key' },
};
const columns = Object.entries(rowShapes).flatMap(([table, shapes]) =>
  Object.entries(shapes).map(([column, { isSpare }]) => ({ table, column, isSpare, key: key[table] ?? 'id' })),
);
const json = columns.filter(({ column }) => column.endsWith('_json'));

onEveryEngine('a row of another shape', (newDatabase) => {
  async function open() {
    const database = await newDatabase();
    const logged: object[] = [];
    const db = await openDatabase(database, { warn: (fields, message) => logged.push({ ...fields, message }) });
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

  test('is passed over as if it were not there, whatever else it holds, and takes no other row with it', async () => {
    const opened = await open();
    for (const value of Object.values(opened.whole)) assert.ok(value);
    for (const at of columns.filter(({ isSpare }) => !isSpare)) {
      for (const text of at.column.endsWith('_json') ? nothingOfOurs : ['nobody knows', '']) {
        const { read, good } = await withText(opened, at, () => text);
        const what = `${at.table}.${at.column} = ${text}`;
        assert.equal(read, undefined, what);
        assert.deepEqual(good, opened.good, what);
      }
      const tells = opened.logged.filter(
        (line) => 'column' in line && line.column === at.column && 'table' in line && line.table === at.table,
      );
      assert.equal(tells.length, 1, `${at.table}.${at.column} is told of once`);
    }
    assert.deepEqual(await readRows(opened.db, 'spoilt'), opened.whole, 'it is left as it is');
    assert.ok(!JSON.stringify(opened.logged).includes('half'));
  });

  test('is read without what it can do without', async () => {
    const opened = await open();
    for (const at of columns.filter(({ isSpare }) => isSpare)) {
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
