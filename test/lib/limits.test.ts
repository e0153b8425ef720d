import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { writePace } from '../../src/graph/vpp.ts';
import { createPace, createRateLimit } from '../../src/lib/limits.ts';

suite('pace', () => {
  /** When each of `count` writes would go, each tenant's after the other's. */
  async function timesOf(count: number, tenants: readonly string[] = ['a']) {
    const clock = { now: 0 };
    const waits: number[] = [];
    const pace = createPace({ ...writePace, now: () => clock.now, wait: async (ms) => void waits.push(ms) });
    const times = new Map(tenants.map((tenant) => [tenant, [] as number[]]));
    for (let index = 0; index < count; index += 1) {
      for (const tenant of tenants) {
        waits.length = 0;
        await pace.next(tenant, new AbortController().signal);
        times.get(tenant)?.push(clock.now + (waits[0] ?? 0));
      }
    }
    return { times, clock, pace, waits };
  }

  test('never more than half of the writes that Graph takes go out in any 20 s', async () => {
    const all = (await timesOf(300)).times.get('a') ?? [];
    for (const from of all) {
      const within = all.filter((at) => at >= from && at < from + 20_000).length;
      assert.ok(within <= 50, `${within} from ${from}`);
    }
  });

  test('a few go at once, and each tenant has its own pace', async () => {
    const { times } = await timesOf(12, ['a', 'b']);
    for (const tenant of ['a', 'b']) {
      assert.deepEqual(times.get(tenant)?.slice(0, 10), Array(10).fill(0), tenant);
      assert.deepEqual(times.get(tenant)?.slice(10), [500, 1000], tenant);
    }
  });

  test('after a rest a few may go at once again', async () => {
    const { clock, pace, waits } = await timesOf(30);
    clock.now = 60_000;
    waits.length = 0;
    for (let index = 0; index < 10; index += 1) await pace.next('a', new AbortController().signal);
    assert.deepEqual(waits, []);
  });
});

suite('rate limit', () => {
  const windowMs = 10_000;

  test('admits the most and refuses the next, for each key on its own', () => {
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
});
