import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRehearsal } from '../rehearsal.ts';
import { createDoor } from './door.ts';

const clock = { now: Date.now() };
const rehearsal = await startRehearsal({ now: () => clock.now, env: { MONITOR: 'off' } });
const door = createDoor(rehearsal);

/** Something the bot takes in and does not answer. */
const reaction = () => door.message({ type: 'messageReaction' });

async function statusesOf(count: number, send: () => Promise<{ readonly status: number }>) {
  const outcomes = await Promise.all(Array.from({ length: count }, send));
  const counts = Map.groupBy(outcomes, ({ status }) => status);
  return Object.fromEntries([...counts].map(([status, list]) => [status, list.length]));
}

test('the 61st activity of a person within 10 s is refused (429); forged ones before it do not count', async () => {
  const forged = await statusesOf(100, () => door.send(reaction(), { flaw: 'foreignKey' }));
  assert.deepEqual(forged, { 401: 100 });
  assert.deepEqual(await statusesOf(70, () => door.send(reaction())), { 200: 60, 429: 10 });
  await door.isRefused(429, door.message());
  const elif = rehearsal.sandbox.person('elif');
  await door.isAnswered(door.messageFrom(elif, rehearsal.sandbox.conversations.personal(elif)));
});

test('after 10 s there is room again', async () => {
  clock.now += 10_000;
  await door.isAnswered(door.message());
});

test('what was refused (429) was no first time: sent again, it is answered', async () => {
  clock.now += 10_000;
  await statusesOf(60, () => door.send(reaction()));
  const message = door.message();
  await door.isRefused(429, message);
  clock.now += 10_000;
  await door.isAnswered(message);
});
