import assert from 'node:assert/strict';
import { after, suite, type TestContext, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createMonitor, createMonitoring, type MonitorParts } from '../../src/alerts/monitor.ts';
import { createPass, type PassOutcome } from '../../src/alerts/pass.ts';
import { readConfig } from '../../src/config.ts';
import type { WatchedTenant, WatchedTenants } from '../../src/domain/alert-repositories.ts';
import { createGraphClients } from '../../src/graph/client.ts';
import { delegatedScopes } from '../../src/graph/vpp.ts';
import { createGraphs } from '../../src/identity/graphs.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { createRuntime } from '../../src/lib/runtime.ts';
import { createAlerts, createWatchedTenants } from '../../src/store/alerts.ts';
import { inTransaction } from '../../src/store/leases.ts';
import { createSealedSecrets } from '../../src/store/sealed-secrets.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createAlertRepositories, createInAlertTransaction } from '../../src/store/stores.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createClock, settle } from '../support/clock.ts';
import { createLines, createRuntime as createTestRuntime } from '../support/runtime.ts';
import { at } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { isQuickTier } from '../support/tier.ts';
import { storesOver } from './pass-rig.ts';

suite('create monitoring', () => {
  /** Monitoring as the bot makes it, over a rehearsal tenant and in real time, with an interval of a fifth of a second. */
  async function startMonitoring() {
    const sandbox = await startSandbox();
    const read = readConfig(sandbox.env());
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const config = { ...read.config, monitorIntervalMs: 200 };
    const db = await openStore(':memory:');
    const { registry, observeGraph } = createMetrics();
    const log = createLog('fatal');
    const runtime = createRuntime(log);
    const identity = createIdentity({
      config,
      runtime,
      scopes: delegatedScopes(config.cloud),
      requests: createSignInRequests(db),
      secrets: createSealedSecrets(db),
    });
    const graphs = createGraphs({
      identity,
      clients: createGraphClients({ graphUrl: config.graphUrl, runtime, onRequest: observeGraph }),
    });
    const [company, school] = config.allowedTenants;
    assert.ok(company && school);
    const waiting = new Set<() => void>();
    const stores = storesOver(db, company);
    const monitoring = createMonitoring({
      runtime,
      config,
      repositories: stores,
      inAlertTransaction: (work) => inTransaction(db, (within) => work(storesOver(within, company))),
      graphs,
      getAppToken: identity.getAppToken,
      registry,
      onEvents() {
        for (const look of waiting) look();
      },
    });
    after(async () => {
      await monitoring.stop();
      await sandbox.stop();
    });
    const alerts = createAlerts(db);
    /** Resolves when this has become so; it is checked at every event. */
    const until = (isSo: () => Promise<boolean>) =>
      new Promise<void>((resolve, reject) => {
        const look = () =>
          void isSo().then((so) => {
            if (!so) return;
            waiting.delete(look);
            resolve();
          }, reject);
        waiting.add(look);
        look();
      });
    return { sandbox, db, alerts, tenants: stores.tenants, monitoring, registry, company, school, until };
  }

  test('every allowed tenant is watched from the start, subscribed or not, and changes are announced', async () => {
    const { sandbox, db, alerts, monitoring, registry, company, school, until } = await startMonitoring();
    await monitoring.start();
    await until(async () => (await alerts.listOpen(company)).length > 0 && (await alerts.listOpen(school)).length > 0);
    const before = (await alerts.listOpen(company)).length;
    const delivered = await db.selectFrom('alert_deliveries').select('id').execute();
    assert.equal(delivered.length, before, 'one for each of the subscribed tenant’s alerts, none for the other’s');

    const { id } = sandbox.graph.listTokens(school)[0] ?? assert.fail();
    const isExpired = async () =>
      (await alerts.listOpen(school)).some(({ tokenId, condition }) => tokenId === id && condition === 'expired');
    assert.equal(await isExpired(), false);
    sandbox.graph.controls.expireToken(id);
    await until(isExpired);
    sandbox.graph.controls.renewToken(id);
    await until(async () => !(await isExpired()));

    await monitoring.stop();
    const text = await registry.metrics();
    assert.match(text, /vpp_monitor_passes_total\{outcome="good"\} \d/);
    assert.match(text, /vpp_alerts_total\{condition="expired",stage="expired",event="resolved"\} 1/);
    assert.match(text, /vpp_token_expiry_seconds_count\{kind="vpp"\} \d\d/);
    assert.match(
      text,
      /vpp_graph_request_duration_seconds_count\{method="GET",path="\/v1\.0\/deviceAppManagement\/vppTokens"/,
    );
    const { requests } = sandbox.graph;
    assert.ok(requests.length > 0);
    assert.deepEqual(
      new Set(requests.map(({ method, personOid, hadBody }) => `${method} ${personOid} ${hadBody}`)),
      new Set(['GET app false']),
    );
  });

  test('finds how the last passes went, and takes requests to read licenses', async () => {
    const { monitoring, company, alerts, tenants, until } = await startMonitoring();
    await monitoring.start();
    await until(async () => (await alerts.listOpen(company)).some(({ condition }) => condition === 'licenses'));
    const { goodAt, failedPasses, licensesAt } = (await tenants.find(company)) ?? assert.fail();
    assert.ok(goodAt && licensesAt);
    assert.equal(failedPasses, 0);

    await monitoring.stop();
    await monitoring.askForLicenses(company.toUpperCase());
    assert.equal((await tenants.find(company))?.licensesAt, undefined);
    await monitoring.askForLicenses('nobody');
    assert.equal(await tenants.find('nobody'), undefined);
  });

  test('asking for licenses does not fail when the store is away', async () => {
    const { monitoring, company, db } = await startMonitoring();
    await db.destroy();
    await monitoring.askForLicenses(company);
  });
});

suite('monitor', () => {
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
      runtime: createTestRuntime({ ...clock, log }),
      tenants,
      tenantIds: ['a'],
      pass,
      owner: 'me',
      onPass: (outcome) => outcomes.push(outcome),
      ...parts,
    });
    t.after(() => monitor.stop());
    const last = () => begun.at(-1) ?? assert.fail('no pass was begun');
    return { monitor, clock, tenants, begun, outcomes, lines, last };
  }

  const idsOf = (begun: readonly Begun[]) => begun.map(({ tenant }) => tenant.tenantId);
  const storeIsAway = () => Promise.reject(new Error('the store is away'));

  test('a tenant that is due again before its pass is over waits for that pass, and for no lease', async (t) => {
    const { monitor, clock, tenants, begun, last } = await rig(t, { intervalMs: 20_000 });
    await monitor.start();
    await settle();
    await tenants.finish({ ...last().tenant, dueAt: clock.at }, 'me');
    await clock.advance(2_000);
    assert.deepEqual(idsOf(begun), ['a']);
    last().fail(new Error('the store went away at its very end'));
    await settle();
    assert.deepEqual(idsOf(begun), ['a', 'a']);
  });

  test('passes over every tenant right after the start, and again an interval later', async (t) => {
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

  test('passes over eight tenants side by side and no more, the next as soon as one has ended', async (t) => {
    const tenantIds = [...'abcdefghij'];
    const { monitor, clock, begun } = await rig(t, { tenantIds });
    await monitor.start();
    await clock.advance(2_000);
    assert.deepEqual(idsOf(begun), tenantIds.slice(0, 8));
    await begun[1]?.end();
    await settle();
    assert.deepEqual(idsOf(begun.slice(8)), ['i']);
  });

  test('lets slow passes keep no place from others, until too many of them run', async (t) => {
    const tenantIds = Array.from({ length: 100 }, (_, n) => `t${String(n).padStart(2, '0')}`);
    const { monitor, clock, begun } = await rig(t, { tenantIds });
    await monitor.start();
    await clock.advance(60_000);
    assert.equal(begun.length, 8 + 64);
    await begun[0]?.end();
    await settle();
    assert.equal(begun.length, 8 + 65);
  });

  const manyTenants = isQuickTier ? 100 : 1_000;
  test(`reads each of ${manyTenants} tenants in its interval while every fifth never answers`, async (t) => {
    const db = await openStore(':memory:');
    const repositories = createAlertRepositories(db);
    const tenantIds = Array.from({ length: manyTenants }, (_, n) => `t${n}`);
    const isSilent = (tenantId: string) => Number(tenantId.slice(1)) % 5 === 0;
    const reads = new Map<string, number[]>(tenantIds.map((tenantId) => [tenantId, []]));
    const clock = createClock(at);
    const { log } = createLines();
    const runtime = createTestRuntime({ ...clock, log });
    const intervalMs = 15 * 60_000;
    const pass = createPass({
      runtime,
      repositories,
      inAlertTransaction: createInAlertTransaction(db),
      intervalMs,
      onEvents: () => undefined,
      async readTenant({ tenantId }) {
        reads.get(tenantId)?.push(clock.at);
        await clock.wait(isSilent(tenantId) ? 30_000 : 1_500);
        if (isSilent(tenantId)) return { kind: 'failed', failure: { part: 'tokens', reason: 'timedOut' } };
        return { kind: 'seen', tokens: [], betaMissing: false };
      },
    });
    const monitor = createMonitor({
      runtime,
      tenants: repositories.tenants,
      tenantIds,
      pass,
      owner: 'me',
      intervalMs,
      onPass: () => undefined,
    });
    t.after(() => monitor.stop());
    await monitor.start();
    await clock.advance(4 * intervalMs);

    const gaps = (tenantId: string) => {
      const times = [at, ...(reads.get(tenantId) ?? []), clock.at];
      return times.slice(1).map((time, n) => time - (times[n] ?? at));
    };
    const healthy = tenantIds.filter((tenantId) => !isSilent(tenantId));
    const longest = Math.max(...healthy.flatMap(gaps));
    assert.ok(longest <= 1.06 * intervalMs, `${longest} ms without a reading`);
    // 0, 15 and 45 minutes after the start, and then every hour.
    const counts = new Set(tenantIds.filter(isSilent).map((tenantId) => reads.get(tenantId)?.length));
    assert.deepEqual(counts, new Set([3]));
  });

  test('keeps the lease of a tenant for as long as its pass lasts', async (t) => {
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
        renewLease: storeIsAway,
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

  test('aborts the pass over a tenant that somebody else has taken over', async (t) => {
    const { monitor, clock, tenants, last, outcomes } = await rig(t);
    await monitor.start();
    await settle();
    const { tenant } = last();
    await tenants.finish(tenant, 'me');
    await tenants.claim('you', clock.at, 20_000);
    await clock.advance(5_000);
    assert.equal(last().signal.aborted, true);
    assert.deepEqual(outcomes, ['lost']);
    assert.equal(await tenants.renewLease('a', 'you', clock.at, 20_000), true);
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
      ['a pass failed and could not be stored'],
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

  test('a lease is still held when the store is away for a moment', async (t) => {
    const real = createWatchedTenants(await openStore(':memory:'));
    let isAway = false;
    const tenants: WatchedTenants = {
      ...real,
      renewLease: (...given) => (isAway ? storeIsAway() : real.renewLease(...given)),
    };
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

  test('stopped, it aborts its passes and releases the tenants as they were', async (t) => {
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

  test('stopped while it claims a tenant, it releases that one too', async (t) => {
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
});
