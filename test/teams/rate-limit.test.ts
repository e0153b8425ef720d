import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRateLimit } from '../../src/lib/limits.ts';

const windowMs = 10_000;

test('admits the most and refuses the next, for each key by itself', () => {
  const limit = createRateLimit(3, windowMs);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => limit.admit('a', 0)),
    [true, true, true, false],
  );
  assert.equal(limit.admit('b', 0), true);
});

test('has room again exactly when the first has left the window', () => {
  const limit = createRateLimit(2, windowMs);
  for (const now of [0, 4_000]) limit.admit('a', now);
  assert.equal(limit.admit('a', 9_999), false);
  assert.equal(limit.admit('a', 10_000), true);
  assert.equal(limit.admit('a', 13_999), false);
  assert.equal(limit.admit('a', 14_000), true);
});

test('what is refused counts against nobody', () => {
  const limit = createRateLimit(1, windowMs);
  limit.admit('a', 0);
  for (let now = 1; now < windowMs; now += 100) assert.equal(limit.admit('a', now), false);
  assert.equal(limit.admit('a', windowMs), true);
});

test('asking whether there is room counts nothing', () => {
  const limit = createRateLimit(1, windowMs);
  for (let asked = 0; asked < 5; asked += 1) assert.equal(limit.hasRoom('a', 0), true);
  assert.equal(limit.admit('a', 0), true);
  assert.equal(limit.hasRoom('a', 0), false);
  assert.equal(limit.hasRoom('a', windowMs), true);
});

test('a clock that is set back locks nobody out', () => {
  const limit = createRateLimit(1, windowMs);
  limit.admit('a', 1_000_000);
  assert.equal(limit.admit('a', 0), true);
});

test('never more than the most are admitted in any window, and nobody is refused without cause', () => {
  const steps = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), ms: fc.integer({ min: 0, max: 6_000 }) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (taken, most) => {
      const limit = createRateLimit(most, windowMs);
      const admitted: { key: string; at: number }[] = [];
      let now = 0;
      for (const { key, ms } of taken) {
        now += ms;
        const recent = admitted.filter((each) => each.key === key && now - each.at < windowMs).length;
        const isAdmitted = limit.admit(key, now);
        assert.equal(isAdmitted, recent < most);
        if (isAdmitted) admitted.push({ key, at: now });
      }
    }),
  );
});
