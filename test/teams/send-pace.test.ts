import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRateLimit, sendLimits } from '../../sandbox/teams/connector-sends.ts';
import { createSendPace } from '../../src/teams/send-pace.ts';
import { createClock, settle } from '../support/clock.ts';
import { createRuntime } from '../support/runtime.ts';

const startAt = Date.UTC(2026, 10, 23, 9, 0, 0);
const chat = { id: 'a:1', tenantId: 'tenant' };

function createBed() {
  const clock = createClock(startAt);
  return { clock, pace: createSendPace(createRuntime(clock)) };
}

suite('what can wait', () => {
  test('keeps to Teams’ limits in a conversation over hours, and leaves some of each for people', async () => {
    const { clock, pace } = createBed();
    const limit = createRateLimit(sendLimits, clock.now);
    const sentAt: number[] = [];
    const sending = (async () => {
      while (clock.at < startAt + 2 * 3_600_000) {
        assert.equal(await pace.waitForRoom(chat, 24 * 3_600_000), undefined);
        sentAt.push(clock.at);
        assert.equal(limit.take('a:1'), undefined, 'Teams would answer 429');
      }
    })();
    await clock.advance(2 * 3_600_000);
    await sending;
    const within = (ms: number) => sentAt.filter((at) => at - startAt < ms).length;
    assert.deepEqual([within(1_000), within(2_000), within(30_000), within(3_600_000)], [5, 6, 50, 1_600]);
  });

  test('waits for what people were sent, too', async () => {
    const { clock, pace } = createBed();
    for (let n = 0; n < 5; n += 1) pace.count(chat);
    let sent = false;
    const waiting = pace.waitForRoom(chat, 5_000).then(() => {
      sent = true;
    });
    await clock.advance(999);
    assert.equal(sent, false);
    await clock.advance(1);
    await waiting;
  });

  test('waits in one conversation and not in others; the threads of a channel are one', async () => {
    const { pace } = createBed();
    const thread = (n: number) => ({ id: `19:team@thread.tacv2;messageid=${n}`, tenantId: `${n}` });
    for (let n = 0; n < 5; n += 1) pace.count(thread(n));
    assert.equal(await pace.waitForRoom(thread(9), 0), 1_000);
    assert.equal(await pace.waitForRoom({ id: '19:team@thread.tacv2', tenantId: 'tenant' }, 0), 1_000);
    assert.equal(await pace.waitForRoom(chat, 0), undefined);
  });

  test('keeps to what an app may send in a tenant, each tenant for itself', async () => {
    const { clock, pace } = createBed();
    const of = (n: number, tenantId: string) => ({ id: `a:${n}`, tenantId });
    for (let n = 0; n < 5; n += 1) assert.equal(await pace.waitForRoom(of(n, 'one'), 0), undefined);
    assert.equal(await pace.waitForRoom(of(99, 'one'), 0), 200);
    assert.equal(await pace.waitForRoom(of(99, 'other'), 0), undefined);
    const sentAt: number[] = [];
    const sending = Array.from({ length: 100 }, async (_, n) => {
      await pace.waitForRoom(of(n + 100, 'one'), 60_000);
      sentAt.push(clock.at - startAt);
    });
    await clock.advance(10_000);
    await Promise.all(sending);
    for (const at of sentAt) assert.ok(sentAt.filter((each) => each >= at && each < at + 1_000).length <= 25);
    assert.ok((sentAt.at(-1) ?? 0) <= 5_000);
  });

  test('resolves at once when it would take too long, and counts nothing then', async () => {
    const { clock, pace } = createBed();
    for (let n = 0; n < 50; n += 1) pace.count(chat);
    assert.equal(await pace.waitForRoom(chat, 29_999), 30_000);
    clock.at += 30_000;
    assert.equal(await pace.waitForRoom(chat, 0), undefined);
  });

  test('gives up when it is no longer wanted', async () => {
    const { pace } = createBed();
    for (let n = 0; n < 50; n += 1) pace.count(chat);
    const stopping = new AbortController();
    const waiting = pace.waitForRoom(chat, 60_000, stopping.signal);
    await settle();
    stopping.abort();
    assert.equal(await waiting, 30_000);
  });
});

test('people are not made to wait', () => {
  const { pace } = createBed();
  for (let n = 0; n < 100; n += 1) assert.equal(pace.count(chat), undefined);
});

test('a clock set back keeps nobody waiting', async () => {
  const { clock, pace } = createBed();
  for (let n = 0; n < 50; n += 1) pace.count(chat);
  clock.at -= 3_600_000;
  assert.equal(await pace.waitForRoom(chat, 0), undefined);
});
