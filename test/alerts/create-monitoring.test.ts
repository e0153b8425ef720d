import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createMonitoring } from '../../src/alerts/monitor.ts';
import { readConfig } from '../../src/config.ts';
import { createGraphClients } from '../../src/graph/client.ts';
import { delegatedScopes } from '../../src/graph/vpp.ts';
import { createGraphs, createIdentity } from '../../src/identity/identity.ts';
import { wait } from '../../src/lib/async.ts';
import { createAlerts } from '../../src/store/alerts.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createSealedSecrets } from '../../src/store/small-tables.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { openStore } from '../store/open-store.ts';
import { storesOver } from './pass-rig.ts';

/** Monitoring as the bot makes it, over a rehearsal tenant and in real time, with an interval of a fifth of a second. */
async function startMonitoring() {
  const sandbox = await startSandbox();
  const read = readConfig(sandbox.env());
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const config = { ...read.config, monitorIntervalMs: 200 };
  const db = await openStore(':memory:');
  const { registry, observeGraph } = createMetrics();
  const log = createLog('fatal');
  const identity = createIdentity({
    ...{
      config,
      scopes: delegatedScopes(config.cloud),
      requests: createSignInRequests(db),
      secrets: createSealedSecrets(db),
      now: Date.now,
    },
    log: createLog('fatal'),
  });
  const graphs = createGraphs({
    identity,
    clients: createGraphClients({ graphUrl: config.graphUrl, wait, log, onRequest: observeGraph }),
  });
  const [company, school] = config.allowedTenants;
  assert.ok(company && school);
  const waiting = new Set<() => void>();
  const monitoring = createMonitoring({
    ...{ config, db, graphs, getAppToken: identity.getAppToken, registry, now: Date.now, wait, log },
    createSubscriptions: (within) => storesOver(within, company).subscriptions,
    createDeliveries: (within) => storesOver(within, company).deliveries,
    onEvents() {
      for (const look of waiting) look();
    },
  });
  after(async () => {
    await monitoring.stop();
    await sandbox.stop();
  });
  const alerts = createAlerts(db);
  /** Resolves when this has become so, looked at whenever something was told of. */
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
  return { sandbox, db, alerts, monitoring, registry, company, school, until };
}

test('every allowed tenant is watched from the start, subscribed or not, and what changes is told of', async () => {
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
  assert.match(text, /vpp_token_expiry_days_count \d\d/);
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

test('tells how the last passes went, and takes it that licences may have changed', async () => {
  const { monitoring, company, alerts, until } = await startMonitoring();
  await monitoring.start();
  await until(async () => (await alerts.listOpen(company)).some(({ condition }) => condition === 'licenses'));
  const { goodAt, failedPasses, licensesAt } = (await monitoring.findTenant(company)) ?? assert.fail();
  assert.ok(goodAt && licensesAt);
  assert.equal(failedPasses, 0);

  await monitoring.stop();
  await monitoring.askForLicenses(company.toUpperCase());
  assert.equal((await monitoring.findTenant(company))?.licensesAt, undefined);
  await monitoring.askForLicenses('nobody');
  assert.equal(await monitoring.findTenant('nobody'), undefined);
});

test('a store that is away keeps nobody from asking for licences', async () => {
  const { monitoring, company, db } = await startMonitoring();
  await db.destroy();
  await monitoring.askForLicenses(company);
});
