import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Db } from '../../src/store/schema.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createProcessedActivities, createStoredTurns, hasBegunSync } from '../../src/store/turns.ts';
import { createClock } from '../support/clock.ts';
import { onEveryEngine, onEveryStore } from '../support/open-store.ts';
import { runOf } from '../support/runs.ts';
import { ada, at, dayMs, elif, thread } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import type { ClaimingWork } from './claiming-thread.ts';

suite('processed activities', () => {
  onEveryStore('processed activities', (open) => {
    test('are claimed once, however many ask at once', async () => {
      const processed = createProcessedActivities(await open());
      const claims = await Promise.all(Array.from({ length: 20 }, () => processed.claim('a', at)));
      assert.equal(claims.filter((won) => won).length, 1);
      assert.equal(await processed.claim('b', at), true);
    });

    test('may be claimed again after 24 hours and not before', async () => {
      const processed = createProcessedActivities(await open());
      await processed.claim('a', at);
      assert.equal(await processed.claim('a', at + dayMs), false);
      assert.equal(await processed.claim('a', at + dayMs + 1), true);
      assert.equal(await processed.claim('a', at + dayMs + 2), false);
    });

    test('are forgotten by pruning only once they no longer count', async () => {
      const processed = createProcessedActivities(await open());
      await processed.claim('old', at);
      await processed.claim('new', at + dayMs);
      await processed.prune(at + dayMs);
      assert.equal(await processed.claim('old', at + dayMs), false);
      await processed.prune(at + dayMs + 1);
      assert.equal(await processed.claim('old', at + dayMs + 1), true);
      assert.equal(await processed.claim('new', at + dayMs + 1), false);
    });
  });

  onEveryEngine('processed activities', (newDatabase) => {
    test('are claimed once across processes', async () => {
      const database = await newDatabase();
      const both = [await openStore(database), await openStore(database)].map(createProcessedActivities);
      for (let key = 0; key < 50; key += 1) {
        const claims = await Promise.all(both.map((processed) => processed.claim(`key ${key}`, at)));
        assert.deepEqual(claims.toSorted(), [false, true]);
      }
    });

    test('are claimed once by threads that make one database and write to it at the same moment', async () => {
      const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
      const database = await newDatabase();
      const workerData: ClaimingWork = { database, keys, at, threads: 3, ready: new SharedArrayBuffer(4) };
      const claim = () =>
        new Promise<string[]>((resolve, reject) => {
          const thread = new Worker(new URL('claiming-thread.ts', import.meta.url), { workerData });
          thread.once('message', resolve).once('error', reject);
        });
      const won = await Promise.all(Array.from({ length: workerData.threads }, claim));
      assert.deepEqual(won.flat().toSorted(), keys.toSorted());
    });
  });
});

