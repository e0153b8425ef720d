import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, suite, test } from 'node:test';
import { sql } from 'kysely';
import { isAnswering } from '../../src/store/health.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';
import { at } from '../support/stored.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';

async function openFile() {
  const path = join(temporaryFolder(), 'bot.db');
  const db = await openStore(path);
  return { path, db, processed: createProcessedActivities(db) };
}

suite('a file that another process writes to', { concurrency: true }, () => {
  test('is waited for while this process goes on, not for ever, and by all at once', async () => {
    const { path, db, processed } = await openFile();
    const other = new DatabaseSync(path);
    after(() => other.close());
    other.exec('begin immediate');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 10);
    const startedAt = performance.now();
    const claims = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => processed.claim(`${index}`, at)));
    clearInterval(ticking);
    const waitedMs = performance.now() - startedAt;
    for (const claim of claims) assert.match(String(claim.status === 'rejected' && claim.reason), /locked/);
    assert.ok(waitedMs > 4_000 && waitedMs < 8_000, `${waitedMs} ms`);
    assert.ok(ticks > 50, `the process was held up: ${ticks} ticks`);
    assert.equal(await isAnswering(db, at), false);
    other.exec('commit');
    assert.equal(await isAnswering(db, at), true);
    assert.equal(await processed.claim('0', at), true);
  });

  test('is written to as soon as the other has finished', async () => {
    const { path, processed } = await openFile();
    const other = new DatabaseSync(path);
    after(() => other.close());
    other.exec('begin immediate');
    const claim = processed.claim('a', at);
    setImmediate(() => other.exec('commit'));
    assert.equal(await claim, true);
  });
});

test('a full disk fails what is written and nothing else; with room again everything works', async () => {
  const { db, processed } = await openFile();
  await processed.claim('kept', at);
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
  await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count)}`.execute(db);
  const fill = async () => {
    for (let key = 0; key < 1_000; key += 1) await processed.claim(`${'x'.repeat(500)} ${key}`, at);
  };
  await assert.rejects(fill(), /full/);
  assert.equal(await processed.claim('kept', at), false);
  await sql`pragma max_page_count = 100000`.execute(db);
  await fill();
  assert.equal(await isAnswering(db, at), true);
});

test('a file that became read-only does not count as answering; reading goes on', async () => {
  const { db, processed } = await openFile();
  await processed.claim('kept', at);
  await sql`pragma query_only = on`.execute(db);
  await assert.rejects(processed.claim('a', at), /readonly/);
  assert.equal(await isAnswering(db, at), false);
  assert.equal((await db.selectFrom('processed_activities').selectAll().execute()).length, 1);
  await sql`pragma query_only = off`.execute(db);
  assert.equal(await isAnswering(db, at), true);
});
