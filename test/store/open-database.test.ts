import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sql } from 'kysely';
import { isAnswering } from '../../src/store/is-answering.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { createProcessedActivities } from '../../src/store/processed-activities.ts';
import { openStore, temporaryFolder } from './open-store.ts';
import { at } from './stored.ts';

test('makes the folders that are missing on the way to the file', async () => {
  const path = join(temporaryFolder(), 'not', 'there', 'yet', 'bot.db');
  await openStore(path);
  assert.ok(existsSync(path));
});

test('opening a store again changes nothing and keeps what is in it', async () => {
  const path = join(temporaryFolder(), 'bot.db');
  const first = await openDatabase({ kind: 'sqlite', path });
  assert.equal(await createProcessedActivities(first).claim('a', at), true);
  const steps = await sql<{ name: string }>`select * from kysely_migration`.execute(first);
  await first.destroy();
  const second = await openStore(path);
  assert.equal(await createProcessedActivities(second).claim('a', at), false);
  assert.deepEqual((await sql`select * from kysely_migration`.execute(second)).rows, steps.rows);
  assert.ok(steps.rows.length > 0);
});

test('a second connection may open the store while the first has it', async () => {
  const path = join(temporaryFolder(), 'bot.db');
  const stores = [await openStore(path), await openStore(path)];
  assert.deepEqual(await Promise.all(stores.map(isAnswering)), [true, true]);
});

test('a step that fails leaves nothing of itself behind, so that it can be tried again', async () => {
  const path = join(temporaryFolder(), 'bot.db');
  const other = new DatabaseSync(path);
  other.exec('create table press_records (somebody text)');
  await assert.rejects(openDatabase({ kind: 'sqlite', path }), /^Error: DATABASE_URL .*press_records/);
  assert.deepEqual(
    other
      .prepare("select name from sqlite_master where type = 'table' and name not like 'kysely%'")
      .all()
      .map(({ name }) => name),
    ['press_records'],
  );
  other.exec('drop table press_records');
  other.close();
  assert.equal(await isAnswering(await openStore(path)), true);
});

test('a store in memory is nobody else’s', async () => {
  const [one, other] = [await openStore(':memory:'), await openStore(':memory:')];
  assert.equal(await createProcessedActivities(one).claim('a', at), true);
  assert.equal(await createProcessedActivities(other).claim('a', at), true);
});

test('only its owner may read the file and what SQLite keeps beside it', {
  skip: process.platform === 'win32',
}, async () => {
  const folder = temporaryFolder();
  const db = await openDatabase({ kind: 'sqlite', path: join(folder, 'own.db') });
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  await db.destroy();
});

test('a file that is no database, or a folder, is refused with the variable to mend, and left as it is', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'letter.db');
  const letter = 'Dear Sir or Madam, this is not a database. '.repeat(100);
  writeFileSync(path, letter);
  await assert.rejects(openDatabase({ kind: 'sqlite', path }), /^Error: DATABASE_URL /);
  assert.equal(readFileSync(path, 'utf8'), letter);
  mkdirSync(join(folder, 'folder.db'));
  await assert.rejects(openDatabase({ kind: 'sqlite', path: join(folder, 'folder.db') }), /^Error: DATABASE_URL /);
  await assert.rejects(openDatabase({ kind: 'sqlite', path: join(path, 'below-a-file.db') }), /^Error: DATABASE_URL /);
});

test('a server database is refused rather than half used', async () => {
  const url = 'postgres://u:canary-of-the-database@127.0.0.1:1/x';
  await assert.rejects(openDatabase({ kind: 'postgres', url }), (error: Error) => {
    assert.match(error.message, /^DATABASE_URL/);
    assert.doesNotMatch(error.message, /canary/);
    return true;
  });
});

test('a store that was closed does not answer, and says so without failing', async () => {
  const db = await openDatabase({ kind: 'sqlite', path: ':memory:' });
  assert.equal(await isAnswering(db), true);
  await db.destroy();
  assert.equal(await isAnswering(db), false);
});
