import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Reply, SendingError } from '../../src/domain/turn.ts';
import { createSeal } from '../../src/identity/keys.ts';
import { createBackground } from '../../src/lib/worker.ts';
import type { Db } from '../../src/store/schema.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createProcessedActivities, createStoredTurns } from '../../src/store/turns.ts';
import type { InboundActivity } from '../../src/teams/inbound.ts';
import { createOpenTurns } from '../../src/teams/open-turns.ts';
import { createClock, settle } from '../support/clock.ts';
import { runOf } from '../support/runs.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { openStore, turnOf } from '../support/turns.ts';
import { readInbound } from './read-inbound.ts';

const message: InboundActivity = {
  type: 'message',
  id: 'message-1',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  locale: 'zh-CN',
  from: { id: '29:ada', aadObjectId: 'ada', name: 'Ada' },
  recipient: { id: '28:bot', name: 'VPP Sync' },
  conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant-1' },
};
const press: InboundActivity = { ...message, type: 'invoke', name: 'adaptiveCard/action', id: 'press-1' };
const never = new Promise<never>(() => undefined);

interface Sent {
  readonly replyToId: string | undefined;
  readonly locale: string;
  readonly conversationId: string;
}

/** A process over a store that others share; time passes only by hand. */
function createProcess(t: TestContext, db: Db, clock: ReturnType<typeof createClock>, owner: string) {
  const sent: Sent[] = [];
  const replies: Reply[] = [];
  const { log } = createLines();
  const does = { send: async (): Promise<void> => undefined };
  const store = createStoredTurns(db, { owner, leaseMs: 8_000, now: clock.now });
  const openTurns = createOpenTurns({
    store,
    processed: createProcessedActivities(db),
    async sendReply({ conversation: { id }, locale, messageId }, reply) {
      await does.send();
      sent.push({ replyToId: messageId, locale, conversationId: id });
      replies.push(reply);
      return 'sent';
    },
    seal: createSeal(Buffer.alloc(32, 1)),
    background: createBackground(log),
    runtime: createRuntime({ now: clock.now, wait: clock.wait, log }),
  });
  openTurns.start();
  const turns = {
    claim: (activity: InboundActivity) => openTurns.claim(readInbound(activity, clock.at)),
    run: (activity: InboundActivity, work: Promise<unknown>) => openTurns.run(readInbound(activity), work),
    answered: (activity: InboundActivity) => openTurns.answered(readInbound(activity)),
    keep: openTurns.keep,
    handOver: openTurns.handOver,
  };
  const process = { turns, store, sent, replies, does, isDead: false };
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
    Object.assign(killed.store, { renewLeases: fail, end: fail, claimAbandoned: fail, markAnswered: fail });
  };
  const countOpen = async () => (await db.selectFrom('open_turns').select('key').execute()).length;
  /** Until so many are noted as answered, which takes real moments. */
  const areAnswered = async (count: number) => {
    const query = db.selectFrom('open_turns').select('key').where('notify_from', '=', 0);
    for (const until = performance.now() + 5_000; (await query.execute()).length < count; await wait(1))
      assert.ok(performance.now() < until, 'they are not noted as answered');
  };
  return { db, clock, one, two, kill, countOpen, areAnswered };
}

test('a turn ends with the last of its work, and nobody is notified', async (t) => {
  const { clock, one, two, countOpen } = await startTwo(t);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  assert.equal(await one.turns.claim(message), 'new');
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
  assert.deepEqual([one.sent, two.sent], [[], []]);
});

test('turns that end together are stored together, each once', async (t) => {
  const { one, countOpen } = await startTwo(t);
  const messages = Array.from({ length: 50 }, (_, n) => ({ ...message, id: `message-${n}` }));
  for (const each of messages) await one.turns.claim(each);
  const { end } = one.store;
  const stored: (readonly string[])[] = [];
  one.store.end = (keys) => {
    stored.push(keys);
    return end(keys);
  };
  await Promise.all(messages.map((each) => one.turns.answered(each)));
  assert.equal(await countOpen(), 0);
  assert.equal(stored.flat().length, messages.length);
  assert.ok(stored.length <= 3, `${stored.length} statements`);
});

