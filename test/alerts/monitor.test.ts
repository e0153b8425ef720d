import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createMonitor, type MonitorParts } from '../../src/alerts/monitor.ts';
import type { PassOutcome } from '../../src/alerts/pass.ts';
import type { WatchedTenant, WatchedTenants } from '../../src/domain/alert-repositories.ts';
import { createWatchedTenants } from '../../src/store/alerts.ts';
import { createLines } from '../dialogs/turns.ts';
import { openStore } from '../store/open-store.ts';
import { at } from '../store/stored.ts';
import { createClock, settle } from '../sync/clock.ts';

const usualMs = 900_000;

interface Begun {
  readonly tenant: WatchedTenant;
  readonly at: number;
  readonly signal: AbortSignal;
  /** Stores that it went well, and ends it; false when the tenant was lost. */
  end(): Promise<void>;
  fail(error: Error): void;
}

/** A monitor over a store of its own whose passes last until the test ends them; `quick` ones end by themselves. */
async function rig(t: TestContext, changes: Partial<MonitorParts> & { readonly quick?: boolean } = {}) {
  const { quick = false, ...parts } = { intervalMs: usualMs, ...changes };
  const clock = createClock(at);
  const tenants = parts.tenants ?? createWatchedTenants(await openStore(':memory:'));
  const begun: Begun[] = [];
  const outcomes: string[] = [];
  const { lines, log } = createLines();
  const pass = (tenant: WatchedTenant, owner: string, signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<PassOutcome>();
    signal.addEventListener('abort', () => reject(signal.reason));
    const end = async () => {
      const { failure, ...good } = tenant;
      const after = {
        ...good,
        dueAt: clock.at + parts.intervalMs,
        passedAt: clock.at,
        goodAt: clock.at,
        failedPasses: 0,
      };
      resolve((await tenants.finish(after, owner)) ? 'good' : 'lost');
    };
    begun.push({ tenant, at: clock.at, signal, end, fail: reject });
    if (quick) void end();
    return promise;
  };
  const monitor = createMonitor({
    ...{ tenants, tenantIds: ['a'], pass, owner: 'me', now: clock.now, wait: clock.wait, log },
    onPass: (outcome) => outcomes.push(outcome),
    ...parts,
  });
  t.after(() => monitor.stop());
  const last = () => begun.at(-1) ?? assert.fail('no pass was begun');
  return { monitor, clock, tenants, begun, outcomes, lines, last };
}

const idsOf = (begun: readonly Begun[]) => begun.map(({ tenant }) => tenant.tenantId);
const storeIsAway = () => Promise.reject(new Error('the store is away'));

test('looks at every tenant right after the start, and again an interval later', async (t) => {
  const { monitor, clock, begun } = await rig(t, { tenantIds: ['a', 'b', 'c'], quick: true });
  await monitor.start();
  await settle();
  assert.deepEqual(idsOf(begun).toSorted(), ['a', 'b', 'c']);
  assert.ok(begun.every((each) => each.at === at));
  await clock.advance(usualMs - 1);
  assert.equal(begun.length, 3);
  await clock.advance(5_001);
  assert.deepEqual(idsOf(begun.slice(3)).toSorted(), ['a', 'b', 'c']);
});

test('looks at four tenants side by side and no more, the next as soon as one has ended', async (t) => {
  const { monitor, clock, begun } = await rig(t, { tenantIds: ['a', 'b', 'c', 'd', 'e', 'f'] });
  await monitor.start();
  await clock.advance(60_000);
  assert.deepEqual(idsOf(begun), ['a', 'b', 'c', 'd']);
  await begun[1]?.end();
  await settle();
  assert.deepEqual(idsOf(begun.slice(4)), ['e']);
});

test('holds on to a tenant for as long as its pass lasts', async (t) => {
  const { monitor, clock, tenants, begun, last } = await rig(t);
  await monitor.start();
  await clock.advance(3 * usualMs);
  assert.equal(begun.length, 1);
  assert.equal(await tenants.claim('you', clock.at, 20_000), undefined);
  await last().end();
  await clock.advance(usualMs + 5_000);
  assert.equal(begun.length, 2);
});

test('begins no second pass over a tenant when the clock jumps ahead of its lease', async (t) => {
  const real = createWatchedTenants(await openStore(':memory:'));
  const claimed: string[] = [];
  const { monitor, clock, begun, last, outcomes } = await rig(t, {
    tenants: {
      ...real,
      keep: storeIsAway,
      async claim(...given) {
        const tenant = await real.claim(...given);
        if (tenant) claimed.push(tenant.tenantId);
        return tenant;
      },
    },
  });
  await monitor.start();
  await settle();
  clock.at += 10 * usualMs;
  await clock.advance(60_000);
  assert.ok(claimed.length > 1, 'it was free for anybody, this process too');
  assert.equal(begun.length, 1);
  await last().end();
  await settle();
  assert.deepEqual(outcomes, ['good']);
});

