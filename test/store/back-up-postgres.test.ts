import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client } from 'pg';
import { openDatabase } from '../../src/store/database.ts';
import type { Db } from '../../src/store/schema.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { createTestDatabase, tell } from '../postgres/test-database.ts';
import { readText } from '../source-files.ts';
import { startProgram } from '../started-process.ts';
import { onPostgres, openStore, temporaryFolder } from './open-store.ts';
import { listTables } from './run-sql.ts';
import { holdsItsWork, startWorking } from './working-store.ts';

/** Backs up in the midst of a bot's work, and resolves with how much of the work was done before. */
async function backUpMeanwhile(db: Db, backUp: () => Promise<void>): Promise<number> {
  const bot = startWorking(db);
  while (bot.done() < 20) await new Promise(setImmediate);
  const done = bot.done();
  await backUp();
  const doneMeanwhile = bot.done() - done;
  await bot.stop();
  assert.ok(doneMeanwhile > 0, 'the bot could not write meanwhile');
  return done;
}

onPostgres('a backup', () => {
  test('of every table in one snapshot, taken while the bot writes, is a store in which nothing is lost or doubled', async () => {
    const [url, restored] = [await createTestDatabase(), await createTestDatabase()];
    const db = await openStore({ kind: 'postgres', url });
    const [folder] = await tell<{ data_directory: string }>(url, 'show data_directory');
    const tables = [...(await listTables({ kind: 'postgres', url })), 'kysely_migration', 'kysely_migration_lock'];
    const copyOf = (table: string) =>
      `'${join(folder?.data_directory ?? '', `${new URL(url).pathname.slice(1)}-${table}`)}'`;
    const reader = new Client({ connectionString: url });
    await reader.connect();
    const done = await backUpMeanwhile(db, async () => {
      await reader.query('begin isolation level repeatable read read only');
      for (const table of tables) await reader.query(`copy ${table} to ${copyOf(table)}`);
      await reader.query('commit');
    });
    await reader.end();

    await (await openDatabase({ kind: 'postgres', url: restored })).destroy();
    for (const table of tables) await tell(restored, `truncate ${table}; copy ${table} from ${copyOf(table)}`);
    await holdsItsWork(await openStore({ kind: 'postgres', url: restored }), done);
  });
});

const bin = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim() ?? '';
const hasTools = ['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((name) => bin && existsSync(join(bin, name)));

/** The command of docs/operations.md that begins with this program, with these values for its variables. */
function documented(program: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const line = readText('docs/operations.md')
    .split('\n')
    .find((each) => each.startsWith(`${program} `));
  return (line ?? assert.fail(`docs/operations.md names no ${program}`))
    .replaceAll(/"?\$(\w+)"?/g, (_, name: string) => variables[name] ?? assert.fail(name))
    .split(' ');
}

test('with PostgreSQL’s own tools, as docs/operations.md says, nothing is lost or doubled', {
  skip: !hasTools && 'PostgreSQL’s own tools are not installed on this machine',
}, async () => {
  const postgres = await startPostgres(bin);
  if ('missing' in postgres) throw new Error(postgres.missing);
  after(() => postgres.close());
  await tell(postgres.url, 'create database restored');
  const restored = new URL(postgres.url);
  restored.pathname = 'restored';
  const folder = temporaryFolder();
  const succeeds = async (program: string) => {
    const variables = { DATABASE_URL: postgres.url, NEW_DATABASE_URL: restored.href };
    const [name = '', ...args] = documented(program, variables);
    const { ended, stderr } = startProgram(join(bin, name), args, {}, folder);
    assert.deepEqual([(await ended).code, stderr], [0, []]);
  };
  const db = await openStore({ kind: 'postgres', url: postgres.url });
  const done = await backUpMeanwhile(db, () => succeeds('pg_dump'));
  await succeeds('pg_restore');
  await holdsItsWork(await openStore({ kind: 'postgres', url: restored.href }), done);
});
