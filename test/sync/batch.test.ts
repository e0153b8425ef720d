import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DelegatedGraph, GraphError, type GraphErrorReason } from '../../src/domain/graph.ts';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import type { CardReply } from '../../src/domain/turn.ts';
import { writePace } from '../../src/graph/vpp.ts';
import { createPace } from '../../src/lib/limits.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { createSyncBatches } from '../../src/store/sync-batches.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createBatchRunner } from '../../src/sync/batch.ts';
import { createBatchCard } from '../../src/sync/batch-card.ts';
import { createFindBatchReceipt } from '../../src/sync/batch-receipt.ts';
import { createStartSync } from '../../src/sync/start-sync.ts';
import { createAuditRig } from '../support/audit-rig.ts';
import { createClock, settle } from '../support/clock.ts';
import { noLicenses, runOf } from '../support/runs.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { openStore, temporaryFolder } from '../support/temporary-store.ts';
import { authorizedTurn, tokenOf } from '../support/turns.ts';
import { listWorkLeft } from '../support/work-left.ts';

const plan = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `t${index}`, name: `Token ${index}` }));
const refusal = (reason: GraphErrorReason) => new GraphError(reason, { clientRequestId: 'c', neededScopes: ['S.All'] });
type Post = (tokenId: string) => unknown | Promise<unknown>;

/** One process: the real store, card and start of syncs; a Graph whose POSTs happen as the test says; nothing is followed. */
async function startProcess(path = ':memory:', clock = createClock()) {
  const db = await openStore(path);
  const runs = createSyncRuns(db);
  const batches = createSyncBatches(db);
  const { lines, log } = createLines();
  const { audit, kept } = createAuditRig(db, clock.now);
  const cards: string[] = [];
  const runtime = createRuntime({ ...clock, log });
  const card = createBatchCard({
    runtime,
    batches,
    records: createCardRecords(db),
    findReceipt: createFindBatchReceipt({ runtime, runs, licenses: noLicenses }),
    messenger: {
      async write(_, cardId, { card: content }: CardReply) {
        cards.push(JSON.stringify(content));
        return cardId ?? 'card';
      },
      tryWriting: () => assert.fail('a batch’s card has its own pace'),
      mention: async () => undefined,
    },
    cardSent: { record() {}, waitFor: async () => undefined, forget() {} },
  });
  const followed: SyncRun[] = [];
  const posts: string[] = [];
  const going = { now: 0, most: 0 };
  const graph = { post: (async () => undefined) as Post };
  const delegated: DelegatedGraph = {
    get: async (where) => ({ ...tokenOf(where.split('/').at(-1) ?? '') }),
    listPages: () => Promise.reject(new Error('Starting lists nothing')),
    async post(where, options) {
      const id = where.split('/').at(-2) ?? '';
      posts.push(id);
      going.now += 1;
      going.most = Math.max(going.most, going.now);
      try {
        const answer = graph.post(id);
        options?.onSent?.(Promise.resolve(answer).catch(() => undefined));
        return await answer;
      } finally {
        going.now -= 1;
      }
    },
  };
  const runner = createBatchRunner({
    runtime,
    batches,
    runs,
    card,
    licenses: noLicenses,
    startSync: createStartSync({
      runtime,
      runs,
      audit,
      licenses: noLicenses,
      cooldownMs: 300_000,
      beta: false,
    }),
    follower: {
      follow: (run) => void followed.push(run),
      takeOver: () => assert.fail('a batch takes over no single run'),
      list: () => [],
      stop: async () => undefined,
    },
    pace: createPace({ ...writePace, now: clock.now, wait: clock.wait }),
  });
  const begin = (count: number) => runner.begin(authorizedTurn(delegated), plan(count));
  const end = async (run: SyncRun, outcome: 'completed' | 'failed' = 'completed') => {
    const ended = { outcome, endedAt: clock.at, after: tokenOf(run.tokenId) };
    await runs.end(run.id, ended);
    await card.showEnd({ ...run, phase: 'ended', ...ended });
  };
  const left = () => listWorkLeft(db);
  const items = async () => (await left()).batches[0]?.items ?? [];
  return { runs, card, runner, clock, cards, lines, followed, posts, going, graph, begin, end, left, items, kept };
}

const stopAfter = (t: TestContext, { runner, card }: Awaited<ReturnType<typeof startProcess>>) =>
  t.after(async () => {
    await runner.stop();
    await card.stop();
  });

