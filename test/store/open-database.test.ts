import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { migrations, openDatabase } from '../../src/store/database.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';
import { isAnswering } from '../../src/telemetry/health.ts';
import { startProcess } from '../started-process.ts';
import { onEveryEngine, openStore, temporaryFolder } from './open-store.ts';
import { listTables, runSql } from './run-sql.ts';
import { at } from './stored.ts';

onEveryEngine('opening a database', (newDatabase) => {
  test('again changes nothing and keeps what is in it', async () => {
    const database = await newDatabase();
    const first = await openDatabase(database);
    assert.equal(await createProcessedActivities(first).claim('a', at), true);
    const steps = await sql<{ name: string }>`select * from kysely_migration`.execute(first);
    await first.destroy();
    const second = await openStore(database);
    assert.equal(await createProcessedActivities(second).claim('a', at), false);
    assert.deepEqual((await sql`select * from kysely_migration`.execute(second)).rows, steps.rows);
    assert.ok(steps.rows.length > 0);
  });

  test('gives times back as the numbers they were', async () => {
    const db = await openStore(await newDatabase());
    await createProcessedActivities(db).claim('a', at);
    assert.equal((await db.selectFrom('processed_activities').select('at').executeTakeFirst())?.at, at);
  });

  test('is possible while another process has it open', async () => {
    const database = await newDatabase();
    const stores = [await openStore(database), await openStore(database)];
    assert.deepEqual(await Promise.all(stores.map((db) => isAnswering(db, at))), [true, true]);
  });

  test('leaves nothing behind when a step of the schema fails, so that it can be tried again', async () => {
    const database = await newDatabase();
    await runSql(database, 'create table sync_batches (somebody text)');
    await assert.rejects(openDatabase(database), /^Error: DATABASE_URL cannot be used: .*sync_batches.*already exists/);
    assert.deepEqual(await listTables(database), ['sync_batches']);
    await runSql(database, 'drop table sync_batches');
    assert.equal(await isAnswering(await openStore(database), at), true);
  });

  test('by several processes that start at once applies each step once', async () => {
    const database = await newDatabase();
    const opening = Array.from({ length: 4 }, () =>
      startProcess(['test/store/opening-process.ts', JSON.stringify(database)], { NODE_NO_WARNINGS: '1' }),
    );
    for (const { ended, stderr } of opening) assert.deepEqual([(await ended).code, stderr], [0, []]);
    const steps = await runSql<{ name: string }>(database, 'select name from kysely_migration order by name');
    assert.deepEqual(
      steps.map(({ name }) => name),
      Object.keys(migrations).toSorted(),
    );
  });

  test('that a newer version has used is refused, and the database is left as it is', async () => {
    const database = await newDatabase();
    const db = await openStore(database);
    await sql`insert into kysely_migration values ('9999-of-tomorrow', '2099-01-01T00:00:00.000Z')`.execute(db);
    await assert.rejects(
      openDatabase(database),
      /^Error: DATABASE_URL cannot be used: a newer version of the bot has used it .*9999-of-tomorrow.*start that version/,
    );
    assert.equal(await isAnswering(db, at), true);
  });
});

test('makes the folders that are missing on the way to the file', async () => {
  const path = join(temporaryFolder(), 'not', 'there', 'yet', 'bot.db');
  await openStore(path);
  assert.ok(existsSync(path));
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

test('a store that was closed does not answer, and says so without failing', async () => {
  const db = await openDatabase({ kind: 'sqlite', path: ':memory:' });
  assert.equal(await isAnswering(db, at), true);
  await db.destroy();
  assert.equal(await isAnswering(db, at), false);
});
