import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { after, suite, test } from 'node:test';
import { Client } from 'pg';
import { openDatabase } from '../../src/store/database.ts';
import { isAnswering } from '../../src/store/health.ts';
import type { Db } from '../../src/store/schema.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { onPostgres } from '../support/open-store.ts';
import { at } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

async function startOwnPostgres() {
  const postgres = await startPostgres();
  if ('missing' in postgres) throw new Error(postgres.missing);
  after(() => postgres.close());
  return postgres;
}

async function answersAgain(db: Db): Promise<void> {
  const until = performance.now() + 5_000;
  while (!(await isAnswering(db, at))) assert.ok(performance.now() < until, 'it does not answer again');
}

/** Passes connections on to PostgreSQL, until it is cut and swallows everything, as a broken network does. */
async function startNetwork(url: string) {
  let broken = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (part) => {
        if (!broken) to.write(part);
      });
      from.on('close', () => to.destroy()).on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const through = new URL(url);
  through.port = String((server.address() as { port: number }).port);
  return {
    url: through.href,
    breakOff() {
      broken = true;
    },
    repair() {
      broken = false;
    },
  };
}

onPostgres('the store', () => {
  test('fails at once while PostgreSQL is gone, goes on by itself when it is back, and has kept everything', async () => {
    const postgres = await startOwnPostgres();
    const warned: string[] = [];
    const database = { kind: 'postgres', url: postgres.url } as const;
    const db = await openDatabase(database, { log: { warn: (_, message) => warned.push(message) } });
    const processed = createProcessedActivities(db);
    await Promise.all(Array.from({ length: 20 }, (_, index) => processed.claim(`${index}`, at)));

    await postgres.stop();
    const isLost = () => warned.includes('a connection to the database was lost');
    for (const until = performance.now() + 5_000; !isLost(); await new Promise((resolve) => setTimeout(resolve, 10)))
      assert.ok(performance.now() < until, 'no idle connection was seen to be lost');
    const startedAt = performance.now();
    const claims = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => processed.claim(`${index}`, at)));
    assert.ok(claims.every(({ status }) => status === 'rejected'));
    assert.equal(await isAnswering(db, at), false);
    assert.ok(performance.now() - startedAt < 4_000, `${performance.now() - startedAt} ms`);

    await postgres.start();
    await answersAgain(db);
    assert.equal(await processed.claim('0', at), false);
    assert.equal(await processed.claim('new', at), true);
    await db.destroy();
  });

  test('loses a transaction whole when PostgreSQL goes in the middle of it', async () => {
    const postgres = await startOwnPostgres();
    const db = await openStore({ kind: 'postgres', url: postgres.url });
    const half = db.transaction().execute(async (within) => {
      await within.insertInto('processed_activities').values({ key: 'half', at }).execute();
      await postgres.stop();
      await within.insertInto('processed_activities').values({ key: 'other half', at }).execute();
    });
    await assert.rejects(half);
    await postgres.start();
    await answersAgain(db);
    assert.deepEqual(await db.selectFrom('processed_activities').selectAll().execute(), []);
  });
});

onPostgres('a query that has no answer', () => {
  suite('fails within a few seconds', { concurrency: true }, () => {
    test('when somebody holds the table, and the connection serves on', async () => {
      const url = await createTestDatabase();
      const db = await openStore({ kind: 'postgres', url });
      const other = new Client({ connectionString: url });
      await other.connect();
      await other.query('begin');
      await other.query('lock table processed_activities');
      const startedAt = performance.now();
      await assert.rejects(createProcessedActivities(db).claim('a', at), /timeout/);
      assert.ok(performance.now() - startedAt < 7_000);
      assert.equal(await isAnswering(db, at), false);
      await other.query('rollback');
      await other.end();
      assert.equal(await createProcessedActivities(db).claim('a', at), true);
    });

    test('when the network swallows it, also in a transaction; its connection is not used again', async () => {
      const network = await startNetwork(await createTestDatabase());
      const db = await openStore({ kind: 'postgres', url: network.url });
      const processed = createProcessedActivities(db);
      await Promise.all([processed.claim('a', at), processed.claim('b', at)]);
      network.breakOff();
      const startedAt = performance.now();
      const lost = await Promise.allSettled([
        processed.claim('c', at),
        db.transaction().execute((within) => within.deleteFrom('processed_activities').execute()),
        processed.claim('d', at),
      ]);
      assert.ok(lost.every(({ status }) => status === 'rejected'));
      assert.ok(performance.now() - startedAt < 9_000, `${performance.now() - startedAt} ms`);
      network.repair();
      assert.equal(await processed.claim('a', at), false);
      assert.equal(await processed.claim('e', at), true);
    });
  });
});
