import assert from 'node:assert/strict';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import type { Db } from '../../src/store/schema.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createProcessedActivities } from '../../src/store/turns.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { ada, at, minuteMs, thread } from '../support/stored.ts';
import { listWorkLeft } from '../support/work-left.ts';

const whose = { tenantId: ada.tenantId, requester: ada, conversation: thread, locale: 'en' } as const;

const run = (number: number): SyncRun => ({
  id: `run-${number}`,
  tokenId: `token-${number}`,
  batchId: `batch-${number}`,
  phase: 'running',
  joined: false,
  ...whose,
  before: tokenOf('前'),
  seenInProgress: false,
  uncertain: false,
  startedAt: at,
});

/** One step of a bot at work, in the order in which the bot does it: what comes later is never there without what came before. */
async function work(db: Db, number: number): Promise<void> {
  await createProcessedActivities(db).claim(`activity-${number}`, at);
  const item = { tokenId: `token-${number}`, name: 'Café "x"', joined: false };
  await createSyncBatches(db).add({
    id: `batch-${number}`,
    ...whose,
    correlationId: 'c',
    startedAt: at,
    items: [item],
  });
  await createSyncRuns(db).add(run(number));
  const lasting = { createdAt: at, expiresAt: at + minuteMs };
  const records = createCardRecords(db);
  await records.add({
    id: `press-${number}`,
    kind: 'tokenCard',
    conversationId: 'a',
    payload: { tokenId: `token-${number}` },
    ...lasting,
  });
  await records.take(`press-${number}`, at);
}

export interface WorkingBot {
  /** How many steps are wholly stored. */
  readonly done: () => number;
  stop(): Promise<void>;
}

/** Writes to the store without a pause, until it is stopped. */
export function startWorking(db: Db): WorkingBot {
  let done = 0;
  let stopping = false;
  const working = (async () => {
    for (; !stopping; done += 1) {
      await work(db, done);
      await new Promise(setImmediate);
    }
  })();
  return {
    done: () => done,
    async stop() {
      stopping = true;
      await working;
    },
  };
}

/** Checks a store that was backed up after this many steps: each step is in it whole and once, and no later one in part. */
export async function holdsItsWork(db: Db, done: number): Promise<void> {
  const { unfinished: runs, batches } = await listWorkLeft(db);
  const steps = runs.length;
  assert.ok(steps >= done, `${steps} of ${done} runs are there`);
  assert.deepEqual(
    runs.toSorted((a, b) => Number(a.id.slice(4)) - Number(b.id.slice(4))),
    Array.from({ length: steps }, (_, number) => run(number)),
  );
  assert.ok(batches.length === steps || batches.length === steps + 1);
  assert.ok(batches.every(({ items }) => items.length === 1));
  for (let number = 0; number < done; number += 1) {
    assert.equal(
      await createProcessedActivities(db).claim(`activity-${number}`, at),
      false,
      'an activity counts again',
    );
    assert.equal(await createSyncRuns(db).add({ ...run(number), id: 'another' }), false, 'a token has a second leader');
    assert.equal(await createCardRecords(db).take(`press-${number}`, at), false, 'a used button works again');
  }
  // A restored store accepts new work like any other.
  await work(db, steps + 1);
}
