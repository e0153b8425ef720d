import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { type AuditVerdict, createVerifyAudit, verifyAudit } from '../../src/audit/verify.ts';
import { genesisHash, sealedText } from '../../src/store/audit-chain.ts';
import type { AuditLog } from '../../src/store/audit-log.ts';
import type { AuditEntryRow } from '../../src/store/audit-rows.ts';
import { keptMs } from '../../src/store/retention.ts';
import type { Db } from '../../src/store/schema.ts';
import { entry, fill, forge, logOver, rewriteFrom, sealsWith } from '../support/audit-chain.ts';
import { onEveryStore } from '../support/open-store.ts';
import { at, minuteMs } from '../support/stored.ts';

/** The verdict of a process whose own key has this name, with these others at hand. */
const verify = (db: Db, keyId = 'key-1', ...others: readonly string[]): Promise<AuditVerdict> =>
  verifyAudit({ entries: logOver(db, keyId, () => at, others), seals: sealsWith(keyId, ...others) });

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
    const forged = sealsWith('not the key').own.sealOf(sealedText({ seq: 5, hash }));
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

  test('is not proven under an invented key, and says so for good, also after the next entry', async () => {
    const { db, log } = await openFilled();
    const hash = await forge(db, log, 1, { person_name: 'Somebody else' });
    const forged = { first: 1, last: { seq: 5, hash }, keyId: 'a'.repeat(32), sealed: 'unknown' } as const;
    assert.deepEqual(await verify(db), { kind: 'unproven', entries: 5, unproven: [forged] });
    const later = at + 9 * minuteMs;
    await logOver(db, 'key-1', () => later).append(entry({ run_id: 'later', at: later }));
    const ended = { ...forged, endedAt: later };
    assert.deepEqual(await verify(db), { kind: 'unproven', entries: 7, unproven: [ended] });
    await logOver(db).append(entry({ run_id: 'later still' }));
    assert.deepEqual(await verify(db), { kind: 'unproven', entries: 8, unproven: [ended] });
    await setEntry(db, 6, { reason: 'key-1 of the bot' });
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 6, fault: 'changed', at: later });
  });

  test('is not proven without the key that sealed it, nor where it was emptied under an invented one', async () => {
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

  test('begins a segment where the key changes, and proves each whose key is at hand', async () => {
    const { db } = await openFilled(2);
    const whole = { kind: 'intact', entries: 4, since: at + minuteMs } as const;
    const former = ((await logOver(db).findLink(2)) ?? assert.fail()).hash;
    const later = at + 9 * minuteMs;
    await logOver(db, 'key-2', () => later, ['key-1']).append(entry({ run_id: 'later', at: later }));
    assert.deepEqual(await verify(db, 'key-2', 'key-1'), whole);
    const segment = { first: 1, last: { seq: 2, hash: former }, keyId: 'key-1', sealed: 'unknown', endedAt: later };
    assert.deepEqual(await verify(db, 'key-2'), { kind: 'unproven', entries: 4, unproven: [segment] });
    await logOver(db, 'key-3', () => later).append(entry({ run_id: 'much later', at: later }));
    assert.deepEqual(await verify(db, 'key-3', 'key-1', 'key-2'), { ...whole, entries: 6 });
    const verdict = await verify(db, 'key-3', 'key-2');
    assert.deepEqual(verdict.kind === 'unproven' && verdict.unproven, [segment], 'the key may be given later, too');
  });

  test('is proven by its own key alone where it is newest: whoever has a former one could have written it', async () => {
    const { db } = await openFilled(2);
    const verdict = await verify(db, 'key-2', 'key-1');
    assert.ok(verdict.kind === 'unproven');
    assert.deepEqual(
      verdict.unproven.map(({ first, last, sealed, endedAt }) => [first, last.seq, sealed, endedAt]),
      [[1, 2, 'other', undefined]],
    );
  });

  test('is proven while processes with the former and the coming key write by turns', async () => {
    const { db } = await openFilled(1);
    const [old, coming] = [logOver(db, 'key-1', () => at, ['key-2']), logOver(db, 'key-2', () => at, ['key-1'])];
    for (const [index, log] of [coming, old, coming].entries())
      await log.append(entry({ run_id: `by turns ${index}` }));
    assert.equal((await verify(db, 'key-2', 'key-1')).kind, 'intact');
  });

  test('is broken where a segment was sealed in the name of a former key, even if that was not at hand then', async () => {
    const { db, log } = await openFilled();
    const hash = await rewriteFrom(db, log, 2, { outcome: 'joined' });
    await db
      .updateTable('audit_head')
      .set({ hash, seal: 'b'.repeat(64) })
      .execute();
    await logOver(db, 'key-2').append(entry({ run_id: 'later' }));
    assert.equal((await verify(db, 'key-2')).kind, 'unproven');
    assert.deepEqual(await verify(db, 'key-2', 'key-1'), { kind: 'broken', seq: 5, fault: 'head' });
  });

  test('is broken by a seal that names a former key and does not fit', async () => {
    const { db, log } = await openFilled();
    const hash = await rewriteFrom(db, log, 2, { outcome: 'joined' });
    await db.updateTable('audit_head').set({ hash }).execute();
    assert.deepEqual(await verify(db, 'key-2', 'key-1'), { kind: 'broken', seq: 5, fault: 'head' });
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

  test('is read to its end however long it is, and lets others run meanwhile', async () => {
    const { log, db } = await openFilled(0);
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => log.append(entry({ run_id: `${index}` }))));
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 0);
    const verdict = await verify(db);
    clearInterval(counting);
    assert.deepEqual([verdict, turns > 0], [{ kind: 'intact', entries: 1100, since: at }, true]);
    await setEntry(db, 1_050, { outcome: 'joined' });
    assert.deepEqual(await verify(db), { kind: 'broken', seq: 1_050, fault: 'changed', at });
  });

  test('is read once for all who ask at the same time, and again after a rest', async () => {
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
    const shared = createVerifyAudit({ entries: counting, seals: sealsWith('key-1'), restMs: 100, ticks: () => now });
    await Promise.all([shared(), shared()]);
    await shared();
    assert.equal(reads, 1);
    now += 100;
    await shared();
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
    assert.deepEqual(await verifyAudit({ entries: erasing, seals: sealsWith('key-1') }), {
      kind: 'intact',
      entries: 2,
      since: at + 4 * minuteMs,
    });
    assert.equal((await verify(db)).kind, 'intact');
  });
});
