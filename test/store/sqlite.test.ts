import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kysely, SqliteQueryCompiler } from 'kysely';
import type { Config } from '../../src/config.ts';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import { migrate, openDatabase } from '../../src/store/database.ts';
import type { Database } from '../../src/store/schema.ts';
import { createSqliteDialect } from '../../src/store/sqlite.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { listTables, runSql } from '../support/run-sql.ts';
import { ada, at, thread } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';
import { listWorkLeft } from '../support/work-left.ts';

type File = Extract<Config['database'], { kind: 'sqlite' }>;

const newFile = (): File => ({ kind: 'sqlite', path: join(temporaryFolder(), 'bot.db') });
const isStrict = (file: File) =>
  runSql<{ name: string; strict: number }>(
    file,
    "select name, strict from pragma_table_list where schema = 'main' and name not like 'sqlite%' order by name",
  );
const listIndexes = (file: File) =>
  runSql(file, "select name, sql from sqlite_schema where type = 'index' order by name");
const listRows = async (file: File) =>
  Object.fromEntries(
    await Promise.all(
      [...(await listTables(file)), 'kysely_migration'].map(
        async (table) => [table, await runSql(file, `select * from "${table}" order by 1`)] as const,
      ),
    ),
  );

const run: SyncRun<object> = {
  ...{ id: 'run', tenantId: ada.tenantId, tokenId: 'token-1', phase: 'running', joined: false, requester: ada },
  ...{ conversation: thread, locale: 'en', before: tokenOf('前'), seenInProgress: true, uncertain: false },
  startedAt: at,
};

/** A store as versions before strict tables made it, with something in it. */
async function makeLooseStore(): Promise<File> {
  const file = newFile();
  const dialect = createSqliteDialect(file.path, { warn: assert.fail });
  const db = new Kysely<Database>({
    dialect: Object.assign(dialect, { createQueryCompiler: () => new SqliteQueryCompiler() }),
  });
  await migrate(db);
  await createProcessedActivities(db).claim('a', at);
  await createSyncRuns(db).add(run);
  await db.destroy();
  return file;
}

test('every table of a new store is strict', async () => {
  const file = newFile();
  await openStore(file);
  const tables = await isStrict(file);
  assert.ok(tables.length > 10);
  for (const { name, strict } of tables) assert.equal(strict, 1, name);
  await assert.rejects(runSql(file, "insert into processed_activities values ('a', 'soon')"), /cannot store TEXT/);
});

test('a store of an earlier version becomes strict and keeps its rows and indexes', async () => {
  const file = await makeLooseStore();
  assert.ok((await isStrict(file)).every(({ strict }) => strict === 0));
  const before = { rows: await listRows(file), indexes: await listIndexes(file) };
  const db = await openDatabase(file, { warn: assert.fail });
  for (const { name, strict } of await isStrict(file)) assert.equal(strict, 1, name);
  assert.deepEqual({ rows: await listRows(file), indexes: await listIndexes(file) }, before);
  assert.deepEqual((await listWorkLeft<object>(db)).unfinished, [run]);
  assert.equal(await createSyncRuns(db).add({ ...run, id: 'second leader' }), false);
  assert.equal(await createProcessedActivities(db).claim('a', at), false);
  await db.destroy();
});

test('a table with a row that does not keep to its types stays as it is, works on, and is told of in the log', async () => {
  const file = await makeLooseStore();
  await runSql(file, "update processed_activities set at = 'soon' returning 1");
  const logged: object[] = [];
  const db = await openDatabase(file, { warn: (fields) => logged.push(fields) });
  const loose = (await isStrict(file)).filter(({ strict }) => strict === 0).map(({ name }) => name);
  assert.deepEqual(loose, ['processed_activities']);
  assert.deepEqual(
    logged.map((fields) => 'table' in fields && fields.table),
    ['processed_activities'],
  );
  assert.equal(await createProcessedActivities(db).claim('b', at), true);
  assert.equal((await runSql(file, 'select * from processed_activities')).length, 2);
  await db.destroy();
});

test('a file that is no store of ours keeps its tables as they are', async () => {
  const file = newFile();
  await runSql(file, 'create table sync_runs (somebody varchar(5))');
  await assert.rejects(openDatabase(file), /sync_runs/);
  await assert.rejects(openDatabase(file), /sync_runs/);
  assert.deepEqual((await isStrict(file)).at(-1), { name: 'sync_runs', strict: 0 });
});

test('what was deleted is gone from the file, not only from the tables', async () => {
  const file = newFile();
  const db = await openStore(file);
  const processed = createProcessedActivities(db);
  const keys = Array.from({ length: 50 }, (_, index) => `canary-of-what-is-deleted-${index}`);
  for (const key of keys) await processed.claim(key, at);
  const isInFile = () =>
    ['', '-wal'].some((end) => readFileSync(file.path + end).includes('canary-of-what-is-deleted'));
  assert.equal(isInFile(), true);
  await processed.prune(at + 48 * 60 * 60 * 1000);
  await runSql(file, 'pragma wal_checkpoint(truncate)');
  assert.equal(isInFile(), false);
});
