import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SyncBatch } from '../../src/domain/sync-batch.ts';
import { createRunClaims, type HeldWork } from '../../src/store/run-claims.ts';
import type { Db } from '../../src/store/schema.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createTakeOver, runLeaseMs } from '../../src/sync/take-over.ts';
import { createClock } from '../support/clock.ts';
import { runOf } from '../support/runs.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { conversationOf, openStore, personOf, tenantId } from '../support/turns.ts';

const batchOf = (...tokenIds: readonly string[]): SyncBatch => ({
  id: 'batch',
  tenantId,
  requester: personOf('ada'),
  conversation: conversationOf('groupChat'),
  locale: 'en',
  correlationId: 'c',
  startedAt: 0,
  items: tokenIds.map((tokenId) => ({ tokenId, name: 'A', joined: false })),
});

type Clock = ReturnType<typeof createClock>;

/** One process over a store that it shares: whatever it takes over it works on, until the test says otherwise. */
async function startProcess(t: TestContext, db: Db, clock: Clock, owner: string) {
  const lease = { owner, leaseMs: runLeaseMs, now: clock.now };
  const runs = createSyncRuns(db, lease);
  const batches = createSyncBatches(db, lease);
  const real = createRunClaims(db, lease);
  const { lines, log } = createLines();
  const taken: string[] = [];
  /** People whose sign-ins were fetched, and how much was taken over before. */
  const recalled: { readonly name: string; readonly before: number }[] = [];
  const held = { runs: [] as string[], batches: [] as string[] };
  const away = { isStore: false };
  const unlessAway = async <T>(work: () => Promise<T>) => {
    if (away.isStore) throw new Error('away');
    return work();
  };
  const takeOver = createTakeOver({
    claims: {
      claimRuns: (most) => unlessAway(() => real.claimRuns(most)),
      claimBatches: (most) => unlessAway(() => real.claimBatches(most)),
      renewLeases: (working: HeldWork) => unlessAway(() => real.renewLeases(working)),
      release: real.release,
    },
    runtime: createRuntime({ ...clock, log }),
    runs,
    async recall(people) {
      recalled.push(...people.map(({ name }) => ({ name, before: taken.length })));
    },
    listHeld: () => held,
    async takeOverRun({ id }) {
      taken.push(id);
      held.runs.push(id);
    },
    async takeOverBatch({ id }) {
      taken.push(id);
      held.batches.push(id);
    },
  });
  t.after(() => takeOver.stop());
  return { takeOver, runs, batches, taken, recalled, held, away, lines };
}

test('what a process works on stays its own; what it has leased without working on it is taken over within a lease', async (t) => {
  const db = await openStore(t);
  const clock = createClock();
  const one = await startProcess(t, db, clock, 'one');
  const other = await startProcess(t, db, clock, 'other');
  await one.takeOver.start();
  await other.takeOver.start();
  await one.runs.add(runOf({ id: 'followed', tokenId: 'a' }));
  await one.runs.add(runOf({ id: 'left behind', tokenId: 'b', phase: 'posting' }));
  one.held.runs.push('followed');
  await clock.advance(6_000);
  assert.deepEqual([one.taken, other.taken], [[], []], 'both are still held');
  await clock.advance(30_000);
  assert.deepEqual([...one.taken, ...other.taken], ['left behind'], 'by one process, once');
});

test('a process that dies leaves its syncs and batches to the others, the syncs of a batch with it', async (t) => {
  const db = await openStore(t);
  const clock = createClock();
  const dead = await startProcess(t, db, clock, 'dead');
  const other = await startProcess(t, db, clock, 'other');
  await dead.batches.add(batchOf('a'));
  await dead.runs.add(runOf({ id: 'of the batch', tokenId: 'a', batchId: 'batch' }));
  await dead.runs.add(runOf({ id: 'alone', tokenId: 'b' }));
  await other.takeOver.start();
  await clock.advance(7_000);
  assert.deepEqual(other.taken, []);
  await clock.advance(3_000);
  assert.deepEqual(other.taken, ['batch', 'of the batch', 'alone']);
});

test('the syncs of a batch that cannot be read any more go on by themselves, followed by one process, once', async (t) => {
  const db = await openStore(t);
  const clock = createClock();
  const dead = await startProcess(t, db, clock, 'dead');
  const [one, other] = [await startProcess(t, db, clock, 'one'), await startProcess(t, db, clock, 'other')];
  await dead.batches.add(batchOf('a', 'b'));
  await dead.runs.add(runOf({ id: 'running', tokenId: 'a', batchId: 'batch' }));
  await dead.runs.add(runOf({ id: 'ended', tokenId: 'b', batchId: 'batch', phase: 'ended', outcome: 'completed' }));
  await db.updateTable('sync_batches').set({ requester_json: '{"in the mid' }).execute();
  await one.takeOver.start();
  await other.takeOver.start();
  await clock.advance(60_000);
  assert.deepEqual([...one.taken, ...other.taken], ['running']);
});

test('requesters’ sign-ins are fetched before their syncs are taken over, and not again at every pass', async (t) => {
  const db = await openStore(t);
  const clock = createClock();
  const stopped = await startProcess(t, db, clock, 'stopped');
  const other = await startProcess(t, db, clock, 'other');
  await stopped.batches.add({ ...batchOf('a'), requester: personOf('elif') });
  await stopped.runs.add(runOf({ id: 'of the batch', tokenId: 'a', batchId: 'batch', requester: personOf('elif') }));
  await stopped.runs.add(runOf({ id: 'alone', tokenId: 'b', requester: personOf('ada') }));
  await stopped.takeOver.release();
  await other.takeOver.start();
  other.held.runs.push(...other.taken);
  await clock.advance(10_000);
  assert.deepEqual(other.taken, ['batch', 'of the batch', 'alone']);
  assert.deepEqual(other.recalled, [
    { name: personOf('elif').name, before: 0 },
    { name: personOf('ada').name, before: 2 },
  ]);
});

test('released work is taken over at once, and so is an end that nobody reported', async (t) => {
  const db = await openStore(t);
  const clock = createClock();
  const stopped = await startProcess(t, db, clock, 'stopped');
  const other = await startProcess(t, db, clock, 'other');
  await stopped.runs.add(runOf({ id: 'running', tokenId: 'a' }));
  await stopped.runs.add(runOf({ id: 'unreported', tokenId: 'b' }));
  await stopped.runs.add(runOf({ id: 'reported', tokenId: 'c' }));
  await stopped.runs.end('unreported', { outcome: 'completed', endedAt: 1 });
  await stopped.runs.end('reported', { outcome: 'completed', endedAt: 1, reportedAt: 2 });
  await stopped.takeOver.release();
  await other.takeOver.start();
  assert.deepEqual(other.taken.toSorted(), ['running', 'unreported']);
});

test('after an outage of the store a process lets the others renew their leases first', async (t) => {
  const db = await openStore(t);
  const clock = createClock();
  const [one, other] = [await startProcess(t, db, clock, 'one'), await startProcess(t, db, clock, 'other')];
  await one.takeOver.start();
  // The two come back at different moments.
  await clock.advance(1_000);
  await other.takeOver.start();
  await one.runs.add(runOf({ id: 'followed', tokenId: 'a' }));
  one.held.runs.push('followed');
  for (const { away } of [one, other]) away.isStore = true;
  await clock.advance(60_000);
  for (const { away } of [one, other]) away.isStore = false;
  await clock.advance(60_000);
  assert.deepEqual(other.taken, []);
  assert.ok(one.lines.some(({ level }) => level === 'error'));
});