test('exactly the planned tokens are started, once each, as runs of the batch that the person leads', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  const reply = await bot.begin(30);
  assert.match(reply.summary, /Syncing 30 tokens: 0 done/);
  await bot.clock.advance(60_000);
  assert.deepEqual(
    bot.posts.toSorted(),
    plan(30)
      .map(({ id }) => id)
      .toSorted(),
  );
  assert.equal(bot.followed.length, 30);
  const runs = await bot.runs.listOfBatch(reply.batchId ?? assert.fail());
  assert.equal(runs.length, 30);
  assert.ok(runs.every(({ requester, joined }) => requester.name === 'Ada Lindqvist' && !joined));
  for (const run of bot.followed) await bot.end(run);
  await settle();
  assert.match(bot.cards.at(-1) ?? '', /All 30 tokens synced/);
  assert.deepEqual((await bot.left()).batches, []);
});

test('no more than four are asked for at a time, and never more than the pace', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  bot.graph.post = () => bot.clock.wait(100);
  await bot.begin(200);
  await bot.clock.advance(10_000);
  assert.equal(bot.going.most, 4);
  assert.ok(bot.posts.length <= 10 + 20 + 1, String(bot.posts.length));
  await bot.clock.advance(120_000);
  assert.equal(bot.posts.length, 200);
});

test('the answer does not wait for Graph', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  const gate = Promise.withResolvers<void>();
  bot.graph.post = () => gate.promise;
  const reply = await bot.begin(3000);
  assert.equal(reply.kind, 'card');
  assert.ok(JSON.stringify(reply.card).length < 25 * 1024);
  await bot.clock.advance(10_000);
  assert.equal(bot.posts.length, 4);
  gate.resolve();
});

test('a POST without an answer is followed meanwhile and keeps its place; refused late for good, it stops the rest', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  const gate = Promise.withResolvers<void>();
  bot.graph.post = () => gate.promise;
  await bot.begin(30);
  await bot.clock.advance(8_000);
  assert.deepEqual([bot.posts.length, bot.followed.length], [4, 4]);
  gate.reject(refusal('tokenRejected'));
  await bot.clock.advance(60_000);
  assert.equal(bot.posts.length, 4);
  for (const run of bot.followed) assert.equal((await bot.runs.find(run.id))?.refusal, 'tokenRejected');
});

test('a refusal of one token stops no other, and leaves no run open', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  const refusals: Readonly<Record<string, Error>> = {
    t1: refusal('forbidden'),
    t2: refusal('notFound'),
    t3: refusal('throttled'),
    t4: refusal('unavailable'),
    t5: new Error('a fault of ours'),
  };
  bot.graph.post = (id) => (refusals[id] ? Promise.reject(refusals[id]) : undefined);
  await bot.begin(8);
  await bot.clock.advance(10_000);
  assert.equal(bot.posts.length, 8);
  assert.deepEqual(
    (await bot.items()).map(({ outcome }) => outcome),
    [undefined, 'forbidden', 'notFound', 'throttled', 'unavailable', 'unexpected', undefined, undefined],
  );
  assert.equal((await bot.left()).unfinished.length, 3);
  assert.deepEqual(bot.lines.map(({ level }) => level).toSorted(), ['error', 'info', 'info', 'info', 'info']);
  const kept = await bot.kept();
  assert.equal(kept.filter((line) => /^Ada syncAll started t\d$/.test(line)).length, 8);
  assert.deepEqual(kept.filter((line) => line.includes('refused')).toSorted(), [
    'Ada syncAll ended:refused forbidden t1',
    'Ada syncAll ended:refused notFound t2',
    'Ada syncAll ended:refused throttled t3',
    'Ada syncAll ended:refused unavailable t4',
    'Ada syncAll ended:refused unexpected t5',
  ]);
});

for (const reason of ['tokenRejected', 'claimsChallenge', 'missingScope'] as const) {
  test(`${reason} holds for all: nothing more is asked for, what runs is followed, and the card explains it`, async (t) => {
    const bot = await startProcess();
    stopAfter(t, bot);
    bot.graph.post = (id) => (Number(id.slice(1)) < 6 ? undefined : Promise.reject(refusal(reason)));
    await bot.begin(100);
    await bot.clock.advance(60_000);
    assert.ok(bot.posts.length <= 10, String(bot.posts.length));
    const [batch] = (await bot.left()).batches;
    assert.deepEqual(batch?.stopped, reason === 'missingScope' ? { reason, scopes: ['S.All'] } : { reason });
    assert.equal(bot.followed.length, 6);
    for (const run of bot.followed) await bot.end(run);
    await settle();
    const card = bot.cards.at(-1) ?? '';
    assert.match(card, /6 of 100 tokens synced.*applies to all of them/s);
    if (reason === 'missingScope') assert.match(card, /S\.All/);
    assert.deepEqual((await bot.left()).batches, []);
  });
}

test('a person who may sync none of them is refused twice, not for each token, and the card explains it once', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  bot.graph.post = () => Promise.reject(refusal('forbidden'));
  await bot.begin(13);
  await bot.clock.advance(60_000);
  assert.deepEqual(bot.posts, ['t0', 't1']);
  assert.match(bot.cards.at(-1) ?? '', /applies to all of them/);
});

