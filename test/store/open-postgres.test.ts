import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { openDatabase } from '../../src/store/database.ts';
import { createTestDatabase, tell } from '../postgres/test-database.ts';
import { onPostgres, openStore } from './open-store.ts';

const canary = 'canary/of the database';

async function refusalOf(change: (url: URL) => void): Promise<string> {
  const url = new URL(await createTestDatabase());
  change(url);
  const error = await openDatabase({ kind: 'postgres', url: url.href }).then(
    () => assert.fail('it was opened'),
    (refused: Error) => refused,
  );
  const told = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`;
  for (const password of [canary, encodeURIComponent(canary), url.password])
    assert.ok(!told.includes(password), 'the password is shown');
  assert.match(error.message, /^DATABASE_URL cannot be used: .+$/);
  return error.message;
}

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
    const name = 'select distinct application_name from pg_stat_activity where datname = current_database() and pid <>';
    await openStore({ kind: 'postgres', url }).then((db) => db.selectFrom('sync_runs').select('id').execute());
    assert.deepEqual(await tell(url, `${name} pg_backend_pid()`), [{ application_name: 'vpp-sync' }]);
    const other = await createTestDatabase();
    const db = await openStore({ kind: 'postgres', url: `${other}?application_name=bot-2` });
    await db.selectFrom('sync_runs').select('id').execute();
    assert.deepEqual(await tell(other, `${name} pg_backend_pid()`), [{ application_name: 'bot-2' }]);
  });
});
