import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { sql } from 'kysely';
import { inspectDatabase, migrations, openDatabase } from '../../src/store/database.ts';
import { isAnswering } from '../../src/store/health.ts';
import { nameInitial } from '../../src/store/migrations/0001-initial.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';
import { createTestDatabase, queryPostgres } from '../postgres/test-database.ts';
import { onEveryEngine, onPostgres } from '../support/open-store.ts';
import { listTables, runSql } from '../support/run-sql.ts';
import { createLines } from '../support/runtime.ts';
import { startProcess } from '../support/started-process.ts';
import { at } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';

suite('open database', () => {
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
      await assert.rejects(
        openDatabase(database),
        /^Error: DATABASE_URL cannot be used: .*sync_batches.*already exists/,
      );
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

    for (const name of ['0001-main-job', '0001-initial', '0001-initial-00000000'])
      test(`that an earlier build made (${name}) is refused in one sentence, and left as it is`, async () => {
        const database = await newDatabase();
        await runSql(database, 'create table sync_runs (id text)');
        await runSql(database, 'create table kysely_migration (name text primary key, timestamp text)');
        await runSql(database, `insert into kysely_migration values ('${name}', '') returning name`);
        await assert.rejects(openDatabase(database), {
          message: 'DATABASE_URL cannot be used: an earlier build made it, with other tables; name a new database',
        });
        assert.deepEqual(await listTables(database), ['sync_runs']);
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

  test('another column makes the first migration another one, another layout does not', () => {
    const name = nameInitial(['create table a (b text)']);
    assert.match(name, /^0001-initial-[\da-f]{8}$/);
    assert.equal(nameInitial(['create  table a\n(b text)']), name);
    assert.notEqual(nameInitial(['create table a (b text, c text)']), name);
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

  test('an existing file that others may read is logged, a symbolic link is refused', {
    skip: process.platform === 'win32',
  }, async () => {
    const folder = temporaryFolder();
    const [path, link] = [join(folder, 'open.db'), join(folder, 'link.db')];
    writeFileSync(path, '', { mode: 0o644 });
    const { lines, log } = createLines();
    await (await openDatabase({ kind: 'sqlite', path }, { log })).destroy();
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['others may read the database file; make it its owner’s alone (chmod 600)'],
    );
    symlinkSync(path, link);
    await assert.rejects(openDatabase({ kind: 'sqlite', path: link }), /^Error: DATABASE_URL .*symbolic link/);
  });

  test('a second process on one file is logged, and one that comes after the first has ended is not', async () => {
    const path = join(temporaryFolder(), 'shared.db');
    const { lines, log } = createLines();
    const first = await openDatabase({ kind: 'sqlite', path }, { log });
    assert.deepEqual(lines, []);
    await (await openDatabase({ kind: 'sqlite', path }, { log })).destroy();
    const told = () => lines.map(({ message }) => message);
    assert.deepEqual(told(), ['another process uses this database file; several processes belong on PostgreSQL']);
    await first.destroy();
    await (await openDatabase({ kind: 'sqlite', path }, { log })).destroy();
    assert.equal(told().length, 1);
  });

  test('a file that is no database, or a folder, is refused with the variable to correct, and left as it is', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'letter.db');
    const letter = 'Dear Sir or Madam, this is not a database. '.repeat(100);
    writeFileSync(path, letter);
    await assert.rejects(openDatabase({ kind: 'sqlite', path }), /^Error: DATABASE_URL /);
    assert.equal(readFileSync(path, 'utf8'), letter);
    mkdirSync(join(folder, 'folder.db'));
    await assert.rejects(openDatabase({ kind: 'sqlite', path: join(folder, 'folder.db') }), /^Error: DATABASE_URL /);
    await assert.rejects(
      openDatabase({ kind: 'sqlite', path: join(path, 'below-a-file.db') }),
      /^Error: DATABASE_URL /,
    );
  });

  test('a store that was closed does not answer, and says so without failing', async () => {
    const db = await openDatabase({ kind: 'sqlite', path: ':memory:' });
    assert.equal(await isAnswering(db, at), true);
    await db.destroy();
    assert.equal(await isAnswering(db, at), false);
  });
});

suite('open postgres', () => {
  const canary = 'canary/of the database';

  async function refusalOf(change: (url: URL) => void): Promise<string> {
    const url = new URL(await createTestDatabase());
    change(url);
    const error = await openDatabase({ kind: 'postgres', url: url.href }).then(
      () => assert.fail('it was opened'),
      (refused: Error) => refused,
    );
    const words = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`;
    for (const password of [canary, encodeURIComponent(canary), url.password])
      assert.ok(!words.includes(password), 'the password is shown');
    assert.match(error.message, /^DATABASE_URL cannot be used: .+$/);
    return error.message;
  }

  onPostgres('a look at a database', () => {
    test('finds a new one and a used one, and changes neither', async () => {
      const url = await createTestDatabase();
      const database = { kind: 'postgres', url } as const;
      const countTables = async () =>
        (await queryPostgres(url, "select 1 from information_schema.tables where table_schema = 'public'")).length;
      assert.deepEqual([await inspectDatabase(database), await countTables()], ['new', 0]);
      await (await openDatabase(database)).destroy();
      assert.equal(await inspectDatabase(database), 'used');
    });

    test('refuses one that a newer version has used, and one where the role may make no tables', async () => {
      const url = await createTestDatabase();
      await (await openDatabase({ kind: 'postgres', url })).destroy();
      await queryPostgres(url, "insert into kysely_migration values ('0999-later', '2027-01-01')");
      await assert.rejects(inspectDatabase({ kind: 'postgres', url }), /DATABASE_URL cannot be used: a newer version/);
      const role = `reader_${randomBytes(6).toString('hex')}`;
      await queryPostgres(url, `create role ${role} login password 'reader'`);
      const asReader = new URL(url);
      [asReader.username, asReader.password] = [role, 'reader'];
      await assert.rejects(inspectDatabase({ kind: 'postgres', url: asReader.href }), /its role may create no tables/);
      await queryPostgres(url, `drop role ${role}`);
    });
  });

  onPostgres('an address without a password', () => {
    async function openWith(getPassword: (password: string) => Promise<string>) {
      const url = new URL(await createTestDatabase());
      const password = decodeURIComponent(url.password);
      url.password = '';
      return openDatabase({ kind: 'postgres', url: url.href }, { getPassword: () => getPassword(password) });
    }

    test('is signed in to with a token, a new one for each connection', async () => {
      let asked = 0;
      const db = await openWith(async (password) => {
        asked += 1;
        return password;
      });
      assert.equal(await isAnswering(db, at), true);
      await db.destroy();
      // One for the migrations, which end their own connection.
      assert.equal(asked, 2);
    });

    test('is refused with the reason when there is no token, or a wrong one, which is not shown', async () => {
      const away = new Error('no proof of the app’s identity: unavailable');
      await assert.rejects(
        openWith(() => Promise.reject(away)),
        { message: `DATABASE_URL cannot be used: ${away.message}` },
      );
      await assert.rejects(
        openWith(async () => canary),
        (error: Error) => /password authentication failed/.test(error.message) && !error.message.includes(canary),
      );
    });
  });

  onPostgres('a refusal names DATABASE_URL and why, without the password,', () => {
    test('a wrong password', async () =>
      assert.match(
        await refusalOf((url) => {
          url.password = encodeURIComponent(canary);
        }),
        /password authentication failed/,
      ));

    test('a database that does not exist', async () =>
      assert.match(
        await refusalOf((url) => {
          url.pathname = '/nowhere';
        }),
        /"nowhere" does not exist/,
      ));

    test('a port where nobody listens', async () =>
      assert.match(
        await refusalOf((url) => {
          url.port = '1';
        }),
        /ECONNREFUSED/,
      ));

    test('a name that nobody has', async () =>
      assert.match(
        await refusalOf((url) => {
          url.host = 'nowhere.invalid';
        }),
        /nowhere\.invalid/,
      ));

    test('TLS asked for where the server has none', async () =>
      assert.match(
        await refusalOf((url) => {
          url.search = '?sslmode=verify-full';
        }),
        /does not support SSL/,
      ));

    test('a certificate file that is not there', async () =>
      assert.match(
        await refusalOf((url) => {
          url.search = '?sslmode=verify-full&sslrootcert=/nowhere/ca.pem';
        }),
        /nowhere\/ca\.pem/,
      ));

    test('a server that takes the connection and says nothing, within a few seconds', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      after(() => silent.close());
      await new Promise((resolve) => silent.once('listening', resolve));
      const { port } = silent.address() as { port: number };
      const startedAt = performance.now();
      assert.match(
        await refusalOf((url) => {
          url.port = String(port);
        }),
        /time/,
      );
      assert.ok(performance.now() - startedAt < 9_000);
    });
  });

  onPostgres('the connections of the bot', () => {
    test('say whose they are, unless the address says otherwise', async () => {
      const url = await createTestDatabase();
      const name =
        'select distinct application_name from pg_stat_activity where datname = current_database() and pid <>';
      await openStore({ kind: 'postgres', url }).then((db) => db.selectFrom('sync_runs').select('id').execute());
      assert.deepEqual(await queryPostgres(url, `${name} pg_backend_pid()`), [{ application_name: 'vpp-sync' }]);
      const other = await createTestDatabase();
      const db = await openStore({ kind: 'postgres', url: `${other}?application_name=bot-2` });
      await db.selectFrom('sync_runs').select('id').execute();
      assert.deepEqual(await queryPostgres(other, `${name} pg_backend_pid()`), [{ application_name: 'bot-2' }]);
    });
  });
});
