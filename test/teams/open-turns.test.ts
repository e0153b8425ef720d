import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type PendingReply, SendingError } from '../../src/domain/turn.ts';
import { createBackground } from '../../src/lib/worker.ts';
import type { Db } from '../../src/store/schema.ts';
import { createProcessedActivities, createStoredTurns } from '../../src/store/turns.ts';
import type { InboundActivity } from '../../src/teams/inbound.ts';
import { createOpenTurns } from '../../src/teams/open-turns.ts';
import { createClock, settle } from '../support/clock.ts';
import { createLines } from '../support/runtime.ts';
import { openStore } from '../support/turns.ts';
import { readInbound } from './read-inbound.ts';

const message: InboundActivity = {
  ...{ type: 'message', id: 'message-1', serviceUrl: 'https://smba.trafficmanager.net/emea/', locale: 'zh-CN' },
  from: { id: '29:ada', aadObjectId: 'ada', name: 'Ada' },
  recipient: { id: '28:bot', name: 'VPP Sync' },
  conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant-1' },
};
const press: InboundActivity = { ...message, type: 'invoke', name: 'adaptiveCard/action', id: 'press-1' };
const never = new Promise<never>(() => undefined);

/** A process over a store that others share; time passes only when told. */
function createProcess(t: TestContext, db: Db, clock: ReturnType<typeof createClock>, owner: string) {
  const answered: InboundActivity[] = [];
  const told: PendingReply[] = [];
  const { lines, log } = createLines();
  const does = {
    tell: async (): Promise<void> => undefined,
    hasBegunSync: async () => false,
    answer: async (): Promise<void> => undefined,
  };
  const store = createStoredTurns(db, { owner, leaseMs: 8_000, now: clock.now });
  const openTurns = createOpenTurns({
    ...{ store, log, now: clock.now, wait: clock.wait },
    processed: createProcessedActivities(db),
    background: createBackground(log),
    hasBegunSync: () => does.hasBegunSync(),
    answer({ activity }) {
      answered.push(activity);
      return does.answer();
    },
    async tell(owed) {
      await does.tell();
      told.push(owed);
    },
  });
  openTurns.start();
  const turns = {
    claim: (activity: InboundActivity) => openTurns.claim(readInbound(activity, clock.at)),
    run: (activity: InboundActivity, work: Promise<unknown>) => openTurns.run(readInbound(activity), work),
    answered: (activity: InboundActivity) => openTurns.answered(readInbound(activity)),
    handOver: openTurns.handOver,
  };
  const process = { turns, store, answered, told, lines, does, isDead: false };
  t.after(() => (process.isDead ? undefined : turns.handOver()));
  return process;
}

async function startTwo(t: TestContext) {
  const db = await openStore(t);
  const clock = createClock(1_000_000);
  const [one, two] = [createProcess(t, db, clock, 'one'), createProcess(t, db, clock, 'two')];
  /** As a process that is killed: from now on it says no word. */
  const kill = (killed: typeof one) => {
    killed.isDead = true;
    const fail = () => Promise.reject(new Error('killed'));
    Object.assign(killed.store, { keep: fail, remove: fail, claimCutShort: fail, markAnswered: fail });
  };
  const countOpen = async () => (await db.selectFrom('open_turns').select('key').execute()).length;
  /** Until so many are noted as answered, which takes real moments. */
  const areAnswered = async (count: number) => {
    const query = db.selectFrom('open_turns').select('key').where('notify_from', '=', 0);
    for (const until = performance.now() + 5_000; (await query.execute()).length < count; await wait(1))
      assert.ok(performance.now() < until, 'they are not noted as answered');
  };
  return { clock, one, two, kill, countOpen, areAnswered };
}

test('a turn is over with the last of its work, and nobody is told anything', async (t) => {
  const { clock, one, two, countOpen } = await startTwo(t);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  assert.equal(await one.turns.claim(message), true);
  one.turns.run(message, first.promise);
  one.turns.run(message, second.promise);
  const over = one.turns.answered(message);
  first.reject(new Error('it failed'));
  await clock.advance(60_000);
  assert.equal(await countOpen(), 1);
  second.resolve();
  await over;
  assert.equal(await countOpen(), 0);
  await clock.advance(60_000);
  assert.deepEqual([one.told, two.told, two.answered], [[], [], []]);
});