test('refusals for some tokens do not end a batch of which others were accepted', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  bot.graph.post = (id) => (['t0', 't2', 't3', 't4'].includes(id) ? Promise.reject(refusal('forbidden')) : undefined);
  await bot.begin(8);
  await bot.clock.advance(60_000);
  assert.equal(bot.posts.length, 8);
  assert.equal(bot.followed.length, 4);
});

test('a sync that somebody was faster with is joined and counted as that; one they finished is left alone', async (t) => {
  const bot = await startProcess();
  stopAfter(t, bot);
  const elses = runOf({ id: 'else-0', tokenId: 't0', before: tokenOf('t0') });
  await bot.runs.add(elses);
  await bot.runs.add({
    ...elses,
    id: 'else-1',
    tokenId: 't1',
    phase: 'ended',
    outcome: 'completed',
    endedAt: bot.clock.at,
  });
  await bot.begin(3);
  await bot.clock.advance(1_000);
  assert.deepEqual(bot.posts, ['t2']);
  assert.deepEqual(
    (await bot.items()).map(({ joined, outcome }) => [joined, outcome]),
    [
      [true, undefined],
      [false, 'coolingDown'],
      [false, undefined],
    ],
  );
});

test('after a crash between POSTs the next process follows what began and shows that the rest did not, POSTing nothing', async (t) => {
  const path = join(temporaryFolder(), 'bot.db');
  const crashed = await startProcess(path);
  const never = new Promise<void>(() => undefined);
  // t0 to t2 are answered, t3 is refused, t4 to t7 hang as the process dies; t8 and on were never asked for.
  crashed.graph.post = (id) => {
    const number = Number(id.slice(1));
    if (number === 3) return Promise.reject(refusal('forbidden'));
    return number > 3 ? never : undefined;
  };
  await crashed.begin(20);
  await crashed.clock.advance(60_000);
  assert.equal(crashed.posts.length, 8);

  const next = await startProcess(path, createClock(70_000));
  stopAfter(t, next);
  for (const batch of (await next.left()).batches) await next.runner.takeOver(batch);
  await settle();
  assert.deepEqual(
    (await next.items()).map(({ outcome }) => outcome),
    [...Array(3), 'forbidden', ...Array(4), ...Array(12).fill('notAsked')],
  );
  assert.match(next.cards.at(-1) ?? '', /restarted.*sync all.*Token 3.*Intune denied access.*Token 8.*not started/s);
  const running = (await next.left()).unfinished;
  assert.equal(running.length, 7);
  for (const run of running) await next.end(run);
  await settle();
  assert.match(next.cards.at(-1) ?? '', /7 of 20 tokens synced/);
  assert.deepEqual((await next.left()).batches, []);
  await next.clock.advance(600_000);
  assert.deepEqual(next.posts, []);
});

test('a run that ended while its batch could not hear of it is shown by the next process', async (t) => {
  const path = join(temporaryFolder(), 'bot.db');
  const crashed = await startProcess(path);
  await crashed.begin(2);
  await crashed.clock.advance(1_000);
  const [first, second] = crashed.followed;
  await crashed.runs.end(first?.id ?? '', { outcome: 'completed', endedAt: 5, after: tokenOf('t0') });
  await crashed.runs.end(second?.id ?? '', {
    outcome: 'failed',
    endedAt: 5,
    after: tokenOf('t1', { state: 'invalid' }),
  });

  const next = await startProcess(path, createClock(9_000));
  stopAfter(t, next);
  for (const batch of (await next.left()).batches) await next.runner.takeOver(batch);
  await settle();
  assert.match(next.cards.at(-1) ?? '', /1 of 2 tokens synced in 1 second.*Token 1.*state: Invalid/s);
  assert.doesNotMatch(next.cards.at(-1) ?? '', /restarted/);
  assert.deepEqual((await next.left()).batches, []);
});

test('stopping waits for the answers under way and asks for nothing more', async () => {
  const path = join(temporaryFolder(), 'bot.db');
  const bot = await startProcess(path);
  const gate = Promise.withResolvers<void>();
  bot.graph.post = (id) => (id === 't0' ? undefined : gate.promise);
  await bot.begin(20);
  await bot.clock.advance(1_000);
  const stopped = bot.runner.stop();
  await settle();
  gate.resolve();
  await stopped;
  await bot.card.stop();
  assert.equal(bot.posts.length, 5, 'the first one, and four at once after it was accepted');
  assert.ok((await bot.left()).unfinished.every(({ phase }) => phase === 'running'));
  const items = await bot.items();
  assert.equal(items.filter(({ outcome }) => outcome !== undefined).length, 0, 'the next process shows them');
});
