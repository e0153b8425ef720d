import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Db } from '../../src/store/schema.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createProcessedActivities, createStoredTurns, hasBegunSync } from '../../src/store/turns.ts';
import { createClock } from '../sync/clock.ts';
import { runOf } from '../sync/runs.ts';
import { onEveryEngine, onEveryStore, openStore } from './open-store.ts';
import { ada, at, dayMs, elif, thread } from './stored.ts';

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
    const runs = createSyncRuns<object>(db);
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
