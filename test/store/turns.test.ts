import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Db } from '../../src/store/schema.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createProcessedActivities, createStoredTurns, type StoredTurns } from '../../src/store/turns.ts';
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

suite('open turns', () => {
  const leaseMs = 8_000;
  const reply = { conversation: thread, locale: 'en', messageId: 'message-1', personId: ada.aadObjectId, at } as const;
  const turnOf = (key: string, notifyFrom?: number) => ({
    key,
    reply,
    ...(notifyFrom !== undefined && { notifyFrom }),
  });

  /** Turns of several processes on one store, whose clock is one. */
  function createRig(db: Db) {
    const clock = createClock(at);
    const of = (owner: string) => createStoredTurns(db, { owner, leaseMs, now: clock.now });
    const claimKeys = async (turns: StoredTurns, most = 9) => (await turns.claimAbandoned(most)).map(({ key }) => key);
    const countOpen = async () => (await db.selectFrom('open_turns').select('key').execute()).length;
    return { clock, one: of('one'), two: of('two'), claimKeys, countOpen };
  }

  onEveryStore('open turns', (open) => {
    test('are claimed once, together with their activity, and gone when they have ended', async () => {
      const db = await open();
      const { one, two, countOpen } = createRig(db);
      const claims = await Promise.all([one, two, one].map((turns) => turns.claim(turnOf('a', at))));
      assert.deepEqual(claims.toSorted(), ['new', 'repeat', 'repeat']);
      assert.equal(await countOpen(), 1);
      await one.end(['a']);
      assert.equal(await countOpen(), 0);
      assert.equal(await two.claim(turnOf('a', at)), 'repeat', 'it has been done');
      assert.equal(await createProcessedActivities(db).claim('a', at), false);
    });

    test('are nobody else’s while their process renews its lease, and anybody’s when that has expired', async () => {
      const { clock, one, two, claimKeys } = createRig(await open());
      await one.claim(turnOf('a', at));
      clock.at += leaseMs - 1;
      assert.deepEqual([await two.claim(turnOf('a')), await claimKeys(two)], ['repeat', []]);
      await one.renewLeases(['a']);
      await two.renewLeases(['a']);
      clock.at += leaseMs - 1;
      assert.deepEqual(await claimKeys(two), []);
      clock.at += 1;
      assert.deepEqual(await two.claimAbandoned(9), [{ key: 'a', reply }]);
      assert.deepEqual(await claimKeys(one), [], 'now it is the other’s');
      await one.renewLeases(['a']);
      clock.at += leaseMs;
      assert.deepEqual(await claimKeys(one), ['a'], 'who dies while notifying leaves it to the next');
    });

    test('are abandoned for whoever gets their activity again after that, once', async () => {
      const { clock, one, two } = createRig(await open());
      await one.claim(turnOf('a', at + 25_000));
      clock.at += leaseMs;
      const again = await Promise.all([one, two, two].map((turns) => turns.claim(turnOf('a', at + 25_000))));
      assert.deepEqual(again.toSorted(), ['abandoned', 'repeat', 'repeat']);
      clock.at += leaseMs;
      assert.equal(await one.claim(turnOf('a')), 'abandoned', 'the second process died as well');
    });

    test('are left to Teams, which repeats a message, until they were answered or that time has passed', async () => {
      const { clock, one, two, claimKeys } = createRig(await open());
      for (const turn of [turnOf('message', at + 25_000), turnOf('press')]) await one.claim(turn);
      clock.at += leaseMs;
      assert.deepEqual(await claimKeys(two), []);
      clock.at = at + 25_000;
      assert.deepEqual(await claimKeys(one, 1), ['message']);
      await one.markAnswered('press');
      assert.deepEqual(await claimKeys(one), ['press']);
    });

    test('that are released may be claimed at once; those of others are not released', async () => {
      const { one, two, claimKeys } = createRig(await open());
      await one.claim(turnOf('a', at + 25_000));
      await two.release(['a']);
      assert.deepEqual(await claimKeys(two), []);
      await one.release(['a']);
      assert.deepEqual(await claimKeys(two), ['a']);
    });

    test('are forgotten with their activity, after a day', async () => {
      const { one, countOpen } = createRig(await open());
      await one.claim(turnOf('a'));
      await one.prune(at + dayMs);
      assert.equal(await countOpen(), 1);
      await one.prune(at + dayMs + 1);
      assert.equal(await countOpen(), 0);
    });

    test('that had begun a sync are ended instead of abandoned: of their person, there, since', async () => {
      const elsewhere = { ...thread, id: 'elsewhere' };
      for (const [changes, isAbandoned] of [
        [{}, false],
        [{ startedAt: at - 1 }, true],
        [{ requester: elif }, true],
        [{ conversation: elsewhere }, true],
      ] as const) {
        const db = await open();
        const { clock, one, two, claimKeys, countOpen } = createRig(db);
        const base = { tenantId: 'a guest’s own tenant', conversation: thread, requester: ada, startedAt: at };
        await createSyncRuns(db).add(runOf({ ...base, ...changes }));
        for (const key of ['repeated', 'waiting']) await one.claim(turnOf(key, at));
        clock.at += leaseMs;
        assert.equal(await two.claim(turnOf('repeated')), isAbandoned ? 'abandoned' : 'repeat');
        assert.deepEqual(await claimKeys(two), isAbandoned ? ['waiting'] : []);
        assert.equal(await countOpen(), isAbandoned ? 2 : 0);
      }
    });

    test('whose row cannot be read are ended: nobody knows who waits', async () => {
      const db = await open();
      const { clock, one, two, claimKeys, countOpen } = createRig(db);
      for (const damage of ['{"half":', '{}', 'null']) {
        for (const key of ['good', `repeated ${damage}`, `waiting ${damage}`]) await one.claim(turnOf(key, at));
        await db.updateTable('open_turns').set({ reply_json: damage }).where('key', '!=', 'good').execute();
        clock.at += leaseMs;
        assert.equal(await two.claim(turnOf(`repeated ${damage}`)), 'repeat');
        assert.deepEqual(await claimKeys(two), ['good']);
        assert.equal(await countOpen(), 1);
      }
    });
  });

  onEveryEngine('open turns', (newDatabase) => {
    test('that were abandoned are taken over by one process each', async () => {
      const database = await newDatabase();
      const clock = createClock(at);
      const both = [await openStore(database), await openStore(database)].map((db, index) =>
        createStoredTurns(db, { owner: String(index), leaseMs, now: clock.now }),
      );
      const keys = Array.from({ length: 40 }, (_, index) => `key ${String(index).padStart(2, '0')}`);
      for (const key of keys) await both[0]?.claim(turnOf(key, at));
      clock.at += leaseMs;
      const taken = await Promise.all(both.flatMap((turns) => [turns.claimAbandoned(15), turns.claimAbandoned(15)]));
      assert.deepEqual(
        taken
          .flat()
          .map(({ key }) => key)
          .toSorted(),
        keys,
      );
    });
  });
});
