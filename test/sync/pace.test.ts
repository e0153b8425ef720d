import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPace, writePace } from '../../src/lib/limits.ts';

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
