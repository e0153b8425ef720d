import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { type Claim, claimDue, release, renewLease } from '../../src/store/leases.ts';
import type { Db } from '../../src/store/schema.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { onEveryEngine, onPostgres } from '../support/open-store.ts';
import { at, dayMs, minuteMs } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

const leaseMs = minuteMs;
const claimOf = (owner: string, now = at): Claim => ({
  table: 'watched_tenants',
  key: 'tenant_id',
  owner,
  now,
  leaseMs,
});
const ids = (count: number) => Array.from({ length: count }, (_, index) => `tenant-${String(index).padStart(3, '0')}`);

/** The first is due first, the last at `dueAt`. */
async function watch(db: Db, tenantIds: readonly string[], dueAt = at): Promise<void> {
  const rows = tenantIds.map((tenant_id, index) => ({
    tenant_id,
    failed_passes: 0,
    due_at: dueAt - (tenantIds.length - 1 - index),
  }));
  await db.insertInto('watched_tenants').values(rows).execute();
}

const claim = (db: Db, owner: string, most: number, now = at) =>
  claimDue(db, claimOf(owner, now), { due: sql`due_at <= ${now}`, order: sql`due_at`, most });

onEveryEngine('a claim', (newDatabase) => {
  async function openTwice() {
    const database = await newDatabase();
    return [await openStore(database), await openStore(database)] as const;
  }

  test('is one process’s alone, however many claim at the same moment, and each takes no more than it asked for', async () => {
    const both = await openTwice();
    const tenantIds = ids(120);
    await watch(both[0], tenantIds);
    const claims: string[][] = [];
    const work = async (db: Db, owner: string) => {
      for (let got = ['']; got.length > 0; claims.push(got)) got = await claim(db, owner, 3);
    };
    await Promise.all(both.flatMap((db, process) => ['a', 'b', 'c'].map((each) => work(db, `${process} ${each}`))));
    assert.deepEqual(claims.flat().toSorted(), tenantIds);
    assert.ok(claims.every((got) => got.length <= 3));
    const holders = await both[0].selectFrom('watched_tenants').select('claimed_by').distinct().execute();
    assert.ok(holders.length > 1, 'one of them got everything');
  });

  test('takes what is due first, and nothing that is not due', async () => {
    const [db] = await openTwice();
    await watch(db, ['first', 'second', 'third']);
    await watch(db, ['later'], at + 1);
    assert.deepEqual(await claim(db, 'one', 1), ['first']);
    assert.deepEqual((await claim(db, 'one', 9)).toSorted(), ['second', 'third']);
    assert.deepEqual(await claim(db, 'one', 9), []);
    assert.deepEqual(await claim(db, 'one', 9, at + 1), ['later']);
  });

  test('is skipped until its lease expires, by its owner too; then somebody else takes it over', async () => {
    const [one, other] = await openTwice();
    await watch(one, ['tenant']);
    assert.deepEqual(await claim(one, 'one', 1), ['tenant']);
    for (const owner of ['one', 'other']) assert.deepEqual(await claim(other, owner, 1, at + leaseMs - 1), []);
    assert.deepEqual(await claim(other, 'other', 1, at + leaseMs), ['tenant']);
    assert.equal(await renewLease(one, claimOf('one', at + leaseMs), 'tenant'), false);
    await release(one, claimOf('one'), 'tenant');
    assert.deepEqual(await claim(one, 'one', 1, at + leaseMs), [], 'it gave back what was not its own');
  });

  test('of a clock that was set back since is nobody’s; one of a clock that is a little ahead holds', async () => {
    const [one, other] = await openTwice();
    await watch(one, ['tenant'], at - dayMs);
    assert.deepEqual(await claim(one, 'dead', 1, at), ['tenant']);
    assert.deepEqual(await claim(other, 'other', 1, at - 30_000), []);
    assert.deepEqual(await claim(other, 'other', 1, at - dayMs), ['tenant']);
  });

  test('is taken over by one alone when its lease has passed', async () => {
    const [one, other] = await openTwice();
    await watch(one, ['tenant']);
    await claim(one, 'dead', 1);
    const claims = await Promise.all(
      ['a', 'b', 'c', 'd'].map((owner, index) => claim(index % 2 ? one : other, owner, 1, at + leaseMs)),
    );
    assert.deepEqual(claims.flat(), ['tenant']);
  });

  test('can be kept for another lease', async () => {
    const [one, other] = await openTwice();
    await watch(one, ['tenant']);
    await claim(one, 'one', 1);
    assert.equal(await renewLease(one, claimOf('one', at + leaseMs - 1), 'tenant'), true);
    assert.deepEqual(await claim(other, 'other', 1, at + leaseMs), []);
    assert.deepEqual(await claim(other, 'other', 1, at + 2 * leaseMs - 1), ['tenant']);
  });

  test('that is given back is free at once', async () => {
    const [one, other] = await openTwice();
    await watch(one, ['tenant']);
    await claim(one, 'one', 1);
    await release(one, claimOf('one'), 'tenant');
    assert.equal(await renewLease(one, claimOf('one'), 'tenant'), false);
    assert.deepEqual(await claim(other, 'other', 1), ['tenant']);
  });
});

onPostgres('a claim', () => {
  test('takes no more than it asked for when PostgreSQL believes that there is one row', async () => {
    const db = await openStore({ kind: 'postgres', url: await createTestDatabase() });
    await watch(db, ['last']);
    await sql`analyze watched_tenants`.execute(db);
    await watch(db, ids(20), at - minuteMs);
    assert.equal((await claim(db, 'one', 2)).length, 2);
  });
});