test('breaks off the look at a tenant that somebody else has taken over', async (t) => {
  const { monitor, clock, tenants, last, outcomes } = await rig(t);
  await monitor.start();
  await settle();
  const { tenant } = last();
  await tenants.finish(tenant, 'me');
  await tenants.claim('you', clock.at, 20_000);
  await clock.advance(5_000);
  assert.equal(last().signal.aborted, true);
  assert.deepEqual(outcomes, ['lost']);
  assert.equal(await tenants.keep('a', 'you', clock.at, 20_000), true);
});

test('goes on with the others when a pass breaks, and with that tenant when its lease has passed', async (t) => {
  const { monitor, clock, begun, outcomes, lines, last } = await rig(t, { tenantIds: ['a', 'b'] });
  await monitor.start();
  await settle();
  begun[0]?.fail(new Error('canary'));
  await begun[1]?.end();
  await clock.advance(15_000);
  assert.deepEqual(outcomes, ['broken', 'good']);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['a pass broke off'],
  );
  assert.equal(begun.length, 2);
  await clock.advance(10_000);
  assert.equal(last().tenant.tenantId, 'a');
});

test('asks a store that is away ever more rarely, and goes on when it is back', async (t) => {
  const real = createWatchedTenants(await openStore(':memory:'));
  const asked: number[] = [];
  let isAway = true;
  const tenants: WatchedTenants = {
    ...real,
    watch: (...given) => {
      asked.push(clock.at - at);
      return isAway ? storeIsAway() : real.watch(...given);
    },
    claim: (...given) => (isAway ? storeIsAway() : real.claim(...given)),
  };
  const { monitor, clock, begun, last } = await rig(t, { tenants });
  await monitor.start();
  await clock.advance(200_000);
  assert.deepEqual(
    asked.map((ms) => ms / 1000),
    [0, 1, 3, 7, 15, 31, 63, 123, 183],
  );
  isAway = false;
  await clock.advance(60_000);
  assert.equal(begun.length, 1);

  // Away in the midst of a pass, it takes the pass down but not the loop.
  isAway = true;
  last().fail(new Error('the store is away'));
  await clock.advance(120_000);
  isAway = false;
  await clock.advance(60_000);
  assert.equal(begun.length, 2);
});

test('is still held when the store cannot be told so for a moment', async (t) => {
  const real = createWatchedTenants(await openStore(':memory:'));
  let isAway = false;
  const tenants: WatchedTenants = { ...real, keep: (...given) => (isAway ? storeIsAway() : real.keep(...given)) };
  const { monitor, clock, last, outcomes } = await rig(t, { tenants });
  await monitor.start();
  await settle();
  isAway = true;
  await clock.advance(10_000);
  isAway = false;
  await clock.advance(60_000);
  assert.equal(last().signal.aborted, false);
  await last().end();
  await settle();
  assert.deepEqual(outcomes, ['good']);
});

test('stopped, it breaks off its looks and gives the tenants back as they were', async (t) => {
  const { monitor, clock, tenants, begun, outcomes } = await rig(t, { tenantIds: ['a', 'b'] });
  await monitor.start();
  await settle();
  await monitor.stop();
  assert.ok(begun.every(({ signal }) => signal.aborted));
  assert.deepEqual(outcomes, []);
  for (const { tenant } of begun) {
    assert.deepEqual(await tenants.find(tenant.tenantId), tenant);
    assert.ok(await tenants.claim('you', clock.at, 20_000));
  }
  await clock.advance(usualMs * 2);
  assert.equal(begun.length, 2);
});

test('stopped while it claims a tenant, it gives that one back too', async (t) => {
  const real = createWatchedTenants(await openStore(':memory:'));
  const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>();
  const tenants: WatchedTenants = {
    ...real,
    async claim(...given) {
      const claimed = await real.claim(...given);
      await goOn;
      return claimed;
    },
  };
  const { monitor, begun, clock } = await rig(t, { tenants });
  await monitor.start();
  await settle();
  const stopped = monitor.stop();
  letGoOn();
  await stopped;
  assert.equal(begun.length, 0);
  assert.ok(await real.claim('you', clock.at, 20_000));
});

test('stopped before it was started or while the store is away, it ends at once', async (t) => {
  const idle = await rig(t);
  await idle.monitor.stop();
  const real = createWatchedTenants(await openStore(':memory:'));
  const away = await rig(t, { tenants: { ...real, watch: storeIsAway } });
  await away.monitor.start();
  await settle();
  await away.monitor.stop();
  assert.equal(away.begun.length, 0);
});

test('asks often enough to keep to a short interval', async (t) => {
  const { monitor, clock, begun } = await rig(t, { intervalMs: 1_000, quick: true });
  await monitor.start();
  await clock.advance(10_500);
  const times = begun.map((each) => each.at - at);
  assert.equal(times.length, 11);
  for (const [n, time] of times.slice(1).entries())
    assert.ok(Math.abs(time - (times[n] ?? 0) - 1_000) <= 50, `${times}`);
});
