import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import { followLinks, genesisHash, hashOfEntry } from '../../src/store/audit-chain.ts';
import { keptMs } from '../../src/store/retention.ts';
import type { Db } from '../../src/store/schema.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { entry, fill, logOver } from '../support/audit-chain.ts';
import { onEveryEngine, onEveryStore } from '../support/open-store.ts';
import { ada, at, dayMs, minuteMs, thread } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import type { AuditWork } from './audit-thread.ts';
import { runningRun } from './running-run.ts';

const run = (id: string, changes: Partial<SyncRun> = {}) => runningRun(id, { tokenId: 'token-1', ...changes });

test('an entry’s hash is what docs/audit.md says, so that anybody can compute it', () => {
  const whole = { ...entry({ reason: null }), seq: 7 };
  const previous = 'ab'.repeat(32);
  const text =
    `["vpp-sync audit entry 1","${previous}",7,${at},"${ada.tenantId}","${ada.aadObjectId}",${JSON.stringify(ada.name)},` +
    `"${thread.tenantId}","${thread.id}","channel","sync","message","asked","started",null,"token-1","Contoso 陈","run-1",` +
    '"request-1","client-request-1","ref0000001"]';
  assert.equal(hashOfEntry(previous, whole), createHash('sha256').update(text).digest('hex'));
});

