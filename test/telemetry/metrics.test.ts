import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Registry } from 'prom-client';
import { createAlertRepositories } from '../../src/store/stores.ts';
import { createMonitoringMetrics } from '../../src/telemetry/alert-metrics.ts';
import { createMetricsServer } from '../../src/telemetry/metrics.ts';
import { alertOf, snapshotOf, tokenOf } from '../support/alert-samples.ts';
import { createRuntime } from '../support/runtime.ts';
import { at, dayMs } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

async function rig() {
  const db = await openStore(':memory:');
  const repositories = createAlertRepositories(db);
  const { tenants, snapshots } = repositories;
  const registry = new Registry();
  const clock = { now: at };
  const runtime = createRuntime({ now: () => clock.now });
  const metrics = createMonitoringMetrics({ registry, tenantIds: ['tenant-a', 'tenant-b'], repositories, runtime });
  const lines = async (name: string) => (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
  return { db, tenants, snapshots, metrics, clock, lines, registry };
}

test('passes and alerts are counted by what became of them', async () => {
  const { metrics, lines } = await rig();
  for (const outcome of ['good', 'good', 'failed']) metrics.countPass(outcome);
  metrics.countEvents([
    { kind: 'opened', alert: alertOf('a') },
    { kind: 'escalated', alert: alertOf('a', { stage: 'd14' }) },
  ]);
  assert.deepEqual(await lines('vpp_monitor_passes_total'), [
    'vpp_monitor_passes_total{outcome="good"} 2',
    'vpp_monitor_passes_total{outcome="failed"} 1',
    'vpp_monitor_passes_total{outcome="lost"} 0',
    'vpp_monitor_passes_total{outcome="broken"} 0',
  ]);
  const happened = (await lines('vpp_alerts_total')).filter((line) => !line.endsWith(' 0'));
  assert.deepEqual(happened, [
    'vpp_alerts_total{condition="expiring",stage="d30",event="opened"} 1',
    'vpp_alerts_total{condition="expiring",stage="d14",event="escalated"} 1',
  ]);
});

test('the age is that of the tenant that waits longest for a good pass, whoever makes it', async () => {
  const { tenants, clock, lines } = await rig();
  const age = async () => (await lines('vpp_monitor_last_good_age_seconds'))[0]?.split(' ')[1];
  clock.now += 5_000;
  assert.equal(await age(), '5', 'of one that never had any it is counted from the start');
  await tenants.watch(['tenant-a', 'tenant-b'], at);
  for (const goodAt of [at + 1_000, at + 3_000]) {
    const claimed = (await tenants.claim('another process', at, 20_000)) ?? assert.fail();
    await tenants.finish({ ...claimed, dueAt: at + dayMs, passedAt: goodAt, goodAt }, 'another process');
  }
  assert.equal(await age(), '4');
  clock.now = at - dayMs;
  assert.equal(await age(), '0');
});

test('connectors are counted by kind and by the time they have left, as they are now, and named nowhere', async () => {
  const { snapshots, lines, registry } = await rig();
  const inDays = (days: number) => new Date(at + days * dayMs).toISOString();
  const expiring = (id: string, tenantId: string, days: number) =>
    snapshotOf(id, { tenantId, token: tokenOf(id, { expirationDateTime: inDays(days) }) });
  await snapshots.putAll([
    expiring('token-1', 'tenant-a', -3),
    expiring('token-2', 'tenant-a', 6.5),
    expiring('token-3', 'tenant-b', 200),
    expiring('push', 'tenant-b', 2),
    expiring('ade:1', 'tenant-a', 200),
    snapshotOf('token-4', { tenantId: 'tenant-b' }),
  ]);
  const buckets = async (kind = 'vpp') =>
    Object.fromEntries(
      (await lines('vpp_token_expiry_seconds_bucket'))
        .filter((line) => line.includes(`kind="${kind}"`))
        .map((line) => /le="([^"]+)".*\} (\d+)/.exec(line)?.slice(1) ?? []),
    );
  await buckets();
  const found = await buckets();
  assert.deepEqual(
    [found['0'], found['259200'], found['604800'], found['15552000'], found['31536000'], found['+Inf']],
    ['1', '1', '2', '2', '3', '3'],
  );
  const push = await buckets('push');
  assert.deepEqual([push['86400'], push['259200'], push['+Inf']], ['0', '1', '1']);
  assert.equal((await buckets('ade'))['+Inf'], '1');
  await snapshots.putAll(
    [expiring('token-1', 'tenant-a', -3), expiring('token-2', 'tenant-a', 6.5)].map((each) => ({
      ...each,
      deletedAt: at,
    })),
  );
  assert.equal((await buckets())['+Inf'], '1');
  assert.doesNotMatch(await registry.metrics(), /token-|tenant-|contoso/i);
});

test('with the database down the other metrics are there', async () => {
  const { db, metrics, registry } = await rig();
  metrics.countPass('broken');
  await db.destroy();
  assert.match(await registry.metrics(), /vpp_monitor_passes_total\{outcome="broken"\} 1/);
});

test('scrapes share one query for each gauge, however many tenants and scrapes there are, and remember it for seconds', async () => {
  const db = await openStore(':memory:');
  const { tenants, snapshots, ...others } = createAlertRepositories(db);
  const asked: string[] = [];
  const registry = new Registry();
  const clock = { now: at };
  createMonitoringMetrics({
    registry,
    tenantIds: Array.from({ length: 400 }, (_, n) => `tenant-${n}`),
    repositories: {
      ...others,
      tenants: {
        ...tenants,
        listGoodTimes(ids) {
          asked.push('tenants');
          return tenants.listGoodTimes(ids);
        },
      },
      snapshots: {
        ...snapshots,
        countByExpiry(ids) {
          asked.push('tokens');
          return snapshots.countByExpiry(ids);
        },
      },
    },
    runtime: createRuntime({ now: () => clock.now }),
  });
  const server = createMetricsServer(registry, () => clock.now);
  after(server.close);
  const url = `http://127.0.0.1:${await server.listen(0)}`;
  const scrape = async () => (await fetch(`${url}/metrics`)).text();
  const texts = await Promise.all(Array.from({ length: 30 }, scrape));
  assert.match(texts[0] ?? '', /vpp_monitor_last_good_age_seconds 0/);
  assert.deepEqual([new Set(texts).size, asked.toSorted()], [1, ['tenants', 'tokens']]);
  clock.now += 4_999;
  await scrape();
  assert.equal(asked.length, 2);
  clock.now += 1;
  assert.match(await scrape(), /vpp_monitor_last_good_age_seconds 5/);
  assert.equal(asked.length, 4);
  for (const [path, method] of [
    ['/', 'GET'],
    ['/metrics/x', 'GET'],
    ['/metrics', 'POST'],
  ] as const)
    assert.equal((await fetch(`${url}${path}`, { method })).status, 404);
});