test('a message that comes again elsewhere after its process died is answered there, once', async (t) => {
  const { clock, one, two, kill, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  one.turns.run(message, never);
  kill(one);
  await clock.advance(1_000);
  assert.equal(await two.turns.claim(message), false);
  await clock.advance(6_000);
  assert.deepEqual(two.answered, [], 'its lease has not passed');
  await clock.advance(4_000);
  assert.deepEqual(two.answered, [message]);
  await clock.advance(60_000);
  assert.deepEqual([two.answered.length, two.told, await countOpen()], [1, [], 0]);
  assert.equal(await two.turns.claim(message), false);
});

test('a message that comes again while its process lives is not answered twice', async (t) => {
  const { clock, one, two } = await startTwo(t);
  const work = Promise.withResolvers<void>();
  await one.turns.claim(message);
  one.turns.run(message, work.promise);
  await clock.advance(15_000);
  assert.equal(await two.turns.claim(message), false);
  await clock.advance(60_000);
  work.resolve();
  await one.turns.answered(message);
  await clock.advance(60_000);
  assert.deepEqual([two.answered, two.told], [[], []]);
});

test('who was promised an answer by a process that died is told that none comes, where and in what they asked', async (t) => {
  const { clock, one, two, kill, countOpen, areAnswered } = await startTwo(t);
  for (const activity of [message, press]) {
    await one.turns.claim(activity);
    one.turns.run(activity, never);
    void one.turns.answered(activity);
  }
  await areAnswered(2);
  kill(one);
  await clock.advance(12_000);
  assert.deepEqual(
    two.told.map(({ messageId, personId, locale, conversation }) => [messageId, personId, locale, conversation.id]),
    [
      ['message-1', 'ada', 'zh-CN', 'a:1'],
      [undefined, 'ada', 'zh-CN', 'a:1'],
    ],
  );
  assert.equal(await countOpen(), 0);
});

test('a message that never comes again is told of after 25 s; a press that had no answer is its client’s', async (t) => {
  const { clock, one, two, kill } = await startTwo(t);
  for (const activity of [message, press]) await one.turns.claim(activity);
  kill(one);
  await clock.advance(22_000);
  assert.deepEqual(two.told, []);
  await clock.advance(6_000);
  assert.deepEqual(
    two.told.map(({ messageId }) => messageId),
    ['message-1'],
  );
});

test('a turn that had begun a sync is told of by that alone', async (t) => {
  const { clock, one, two, kill, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  kill(one);
  two.does.hasBegunSync = async () => true;
  await two.turns.claim(message);
  await clock.advance(60_000);
  assert.deepEqual([two.answered, two.told, await countOpen()], [[], [], 0]);
});

test('what Teams does not take now is told later; what it refuses is left', async (t) => {
  const { clock, one, two, kill, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  kill(one);
  two.does.tell = () => Promise.reject(new SendingError('passing', '503'));
  await clock.advance(120_000);
  assert.equal(await countOpen(), 1);
  two.does.tell = () => Promise.reject(new SendingError('closed', 'BotNotInConversationRoster'));
  await clock.advance(12_000);
  assert.deepEqual([two.told, await countOpen()], [[], 0]);
});

test('a process that ends tells those it leaves without an answer, at once', async (t) => {
  const { one, two, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  one.turns.run(message, never);
  await one.turns.claim({ ...message, id: 'message-2' });
  await one.turns.answered({ ...message, id: 'message-2' });
  await one.turns.handOver();
  assert.deepEqual([one.told.map(({ messageId }) => messageId), two.told], [['message-1'], []]);
  assert.equal(await countOpen(), 0);
});

test('a process that ends answers nothing anew, not even what was said to it twice', async (t) => {
  const { one } = await startTwo(t);
  await one.turns.claim(message);
  one.turns.run(message, never);
  assert.equal(await one.turns.claim(message), false);
  await one.turns.handOver();
  assert.deepEqual([one.answered, one.told.length], [[], 1]);
});

test('after the store was away others are given time to say that they live', async (t) => {
  const { clock, one, two } = await startTwo(t);
  await one.turns.claim(message);
  one.turns.run(message, never);
  const away = () => Promise.reject(new Error('away'));
  const real = [one, two].map(({ store }) => ({ ...store }));
  for (const { store } of [one, two]) Object.assign(store, { keep: away, remove: away });
  await clock.advance(60_000);
  for (const [index, { store }] of [one, two].entries()) Object.assign(store, real[index]);
  await clock.advance(60_000);
  assert.deepEqual([one.told, two.told], [[], []]);
  await one.turns.handOver();
});

test('an end that the store does not take is noted later', async (t) => {
  const { clock, one, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  const { remove } = one.store;
  one.store.remove = () => Promise.reject(new Error('away'));
  await one.turns.answered(message);
  assert.equal(await countOpen(), 1);
  one.store.remove = remove;
  await clock.advance(10_000);
  await settle();
  assert.deepEqual([await countOpen(), one.told], [0, []]);
});

test('an activity that asks for nothing is claimed, and nobody waits for it', async (t) => {
  const { one, two, countOpen } = await startTwo(t);
  for (const activity of [
    { ...message, type: 'messageReaction' },
    { ...message, id: 'message-3', from: { id: '29:x' } },
    { ...press, id: 'press-2', name: 'task/fetch' },
  ]) {
    assert.equal(await one.turns.claim(activity), true);
    assert.equal(await two.turns.claim(activity), false);
  }
  const { id: _, ...without } = message;
  assert.equal(await one.turns.claim(without), true);
  assert.equal(await one.turns.claim(without), true, 'it cannot be told from another');
  assert.equal(await countOpen(), 0);
});