onEveryStore('the audit', (open) => {
  test('gives back every entry as it was given, numbered from 1, each hash following from the one before', async () => {
    const log = logOver(await open());
    const given = [entry(), entry({ run_id: null, request_id: null, reason: null, outcome: 'notYours' })];
    for (const each of given) await log.append(each);
    const entries = await log.list(0, 10);
    assert.deepEqual(
      entries.map(({ seq, hash: _, ...rest }) => [seq, rest]),
      given.map((each, index) => [index + 1, each]),
    );
    const { last, broken } = followLinks({ seq: 0, hash: genesisHash }, entries);
    assert.equal(broken, undefined);
    const head = await log.findHead();
    assert.deepEqual([head?.seq, head?.hash, head?.sealed], [2, last.hash, 'own']);
    assert.match(last.hash, /^[\da-f]{64}$/);
  });

  test('stores no text that an engine would give back otherwise than it got it', async () => {
    const log = logOver(await open());
    const odd = {
      person_name: 'a\0b\r\n\ud800c',
      token_name: '',
      reason: 'x'.repeat(5_000),
      conversation_id: '😀'.repeat(300),
    };
    await log.append(entry(odd));
    const [stored] = await log.list(0, 1);
    assert.deepEqual([stored?.person_name, stored?.token_name], ['a b \ufffdc', null]);
    assert.deepEqual([stored?.reason?.length, stored?.conversation_id], [200, '😀'.repeat(100)]);
    assert.equal(followLinks({ seq: 0, hash: genesisHash }, stored ? [stored] : []).broken, undefined);
  });

  test('is one chain however many write at once', async () => {
    const log = logOver(await open());
    await Promise.all(Array.from({ length: 40 }, (_, index) => log.append(entry({ run_id: `run-${index}` }))));
    const entries = await log.list(0, 100);
    assert.equal(entries.length, 40);
    assert.equal(followLinks({ seq: 0, hash: genesisHash }, entries).broken, undefined);
    assert.equal((await log.findHead())?.seq, 40);
  });

  test('holds one connection at a time, however many wait for their turn', async () => {
    const db = await open();
    const going = { now: 0, most: 0 };
    const counting = new Proxy(db, {
      get(target, name) {
        if (name !== 'transaction') return Reflect.get(target, name, target);
        return () => ({
          async execute(work: Parameters<ReturnType<Db['transaction']>['execute']>[0]) {
            going.now += 1;
            going.most = Math.max(going.most, going.now);
            return target
              .transaction()
              .execute(work)
              .finally(() => {
                going.now -= 1;
              });
          },
        });
      },
    });
    const log = logOver(counting);
    await Promise.all(Array.from({ length: 10 }, (_, index) => log.append(entry({ run_id: `run-${index}` }))));
    assert.deepEqual([going.most, await logOver(db).findNewestSeq()], [1, 10]);
  });

  test('keeps nothing of an entry that could not be stored whole', async () => {
    const db = await open();
    const log = logOver(db);
    await log.append(entry());
    await assert.rejects(log.append(entry({ action: '' })));
    await assert.rejects(log.append(entry({ stage: 'ended' })).then(() => log.append(entry({ stage: 'ended' }))));
    assert.deepEqual([await log.findNewestSeq(), (await log.findHead())?.seq], [2, 2]);
  });

  test('takes one end of each sync, and lets it say how the sync was asked for', async () => {
    const log = logOver(await open());
    await log.append(entry({ action: 'syncAll', run_id: 'run-1', correlation_id: 'asked' }));
    const end = { ...entry({ stage: 'ended', outcome: 'completed', correlation_id: null }), run_id: 'run-1' };
    const wasFirst = await Promise.all([log.appendEnd(end), log.appendEnd({ ...end, outcome: 'failed' })]);
    assert.deepEqual(wasFirst.toSorted(), [false, true]);
    const ends = (await log.list(0, 10)).filter(({ stage }) => stage === 'ended');
    assert.deepEqual(
      ends.map(({ action, correlation_id }) => [action, correlation_id]),
      [['syncAll', 'asked']],
    );
  });

  test('names the syncs whose end was never recorded: ended without a word, or never begun', async () => {
    const db = await open();
    const log = logOver(db);
    const runs = createSyncRuns(db);
    for (const id of ['recorded', 'missing', 'running', 'young', 'never begun']) {
      if (id !== 'never begun') await runs.add(run(id, { tokenId: id }));
      await log.append(entry({ run_id: id, at: id === 'young' ? at : at - minuteMs }));
    }
    for (const id of ['recorded', 'missing', 'young']) await runs.end(id, { outcome: 'completed', endedAt: at });
    await log.appendEnd({ ...entry({ stage: 'ended', outcome: 'completed' }), run_id: 'recorded' });
    const missing = await log.listMissingEnds(at);
    assert.deepEqual(
      missing.map((each) => [each.entry.run_id, each.outcome]),
      [
        ['missing', 'completed'],
        ['never begun', undefined],
      ],
    );
  });

  test('erases what is older than 400 days and can be followed from there as before', async () => {
    const log = logOver(await open());
    await fill(log, 5);
    const cut = at + 3 * minuteMs;
    const [, , third] = await log.list(0, 3);
    await log.prune(cut + keptMs.auditEntries + 1);
    const entries = await log.list(0, 10);
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      [4, 5],
    );
    const head = await log.findHead();
    assert.deepEqual([head?.anchor_seq, head?.anchor_hash, head?.anchor_at], [3, third?.hash, cut]);
    assert.equal(head?.sealed, 'own');
    assert.deepEqual(await log.findLink(3), { seq: 3, hash: third?.hash });
    assert.equal(followLinks({ seq: 3, hash: head?.anchor_hash ?? '' }, entries).broken, undefined);
    await log.append(entry({ run_id: 'later' }));
    assert.equal((await log.findHead())?.seq, 6);
  });

  test('erases no entry behind a younger one, whatever the clock said', async () => {
    const log = logOver(await open());
    await log.append(entry({ at: at + dayMs, run_id: 'when the clock was ahead' }));
    await log.append(entry({ at, run_id: 'set back' }));
    await log.prune(at + keptMs.auditEntries + minuteMs);
    assert.equal((await log.list(0, 10)).length, 2);
    await log.prune(at + keptMs.auditEntries + dayMs + 1);
    assert.equal((await log.list(0, 10)).length, 0);
    const head = await log.findHead();
    assert.deepEqual([head?.seq, head?.anchor_seq, head?.anchor_hash], [2, 2, head?.hash]);
  });

  test('pruning an audit that has nothing old changes nothing', async () => {
    const log = logOver(await open());
    await log.prune(at);
    await fill(log, 2);
    const before = await log.findHead();
    await log.prune(at + dayMs);
    assert.deepEqual(await log.findHead(), before);
  });

  test('finds which entries a span of time holds', async () => {
    const log = logOver(await open());
    await fill(log, 5);
    assert.deepEqual(await log.findSpan(at + 2 * minuteMs, at + 4 * minuteMs), { first: 2, last: 3 });
    assert.equal(await log.findSpan(at + dayMs, at + 2 * dayMs), undefined);
  });
});

onEveryEngine('an audit that several processes write', (newDatabase) => {
  test('is one chain', async () => {
    const database = await newDatabase();
    const log = logOver(await openStore(database));
    const write = (name: string) =>
      new Promise((resolve, reject) => {
        const workerData: AuditWork = { database, name, count: 30 };
        const thread = new Worker(new URL('audit-thread.ts', import.meta.url), { workerData });
        thread.once('message', resolve).once('error', reject);
      });
    await Promise.all(['a', 'b', 'c'].map(write));
    const entries = await log.list(0, 1_000);
    assert.equal(new Set(entries.map(({ run_id }) => run_id)).size, 90);
    assert.equal(followLinks({ seq: 0, hash: genesisHash }, entries).broken, undefined);
    assert.equal((await log.findHead())?.seq, 90);
  });
});
