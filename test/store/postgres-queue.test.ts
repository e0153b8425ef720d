import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyToError } from '../../src/cards/refusal.ts';
import { BusyError } from '../../src/domain/turn.ts';
import { createSlots } from '../../src/store/postgres.ts';
import { settle } from '../support/clock.ts';
import { turnOf } from '../support/turns.ts';

test('work beyond the connections waits in its order, and goes on as each is given back', async () => {
  const slots = createSlots(2);
  const order: number[] = [];
  const all = [0, 1, 2, 3, 4].map((each) => slots.take().then(() => order.push(each)));
  await settle();
  assert.deepEqual([order, slots.readUse()], [[0, 1], { most: 2, used: 2, waiting: 3 }]);
  for (const _ of all) slots.giveBack();
  await Promise.all(all);
  assert.deepEqual([order, slots.readUse()], [[0, 1, 2, 3, 4], { most: 2, used: 0, waiting: 0 }]);
});

test('the time that work waited for a connection is observed, 0 where one was free', async (t) => {
  let at = 0;
  t.mock.method(performance, 'now', () => at);
  const waits: number[] = [];
  const slots = createSlots(1, (ms) => waits.push(ms));
  await slots.take();
  const waiting = slots.take();
  at = 120;
  slots.giveBack();
  await waiting;
  assert.deepEqual(waits, [0, 120]);
});

test('whoever waits for 10 s reads that the bot is busy, not that it is broken, and takes no connection', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const slots = createSlots(1);
  await slots.take();
  const waiting = slots.take();
  const failed = assert.rejects(
    waiting,
    (error) => error instanceof BusyError && /in use for 10 s/.test(error.message),
  );
  t.mock.timers.tick(10_000);
  await failed;
  slots.giveBack();
  await slots.take();
  const said = (locale: 'en' | 'zh-CN') => JSON.stringify(replyToError(turnOf({ locale }), new BusyError('busy')));
  assert.match(said('en'), /The bot is busy\..*Try again in a moment/);
  assert.match(said('zh-CN'), /机器人正忙/);
});
