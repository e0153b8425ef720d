import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { type AuditVerdict, createChainVerifier } from '../../src/audit/verify.ts';
import { type AuditLog, genesisHash, sealedText } from '../../src/store/audit-log.ts';
import { type AuditEntryRow, type Db, keptMs } from '../../src/store/schema.ts';
import { entry, fill, forge, logOver, rewriteFrom, sealWith } from '../support/audit-chain.ts';
import { onEveryStore } from '../support/open-store.ts';
import { at, minuteMs } from '../support/stored.ts';

const verifierOf = (entries: AuditLog, options: { withinMs?: number; restMs?: number; ticks?: () => number } = {}) =>
  createChainVerifier({ entries, ticks: () => 0, withinMs: 1000, restMs: 0, ...options });
const verify = (db: Db, keyId?: string): Promise<AuditVerdict> => verifierOf(logOver(db, keyId)).verify();

/** Another value of the same kind, one step away. */
function flip(value: string | number | null): string | number {
  if (typeof value === 'number') return value + 1_000;
  if (value === null) return 'x';
  const first = value.charCodeAt(0);
  return `${String.fromCharCode(first ^ 1)}${value.slice(1)}`;
}

const setEntry = (db: Db, seq: number, changes: Partial<AuditEntryRow>) =>
  db.updateTable('audit_entries').set(changes).where('seq', '=', seq).execute();

