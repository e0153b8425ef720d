import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRateLimit } from '../../src/lib/limits.ts';
import { startRehearsal } from '../support/rehearsal.ts';
import { createDoor } from './door.ts';

const dayMs = 24 * 60 * 60_000;
const clock = { now: Date.now() };
const rehearsal = await startRehearsal({ now: () => clock.now, env: { MONITOR: 'off' } });
const { sandbox, answers } = rehearsal;
sandbox.connector.setRateLimits(false);
const door = createDoor(rehearsal);
const reaction = () => door.message({ type: 'messageReaction' });

/** The claims of a token that the channel signs just now. */
const claimsOfNow = () => {
  const seconds = Math.floor(clock.now / 1000);
  return { nbf: seconds, iat: seconds, exp: seconds + 3600 };
};

for (const [where, byMs] of [
  ['a day forward', dayMs],
  ['a day back', -dayMs],
] as const) {
  suite(`a clock that jumps ${where} and back again`, () => {
    test('locks nobody out: everybody is answered there, and after the way back', async () => {
      await door.isAnswered(door.message());
      for (const move of [byMs, -byMs]) {
        clock.now += move;
        await door.isAnswered(door.message());
      }
    });

    test('locks nobody out who had used up their limit, there or here', async () => {
      for (const move of [byMs, -byMs]) {
        for (let time = 0; time < 60; time += 1) await door.send(reaction());
        await door.isRefused(429, door.message());
        clock.now += move;
        await door.isAnswered(door.message());
      }
      clock.now += 60_000;
    });

    test('opens the limit to nobody: at the new time sixty are let in and no more', async () => {
      for (const move of [byMs, -byMs]) {
        clock.now += move;
        const statuses = await Promise.all(
          Array.from({ length: 70 }, async () => (await door.send(reaction())).status),
        );
        assert.equal(statuses.filter((status) => status === 200).length, 60);
        clock.now += 60_000;
      }
    });

    test('makes no old request good: what had come before comes in vain, and what had expired stays out', async () => {
      clock.now += 60_000;
      const [message, claims] = [door.message(), claimsOfNow()];
      await door.isAnswered(message, { claims });
      const before = answers(door.chat).length;
      clock.now += byMs;
      // Its token is of another day, whichever way the clock went.
      await door.isRefused(401, message, { claims });
      clock.now -= byMs;
      assert.equal((await door.send(message, { claims })).status, 200);
      await sandbox.client.idle();
      assert.equal(answers(door.chat).length, before, 'it was answered a second time');
      clock.now += 2 * 3600_000;
      await door.isRefused(401, message, { claims });
    });
  });
}

test('counts of a day that never was are not kept', () => {
  const limit = createRateLimit(1, 10_000);
  for (let day = 0; day < 1_000; day += 1) {
    assert.equal(limit.admit('a', day % 2 === 0 ? 0 : dayMs), true, `${day}`);
  }
});