suite('turns in hand', () => {
  const leaseMs = 8_000;
  const owed = { conversation: thread, locale: 'en', messageId: 'message-1', personId: ada.aadObjectId, at } as const;
  const turnOf = (key: string, toldFrom?: number) => ({ key, owed, ...(toldFrom !== undefined && { toldFrom }) });

  /** Turns of several processes on one store, whose clock is one. */
  function createRig(db: Db) {
    const clock = createClock(at);
    const of = (owner: string) => createStoredTurns(db, { owner, leaseMs, now: clock.now });
    return { clock, one: of('one'), two: of('two') };
  }

  onEveryStore('turns in hand', (open) => {
    test('are begun once, with the claim of their activity, and done when they are removed', async () => {
      const db = await open();
      const { one, two } = createRig(db);
      const begun = await Promise.all([one, two, one].map((turns) => turns.begin(turnOf('a', at))));
      assert.deepEqual(begun.toSorted(), [false, false, true]);
      assert.deepEqual(await two.listOpen(['a', 'b']), ['a']);
      assert.deepEqual(await one.findOwed('a'), owed);
      await one.remove(['a']);
      assert.deepEqual([await two.listOpen(['a']), await one.findOwed('a')], [[], undefined]);
      assert.equal(await two.begin(turnOf('a', at)), false, 'it came before');
      assert.equal(await createProcessedActivities(db).claim('a', at), false);
    });

    test('are nobody else’s while their process says that it lives, and anybody’s when its lease has passed', async () => {
      const { clock, one, two } = createRig(await open());
      await one.begin(turnOf('a', at));
      clock.at += leaseMs - 1;
      assert.deepEqual(await two.claimCutShort([], 9), []);
      await one.keep(['a']);
      await two.keep(['a']);
      clock.at += leaseMs - 1;
      assert.deepEqual(await two.claimCutShort([], 9), []);
      clock.at += 1;
      assert.deepEqual(await two.claimCutShort([], 9), ['a']);
      assert.deepEqual(await one.claimCutShort([], 9), [], 'now it is the other’s');
      await one.keep(['a']);
      clock.at += leaseMs;
      assert.deepEqual(await one.claimCutShort([], 9), ['a'], 'who died while telling leaves it to the next');
    });

    test('are left to Teams, which sends a message again, until they were answered or that time has passed', async () => {
      const { clock, one, two } = createRig(await open());
      for (const turn of [turnOf('message', at + 25_000), turnOf('press'), turnOf('retried', at + 25_000)])
        await one.begin(turn);
      clock.at += leaseMs;
      assert.deepEqual(await two.claimCutShort([], 9), []);
      assert.deepEqual(await two.claimCutShort(['retried', 'nobody’s'], 9), ['retried']);
      await two.remove(['retried']);
      clock.at = at + 25_000;
      assert.deepEqual(await one.claimCutShort([], 1), ['message']);
      await one.markAnswered('press');
      assert.deepEqual(await one.claimCutShort([], 9), ['press']);
    });

    test('that are given back may be told at once; those of others are not', async () => {
      const { one, two } = createRig(await open());
      await one.begin(turnOf('a', at + 25_000));
      await two.release(['a']);
      assert.deepEqual(await two.claimCutShort([], 9), []);
      await one.release(['a']);
      assert.deepEqual(await two.claimCutShort([], 9), ['a']);
    });

    test('are forgotten with their activity, after a day', async () => {
      const { one } = createRig(await open());
      await one.begin(turnOf('a'));
      await one.prune(at + dayMs);
      assert.deepEqual(await one.listOpen(['a']), ['a']);
      await one.prune(at + dayMs + 1);
      assert.deepEqual(await one.listOpen(['a']), []);
    });

    test('have begun a sync when their person did, there, since', async () => {
      const db = await open();
      const runs = createSyncRuns(db);
      const run = runOf({ tenantId: 'a guest’s own tenant', conversation: thread, requester: ada, startedAt: at });
      await runs.add(run);
      assert.equal(await hasBegunSync(db, owed), true);
      assert.equal(await hasBegunSync(db, { ...owed, at: at + 1 }), false);
      assert.equal(await hasBegunSync(db, { ...owed, personId: elif.aadObjectId }), false);
      assert.equal(await hasBegunSync(db, { ...owed, conversation: { ...thread, id: 'elsewhere' } }), false);
    });
  });

  onEveryEngine('turns in hand', (newDatabase) => {
    test('that were cut short are taken by one process each', async () => {
      const database = await newDatabase();
      const clock = createClock(at);
      const both = [await openStore(database), await openStore(database)].map((db, index) =>
        createStoredTurns(db, { owner: String(index), leaseMs, now: clock.now }),
      );
      const keys = Array.from({ length: 40 }, (_, index) => `key ${String(index).padStart(2, '0')}`);
      for (const key of keys) await both[0]?.begin(turnOf(key, at));
      clock.at += leaseMs;
      const taken = await Promise.all(
        both.flatMap((turns) => [turns.claimCutShort([], 15), turns.claimCutShort([], 15)]),
      );
      assert.deepEqual(taken.flat().toSorted(), keys);
    });
  });
});