test('a message that comes again elsewhere after its process died, and its lease expired, is to be done there, once', async (t) => {
  const { clock, one, two, kill, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  one.turns.run(message, never);
  kill(one);
  await clock.advance(7_000);
  assert.equal(await two.turns.claim(message), 'repeat', 'its lease has not expired');
  await clock.advance(8_000);
  assert.equal(await two.turns.claim(message), 'abandoned');
  assert.equal(await two.turns.claim(message), 'repeat');
  await clock.advance(60_000);
  assert.deepEqual(two.sent, [], 'it is being done');
  await two.turns.answered(message);
  assert.equal(await countOpen(), 0);
  assert.equal(await two.turns.claim(message), 'repeat');
});

test('a message that comes again while its process lives is not done twice', async (t) => {
  const { clock, one, two } = await startTwo(t);
  const work = Promise.withResolvers<void>();
  await one.turns.claim(message);
  one.turns.run(message, work.promise);
  for (const _ of [1, 2, 3]) {
    await clock.advance(15_000);
    assert.equal(await two.turns.claim(message), 'repeat');
  }
  work.resolve();
  await one.turns.answered(message);
  await clock.advance(60_000);
  assert.deepEqual([one.sent, two.sent], [[], []]);
});

test('whoever waits for a process that died is notified that no answer comes, where and in the language they asked', async (t) => {
  const { clock, one, two, kill, countOpen, areAnswered } = await startTwo(t);
  for (const activity of [message, press]) {
    await one.turns.claim(activity);
    one.turns.run(activity, never);
    void one.turns.answered(activity);
  }
  await areAnswered(2);
  kill(one);
  await clock.advance(12_000);
  const place = { locale: 'zh-CN', conversationId: 'a:1' };
  assert.deepEqual(two.sent, [
    { ...place, replyToId: 'message-1' },
    { ...place, replyToId: undefined },
  ]);
  assert.equal(await countOpen(), 0);
});

test('the sender of a message that never comes again is notified after 25 s; a press without an answer is its client’s', async (t) => {
  const { clock, one, two, kill } = await startTwo(t);
  for (const activity of [message, press]) await one.turns.claim(activity);
  kill(one);
  await clock.advance(22_000);
  assert.deepEqual(two.sent, []);
  await clock.advance(6_000);
  assert.deepEqual(
    two.sent.map(({ replyToId }) => replyToId),
    ['message-1'],
  );
});

test('a turn that had begun a sync is neither done again nor notified of: the sync has its own card', async (t) => {
  const { db, clock, one, two, kill, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  const { turn } = readInbound(message);
  const { conversation, person } = turn ?? assert.fail();
  await createSyncRuns(db).add(runOf({ conversation, requester: person, startedAt: clock.at }));
  kill(one);
  await clock.advance(9_000);
  assert.equal(await two.turns.claim(message), 'repeat');
  await clock.advance(60_000);
  assert.deepEqual([two.sent, await countOpen()], [[], 0]);
});

test('what Teams does not accept now is sent later; what it refuses is left', async (t) => {
  const { clock, one, two, kill, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  kill(one);
  two.does.send = () => Promise.reject(new SendingError('passing', '503'));
  await clock.advance(120_000);
  assert.equal(await countOpen(), 1);
  two.does.send = () => Promise.reject(new SendingError('closed', 'BotNotInConversationRoster'));
  await clock.advance(12_000);
  assert.deepEqual([two.sent, await countOpen()], [[], 0]);
});

test('a process that ends notifies those it leaves without an answer, at once', async (t) => {
  const { one, two, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  one.turns.run(message, never);
  await one.turns.claim({ ...message, id: 'message-2' });
  await one.turns.answered({ ...message, id: 'message-2' });
  await one.turns.handOver();
  assert.deepEqual([one.sent.map(({ replyToId }) => replyToId), two.sent], [['message-1'], []]);
  assert.equal(await countOpen(), 0);
});

test('after the store was away others are given time to renew their leases', async (t) => {
  const { clock, one, two } = await startTwo(t);
  await one.turns.claim(message);
  one.turns.run(message, never);
  const away = () => Promise.reject(new Error('away'));
  const real = [one, two].map(({ store }) => ({ ...store }));
  for (const { store } of [one, two]) Object.assign(store, { renewLeases: away, end: away });
  await clock.advance(60_000);
  for (const [index, { store }] of [one, two].entries()) Object.assign(store, real[index]);
  await clock.advance(60_000);
  assert.deepEqual([one.sent, two.sent], [[], []]);
  await one.turns.handOver();
});

test('an end that the store does not accept is stored later', async (t) => {
  const { clock, one, countOpen } = await startTwo(t);
  await one.turns.claim(message);
  const { end } = one.store;
  one.store.end = () => Promise.reject(new Error('away'));
  await one.turns.answered(message);
  assert.equal(await countOpen(), 1);
  one.store.end = end;
  await clock.advance(10_000);
  await settle();
  assert.deepEqual([await countOpen(), one.sent], [0, []]);
});

test('an activity that asks for no reply is claimed, and nobody waits for it', async (t) => {
  const { one, two, countOpen } = await startTwo(t);
  for (const activity of [
    { ...message, type: 'messageReaction' },
    { ...message, id: 'message-3', from: { id: '29:x' } },
    { ...press, id: 'press-2', name: 'task/fetch' },
  ]) {
    assert.equal(await one.turns.claim(activity), 'new');
    assert.equal(await two.turns.claim(activity), 'repeat');
  }
  const { id: _, ...without } = message;
  assert.equal(await one.turns.claim(without), 'new');
  assert.equal(await one.turns.claim(without), 'new', 'it cannot be recognized again');
  assert.equal(await countOpen(), 0);
});

suite('a reply that Teams did not accept', () => {
  const reply: Reply = { kind: 'text', text: 'Contoso is valid' };
  const rejected = (code = '412') => new SendingError('passing', code);
  const uncertain = () => new SendingError('passing', '503', { mayBeTaken: true });
  const times = (process: ReturnType<typeof createProcess>) => {
    const tried: number[] = [];
    return {
      tried,
      failWith: (error: SendingError, clock: { at: number }) => {
        process.does.send = () => {
          tried.push(clock.at - 1_000_000);
          return Promise.reject(error);
        };
      },
    };
  };

  test('is sent by another process when its own is dead, once, as it was, where it belongs', async (t) => {
    const { clock, one, two, kill, countOpen } = await startTwo(t);
    await one.turns.keep(turnOf(), reply, rejected());
    kill(one);
    await clock.advance(9_000);
    assert.deepEqual(two.replies, [reply]);
    assert.deepEqual(two.sent, [{ replyToId: 'message-1', locale: 'en', conversationId: '19:personal' }]);
    await clock.advance(15 * 60_000);
    assert.deepEqual([two.replies.length, await countOpen()], [1, 0]);
  });

  test('comes 30 s later at the earliest when Teams may have taken it, and a few times at most', async (t) => {
    const { clock, one, two, countOpen } = await startTwo(t);
    await two.turns.handOver();
    const { tried, failWith } = times(one);
    failWith(uncertain(), clock);
    await one.turns.keep(turnOf(), reply, uncertain());
    await clock.advance(20 * 60_000);
    assert.ok((tried[0] ?? 0) >= 30_000);
    assert.ok(tried.length >= 3 && tried.length <= 6, String(tried));
    assert.ok(tried.every((each) => each < 15 * 60_000));
    assert.equal(await countOpen(), 0, 'it is given up after 15 min');
  });

  test('is tried for 15 minutes when Teams certainly did not take it, and not before Retry-After', async (t) => {
    const { clock, one, two, countOpen } = await startTwo(t);
    await two.turns.handOver();
    const { tried, failWith } = times(one);
    failWith(rejected('ConversationNotFound'), clock);
    await one.turns.keep(turnOf(), reply, new SendingError('passing', '429', { retryAfterMs: 40_000 }));
    await clock.advance(14 * 60_000);
    assert.ok((tried[0] ?? 0) >= 40_000);
    assert.ok(tried.length > 10);
    one.does.send = async () => undefined;
    await clock.advance(60_000);
    assert.deepEqual([one.replies, await countOpen()], [[reply], 0]);
  });

  test('is dropped when Teams refuses it for good, when nobody was there for 15 minutes, and by signing out', async (t) => {
    const { clock, one, two, countOpen } = await startTwo(t);
    one.does.send = two.does.send = () => Promise.reject(new SendingError('closed', 'ConversationBlockedByUser'));
    await one.turns.keep(turnOf(), reply, rejected());
    await clock.advance(10_000);
    assert.equal(await countOpen(), 0);
    one.does.send = two.does.send = async () => undefined;
    await one.turns.keep(turnOf(), reply, rejected());
    clock.at += 16 * 60_000;
    await clock.advance(10_000);
    await one.turns.keep(turnOf(), reply, rejected());
    await one.store.eraseKeptOf(turnOf().person.aadObjectId);
    await clock.advance(60_000);
    assert.deepEqual([one.replies, two.replies, await countOpen()], [[], [], 0]);
  });

  test('is stored unreadable, and opens for its own place and person alone', async (t) => {
    const { db, clock, one, two, countOpen } = await startTwo(t);
    await one.turns.keep(turnOf(), reply, rejected());
    const [row] = await db.selectFrom('open_turns').selectAll().execute();
    assert.ok(row && !JSON.stringify(row).includes('Contoso'));
    await db
      .updateTable('open_turns')
      .set({ reply_json: row.reply_json.replace('19:personal', '19:elsewhere') })
      .execute();
    await clock.advance(60_000);
    assert.deepEqual([one.sent, two.sent, await countOpen()], [[], [], 0]);
  });
});