onEveryStore('the audit’s chain', (open) => {
  async function openFilled(count = 5) {
    const db = await open();
    const log = logOver(db);
    await fill(log, count);
    return { db, log };
  }

  test('is intact while nobody has changed it, empty too, and says since when', async () => {
    assert.deepEqual(await verify(await open()), { kind: 'intact', entries: 0 });
    const { db } = await openFilled();
    assert.deepEqual(await verify(db), { kind: 'intact', entries: 5, since: at + minuteMs });
  });

  for (const seq of [1, 3, 5]) {
    test(`is broken at entry ${seq} of 5 by a change of any of its columns, and whole again when it is taken back`, async () => {
      const { db, log } = await openFilled();
      const row = (await log.list(seq - 1, 1))[0] ?? assert.fail();
      const columns = Object.keys(row) as (keyof AuditEntryRow)[];
      assert.equal(columns.length, 20);
      for (const column of columns) {
        const changed = flip(row[column]);
        await setEntry(db, seq, { [column]: changed });
        const verdict = await verify(db);
        assert.ok(verdict.kind === 'broken', column);
        // A number that is moved away leaves a gap, and the newest one may be moved past the head.
        const found = column === 'seq' ? [seq === 5 ? 6 : seq, 6] : [seq];
        assert.ok(found.includes(verdict.seq), `${column}: ${verdict.seq} ${verdict.fault}`);
        await setEntry(db, column === 'seq' ? Number(changed) : seq, { [column]: row[column] });
        assert.equal((await verify(db)).kind, 'intact', column);
      }
    });
  }

  test('is broken by nothing put in the place of something, and something in the place of nothing', async () => {
    const { db, log } = await openFilled(1);
    await log.append(entry({ person_name: null, run_id: 'bare' }));
    await setEntry(db, 2, { person_name: 'Ada' });
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 2, fault: 'changed', at });
    await setEntry(db, 2, { person_name: null });
    await setEntry(db, 1, { person_name: null });
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 1, fault: 'changed', at: at + minuteMs });
  });

  for (const seq of [1, 3, 5]) {
    test(`is broken where entry ${seq} of 5 was removed`, async () => {
      const { db } = await openFilled();
      await db.deleteFrom('audit_entries').where('seq', '=', seq).execute();
      assert.deepEqual(await verify(db), { kind: 'broken', seq, fault: 'missing' });
    });
  }

  test('is broken where its tail was cut off, and where all of it was', async () => {
    const { db } = await openFilled();
    await db.deleteFrom('audit_entries').where('seq', '>', 2).execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 3, fault: 'missing' });
    await db.deleteFrom('audit_entries').execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 1, fault: 'missing' });
  });

  test('is broken where its tail was cut off and the head moved back to fit', async () => {
    const { db, log } = await openFilled();
    const [, second] = await log.list(0, 2);
    await db.deleteFrom('audit_entries').where('seq', '>', 2).execute();
    await db
      .updateTable('audit_head')
      .set({ seq: 2, hash: second?.hash ?? '' })
      .execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 2, fault: 'head' });
  });

  test('is broken where two entries were swapped, by their numbers or by all but their numbers', async () => {
    const { db, log } = await openFilled();
    const [, second, , fourth] = await log.list(0, 5);
    assert.ok(second && fourth);
    for (const [seq, to] of [
      [2, 99],
      [4, 2],
      [99, 4],
    ] as const)
      await setEntry(db, seq, { seq: to });
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 2, fault: 'changed', at: fourth.at });
    for (const [seq, to] of [
      [2, 99],
      [4, 2],
      [99, 4],
    ] as const)
      await setEntry(db, seq, { seq: to });
    assert.equal((await verify(db)).kind, 'intact');
    await setEntry(db, 2, { ...fourth, seq: 2, run_id: 'aside' });
    await setEntry(db, 4, { ...second, seq: 4 });
    await setEntry(db, 2, { run_id: fourth.run_id });
    assert.equal((await verify(db)).kind, 'broken');
  });

  test('is broken by an entry that was put at its end', async () => {
    const { db } = await openFilled();
    await db
      .insertInto('audit_entries')
      .values({ ...entry({ run_id: 'forged' }), seq: 6, hash: genesisHash })
      .execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 6, fault: 'uncounted' });
  });

  test('is broken by a rewrite that made every hash fit, because the head’s seal needs a key', async () => {
    const { db, log } = await openFilled();
    const hash = await rewriteFrom(db, log, 3, { person_name: 'Somebody else' });
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 5, fault: 'head' });
    await db.updateTable('audit_head').set({ hash }).execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 5, fault: 'head' });
    const head = await db.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
    const forged = sealWith('not the key').sealOf(sealedText({ ...head, seq: 5, anchor_seq: 0, hash }));
    await db.updateTable('audit_head').set({ seal: forged }).execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 5, fault: 'head' });
  });

  test('stays broken after the next entry sealed a head that somebody else had written', async () => {
    const { db, log } = await openFilled();
    await db
      .updateTable('audit_head')
      .set({ hash: await rewriteFrom(db, log, 3, { outcome: 'joined' }) })
      .execute();
    await log.append(entry({ run_id: 'later' }));
    assert.deepEqual(
      (await log.list(5, 10)).map(({ action, outcome }) => [action, outcome]),
      [
        ['audit', 'headChanged'],
        ['sync', 'started'],
      ],
    );
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 6, fault: 'head', at });
  });

  test('is broken by a change of any column of the head', async () => {
    const { db } = await openFilled();
    const row = await db.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
    for (const [column, value] of Object.entries(row)) {
      if (column === 'key_id') continue;
      const whole =
        typeof value === 'string' && /^\d+$/.test(value) && !column.includes('hash') ? Number(value) : value;
      const flipped = column === 'anchor_at' ? 7 : flip(whole);
      await db
        .updateTable('audit_head')
        .set({ [column]: flipped })
        .execute();
      assert.equal((await verify(db)).kind, 'broken', column);
      await db
        .updateTable('audit_head')
        .set({ [column]: value })
        .execute();
    }
    await db.updateTable('audit_head').set({ key_id: null, seal: null }).execute();
    assert.equal((await verify(db)).kind, 'broken', 'unsealed');
    await db.deleteFrom('audit_head').execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 0, fault: 'head' });
    await assert.rejects(logOver(db).append(entry()), /lost its head/);
  });

  test('cannot be told from a rewrite under an invented key, and says so for good, also after the next entry', async () => {
    const { db, log } = await openFilled();
    const hash = await forge(db, log, 1, { person_name: 'Somebody else' });
    assert.deepEqual(await verify(db), { kind: 'unproven', entries: 5, unproven: { seq: 5, hash } });
    const later = at + 9 * minuteMs;
    await logOver(db, 'key-1', () => later).append(entry({ run_id: 'later', at: later }));
    assert.deepEqual(await verify(db), { kind: 'unproven', entries: 7, unproven: { seq: 5, hash, at: later } });
    await logOver(db).append(entry({ run_id: 'later still' }));
    assert.deepEqual(await verify(db), { kind: 'unproven', entries: 8, unproven: { seq: 5, hash, at: later } });
    await setEntry(db, 6, { outcome: 'keyRenewed' });
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 6, fault: 'changed', at: later });
  });

  test('cannot be told either when it is looked at without the key that sealed it, or was emptied under an invented one', async () => {
    const { db } = await openFilled(2);
    assert.equal((await verify(db, 'key-2')).kind, 'unproven');
    assert.equal((await verify(db)).kind, 'intact');
    await db.deleteFrom('audit_entries').execute();
    await db.updateTable('audit_head').set({ seq: 0, hash: genesisHash, key_id: 'invented' }).execute();
    assert.equal((await verify(db)).kind, 'unproven');
    await logOver(db).append(entry());
    assert.equal((await verify(db)).kind, 'unproven');
  });

  test('is broken where it was emptied without a seal and does not begin at the beginning', async () => {
    const { db } = await openFilled(2);
    const [hash, unsealed] = ['f'.repeat(64), { key_id: null, seal: null }];
    await db.deleteFrom('audit_entries').execute();
    await db
      .updateTable('audit_head')
      .set({ seq: 0, hash, anchor_hash: hash, ...unsealed })
      .execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 0, fault: 'head' });
  });

  test('stays proven over a change of the key while the former one is at hand, and says when', async () => {
    const { db } = await openFilled(2);
    const later = at + 9 * minuteMs;
    const renewed = logOver(db, 'key-2', () => later, ['key-1']);
    assert.deepEqual(await verifierOf(renewed).verify(), { kind: 'intact', entries: 2, since: at + minuteMs });
    await renewed.append(entry({ run_id: 'later', at: later }));
    const intact = { kind: 'intact', entries: 4, since: at + minuteMs, keyRenewedAt: later } as const;
    assert.deepEqual(await verifierOf(renewed).verify(), intact);
    assert.deepEqual(await verify(db, 'key-2'), intact, 'the former key is not needed any more');
  });

  test('stays proven while processes with the former and the coming key write by turns, each knowing the other', async () => {
    const { db } = await openFilled(1);
    const [old, coming] = [logOver(db, 'key-1', () => at, ['key-2']), logOver(db, 'key-2', () => at, ['key-1'])];
    for (const [index, log] of [coming, old, coming].entries())
      await log.append(entry({ run_id: `by turns ${index}` }));
    assert.equal((await verify(db, 'key-2')).kind, 'intact');
  });

  test('is broken by a seal that names a former key and does not fit', async () => {
    const { db, log } = await openFilled();
    const hash = await rewriteFrom(db, log, 2, { outcome: 'joined' });
    await db.updateTable('audit_head').set({ hash }).execute();
    const renewed = logOver(db, 'key-2', () => at, ['key-1']);
    assert.deepEqual(await verifierOf(renewed).verify(), { kind: 'broken', seq: 5, fault: 'head' });
  });

  test('is not called as it was written in a part either when its seal is of another key', async () => {
    const { log, db } = await openFilled(0);
    await Promise.all(Array.from({ length: 1_001 }, (_, index) => log.append(entry({ run_id: `${index}` }))));
    let now = 0;
    const ticks = () => {
      now += 1;
      return now;
    };
    const verdict = await verifierOf(logOver(db, 'key-2'), { withinMs: 1, ticks }).verify();
    assert.ok(verdict.kind === 'partly' && verdict.unproven?.seq === 1_001);
  });

  test('stays whole over pruning, and shows what is changed after it', async () => {
    const { db, log } = await openFilled();
    await log.prune(at + 3 * minuteMs + keptMs.auditEntries);
    assert.deepEqual(await verify(db), { kind: 'intact', entries: 3, since: at + 3 * minuteMs });
    await db.deleteFrom('audit_entries').where('seq', '=', 3).execute();
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 3, fault: 'missing' });
    await sql`update audit_head set anchor_seq = 3`.execute(db);
    assert.equal((await verify(db)).kind, 'broken');
  });

  test('is looked at in parts when it is long, each going on where the last one stopped', async () => {
    const { log, db } = await openFilled(0);
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => log.append(entry({ run_id: `${index}` }))));
    let now = 0;
    const ticks = () => {
      now += 1;
      return now;
    };
    const verifier = verifierOf(log, { withinMs: 1, ticks });
    assert.deepEqual(await verifier.verify(), { kind: 'partly', checked: 1000, entries: 1100 });
    assert.deepEqual(await verifier.verify(), { kind: 'intact', entries: 1100, since: at });
    now += 100;
    await setEntry(db, 1_050, { outcome: 'joined' });
    assert.deepEqual(await verifier.verify(), { kind: 'partly', checked: 1000, entries: 1100 });
    assert.deepEqual(await verifier.verify(), { kind: 'broken', seq: 1_050, fault: 'changed', at });
  });

  test('is read once for all who look at the same time, and again after a rest', async () => {
    const { log } = await openFilled();
    let reads = 0;
    let now = 0;
    const counting: AuditLog = {
      ...log,
      findHead() {
        reads += 1;
        return log.findHead();
      },
    };
    const verifier = verifierOf(counting, { restMs: 100, ticks: () => now });
    await Promise.all([verifier.verify(), verifier.verify()]);
    await verifier.verify();
    assert.equal(reads, 1);
    now += 100;
    await verifier.verify();
    assert.equal(reads, 2);
  });

  test('what is erased while it is read is not missed', async () => {
    const { db, log } = await openFilled();
    let pruned = false;
    const erasing: AuditLog = {
      ...log,
      async list(after, most) {
        if (!pruned) await log.prune(at + 4 * minuteMs + keptMs.auditEntries);
        pruned = true;
        return log.list(after, most);
      },
    };
    assert.deepEqual(await verifierOf(erasing).verify(), { kind: 'intact', entries: 2, since: at + 4 * minuteMs });
    assert.equal((await verify(db)).kind, 'intact');
  });
});
