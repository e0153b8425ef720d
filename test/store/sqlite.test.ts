import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';
import { runSql } from '../support/run-sql.ts';
import { at } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';

type File = Extract<Config['database'], { kind: 'sqlite' }>;

const newFile = (): File => ({ kind: 'sqlite', path: join(temporaryFolder(), 'bot.db') });
test('every table of a new store is strict', async () => {
  const file = newFile();
  await openStore(file);
  const loose = "select name from pragma_table_list where schema = 'main' and strict = 0 order by name";
  assert.deepEqual(await runSql(file, loose), [
    { name: 'kysely_migration' },
    { name: 'kysely_migration_lock' },
    { name: 'sqlite_schema' },
  ]);
  await assert.rejects(runSql(file, "insert into processed_activities values ('a', 'soon')"), /cannot store TEXT/);
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
