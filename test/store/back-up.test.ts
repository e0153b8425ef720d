import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { Client } from 'pg';
import { openDatabase } from '../../src/store/database.ts';
import type { Db } from '../../src/store/schema.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { createTestDatabase, queryPostgres } from '../postgres/test-database.ts';
import { onPostgres } from '../support/open-store.ts';
import { listTables } from '../support/run-sql.ts';
import { readText } from '../support/source-files.ts';
import { startProcess, startProgram } from '../support/started-process.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';
import { holdsItsWork, startWorking } from './working-store.ts';

suite('back up file', () => {
  async function backUp(...files: readonly string[]) {
    const { ended, stdout, stderr } = startProcess(['scripts/back-up.ts', ...files], { NODE_NO_WARNINGS: '1' });
    const { code } = await ended;
    return { code, said: [...stdout, ...stderr].join('\n') };
  }

  test('a backup taken while the bot writes can be put in the store’s place, and nothing is lost or doubled', async () => {
    const folder = temporaryFolder();
    const [file, backup] = [join(folder, 'bot.db'), join(folder, 'backup.db')];
    const db = await openDatabase({ kind: 'sqlite', path: file });
    const bot = startWorking(db);
    while (bot.done() < 20) await new Promise(setImmediate);
    const done = bot.done();
    assert.deepEqual(await backUp(file, backup), { code: 0, said: `${backup} holds the store as it is now.` });
    assert.ok(bot.done() > done, 'the bot could not write meanwhile');
    await bot.stop();
    await db.destroy();
    if (process.platform !== 'win32') assert.equal(statSync(backup).mode & 0o077, 0);

    // As docs/operate.md says: the file, and nothing beside it, makes room for the backup.
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    copyFileSync(backup, file);
    await holdsItsWork(await openStore(file), done);
  });

  test('a store that nobody has open is backed up, too', async () => {
    const folder = temporaryFolder();
    const [file, backup] = [join(folder, 'bot.db'), join(folder, 'backup.db')];
    await (await openDatabase({ kind: 'sqlite', path: file })).destroy();
    assert.equal((await backUp(`sqlite:${file}`, backup)).code, 0);
    await holdsItsWork(await openStore(backup), 0);
  });

  test('a backup is refused rather than made over another, of nothing or of what is no store', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => join(folder, name);
    await openStore(at('bot.db'));
    writeFileSync(at('letter.txt'), 'Dear Sir or Madam, '.repeat(100));
    for (const [files, reason] of [
      [[at('bot.db'), at('letter.txt')], /letter\.txt is there already/],
      [[at('nothing.db'), at('backup.db')], /nothing\.db is not there/],
      [[at('letter.txt'), at('backup.db')], /not a database/],
      [[at('bot.db'), join(folder, 'nowhere', 'backup.db')], /no such file or directory/],
      [[at('bot.db')], /Say which/],
    ] as const) {
      const { code, said } = await backUp(...files);
      assert.equal(code, 1, said);
      assert.match(said, reason);
    }
    assert.ok(!existsSync(at('backup.db')));
    assert.ok(!readdirSync(folder).some((name) => name.endsWith('.part')));
  });
});

suite('back up postgres', () => {
  /** Backs up in the midst of a bot's work, and resolves with how much of the work was done before. */
  async function backUpMeanwhile(db: Db, backUp: (workGoesOn: () => Promise<void>) => Promise<void>): Promise<number> {
    const bot = startWorking(db);
    const workUntil = async (done: number) => {
      while (bot.done() < done) await new Promise(setImmediate);
    };
    await workUntil(20);
    const done = bot.done();
    await backUp(() => workUntil(bot.done() + 2));
    await bot.stop();
    return done;
  }

  onPostgres('a backup', () => {
    test('of every table in one snapshot, taken while the bot writes, is a store in which nothing is lost or doubled', async () => {
      const [url, restored] = [await createTestDatabase(), await createTestDatabase()];
      const db = await openStore({ kind: 'postgres', url });
      const [folder] = await queryPostgres<{ data_directory: string }>(url, 'show data_directory');
      const tables = [...(await listTables({ kind: 'postgres', url })), 'kysely_migration', 'kysely_migration_lock'];
      const copyOf = (table: string) =>
        `'${join(folder?.data_directory ?? '', `${new URL(url).pathname.slice(1)}-${table}`)}'`;
      const reader = new Client({ connectionString: url });
      await reader.connect();
      const done = await backUpMeanwhile(db, async (workGoesOn) => {
        await reader.query('begin isolation level repeatable read read only');
        for (const table of tables) {
          await reader.query(`copy ${table} to ${copyOf(table)}`);
          await workGoesOn();
        }
        await reader.query('commit');
      });
      await reader.end();

      await (await openDatabase({ kind: 'postgres', url: restored })).destroy();
      for (const table of tables)
        await queryPostgres(restored, `truncate ${table}; copy ${table} from ${copyOf(table)}`);
      await holdsItsWork(await openStore({ kind: 'postgres', url: restored }), done);
    });
  });

  const bin = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim() ?? '';
  const hasTools = ['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((name) => bin && existsSync(join(bin, name)));

  /** The command of docs/operate.md that begins with this program, with these values for its variables. */
  function documented(program: string, variables: Readonly<Record<string, string>>): readonly string[] {
    const line = readText('docs/operate.md')
      .split('\n')
      .find((each) => each.startsWith(`${program} `));
    return (line ?? assert.fail(`docs/operate.md names no ${program}`))
      .replaceAll(/"?\$(\w+)"?/g, (_, name: string) => variables[name] ?? assert.fail(name))
      .split(' ');
  }

  test('with PostgreSQL’s own tools, as docs/operate.md says, nothing is lost or doubled', {
    skip: !hasTools && 'PostgreSQL’s own tools are not installed on this machine',
  }, async () => {
    const postgres = await startPostgres(bin);
    if ('missing' in postgres) throw new Error(postgres.missing);
    after(() => postgres.close());
    await queryPostgres(postgres.url, 'create database restored');
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
});
