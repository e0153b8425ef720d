// The metrics page, and every file that names a metric.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { suite, test } from 'node:test';
import { createAlertRepositories } from '../../src/store/stores.ts';
import { createDeliveryMetrics, createMonitoringMetrics } from '../../src/telemetry/alert-metrics.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createRuntime } from '../support/runtime.ts';
import { readText, root } from '../support/source-files.ts';
import { openStore } from '../support/temporary-store.ts';

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** Labels that there are, and the form of their values: words, statuses and path templates, never an id or a name. */
const labels: Readonly<Record<string, RegExp>> = {
  le: /^(\+Inf|[\d.]+)$/,
  kind: /^[a-zA-Z]+$/,
  flow: /^[a-zA-Z]+$/,
  operation: /^[a-zA-Z]+$/,
  outcome: /^[a-zA-Z]+$/,
  condition: /^[a-zA-Z]+$/,
  stage: /^[a-zA-Z0-9]+$/,
  event: /^[a-zA-Z]+$/,
  state: /^(used|free)$/,
  status: /^(\d{3}|none)$/,
  method: /^(GET|POST)$/,
  path: /^\/(v1\.0|beta)\/[\w/{}]+$/,
  host: /^(botbuilder|agents)$/,
  version: /^v?\d+\.\d+\.\d+$/,
  // Of Node's own metrics.
  space: /^\w+$/,
  major: /^\d+$/,
  minor: /^\d+$/,
  patch: /^\d+$/,
};

suite('metrics', async () => {
  const { registry, observeGraph, observeEntra, observeTeams, observeSync, startTurn, watchPool } = createMetrics({
    host: 'botbuilder',
    withProcess: true,
  });
  const repositories = createAlertRepositories(await openStore(':memory:'));
  createMonitoringMetrics({ registry, tenantIds: ['tenant'], repositories, runtime: createRuntime() });
  createDeliveryMetrics({ registry, deliveries: repositories.deliveries });
  const atStart = await registry.metrics();

  observeGraph({ method: 'GET', path: '/v1.0/deviceAppManagement/vppTokens/{id}', status: 200, ms: 120 });
  observeGraph({ method: 'POST', path: '/v1.0/deviceAppManagement/vppTokens/{id}/syncLicenses', ms: 10_000 });
  observeEntra({ flow: 'app', outcome: 'unavailable', ms: 90 });
  observeTeams({ operation: 'post', outcome: 'throttled', ms: 40 });
  observeSync({ outcome: 'completed', ms: 4_000 });
  const turn = startTurn('message');
  assert.equal(await turn.run(async () => 7), 7);
  turn.end();
  watchPool(() => ({ most: 10, used: 3, waiting: 2 }));
  const page = await registry.metrics();

  const families: Family[] = [...page.matchAll(/^# HELP (?<name>\S+) (?<help>.+)\n# TYPE \1 (?<type>\w+)$/gm)].map(
    ({ groups }) => groups as unknown as Family,
  );
  const known = new Set(
    families.flatMap(({ name, type }) =>
      type === 'histogram' || type === 'summary'
        ? [name, ...['_bucket', '_sum', '_count'].map((end) => name + end)]
        : [name],
    ),
  );
  const samples = page
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const {
        name = '',
        pairs = '',
        value = '',
      } = /^(?<name>\w+)(?:\{(?<pairs>.*)\})? (?<value>\S+)$/.exec(line)?.groups ?? {};
      return { line, name, value, pairs: [...pairs.matchAll(/(\w+)="([^"]*)"/g)] };
    });

  test('are named as Prometheus wants: base units, `_total` on counters alone, a help text each', () => {
    assert.ok(families.length > 30, String(families.length));
    for (const { name, type, help } of families) {
      assert.match(name, /^(vpp|process|nodejs)_[a-z0-9_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
      assert.doesNotMatch(name, /_(ms|milliseconds|minutes|hours|days|kb|mb|percent)(_|$)/, `${name}: base units`);
      assert.ok(help.length > 5, name);
    }
  });

  test('are samples of those names, with known labels whose values are no ids and no names', () => {
    for (const { line, name, value, pairs } of samples) {
      assert.ok(known.has(name), line);
      assert.ok(value === '+Inf' || value === 'Nan' || Number.isFinite(Number(value)), line);
      for (const [, label = '', text = ''] of pairs) {
        if (name.startsWith('nodejs_') && ['type', 'kind'].includes(label)) continue;
        assert.match(text, labels[label] ?? assert.fail(`label ${label} in ${line}`), line);
      }
    }
  });

  test('count what was observed', () => {
    for (const line of [
      'vpp_graph_request_duration_seconds_count{method="GET",path="/v1.0/deviceAppManagement/vppTokens/{id}",status="200"} 1',
      'vpp_graph_request_duration_seconds_count{method="POST",path="/v1.0/deviceAppManagement/vppTokens/{id}/syncLicenses",status="none"} 1',
      'vpp_entra_requests_total{flow="app",outcome="unavailable"} 1',
      'vpp_entra_request_duration_seconds_bucket{le="0.1",flow="app"} 1',
      'vpp_teams_requests_total{operation="post",outcome="throttled"} 1',
      'vpp_sync_duration_seconds_bucket{le="2.5",outcome="completed"} 0',
      'vpp_sync_duration_seconds_bucket{le="5",outcome="completed"} 1',
      'vpp_turn_duration_seconds_count{kind="message"} 1',
      'vpp_store_connections{state="used"} 3',
      'vpp_store_connections{state="free"} 7',
      'vpp_store_waiting 2',
    ])
      assert.ok(page.includes(`\n${line}\n`), line);
  });

  test('are there at 0 before anything has happened, for what an alarm asks for', () => {
    for (const line of [
      'vpp_turn_failures_total 0',
      'vpp_audit_failures_total 0',
      'vpp_entra_requests_total{flow="app",outcome="wrongClientSecret"} 0',
      'vpp_teams_requests_total{operation="post",outcome="noToken"} 0',
      'vpp_monitor_passes_total{outcome="broken"} 0',
      'vpp_alert_deliveries_total{outcome="dropped"} 0',
      'vpp_sync_duration_seconds_count{outcome="failed"} 0',
      'vpp_turn_duration_seconds_count{kind="message"} 0',
    ])
      assert.ok(atStart.includes(`\n${line}\n`), line);
  });

  for (const file of globSync(['deploy/grafana.json', 'deploy/alerts*.yml', 'docs/**/*.md', 'README.md'], {
    cwd: root,
  }))
    test(`that ${file} names are there`, () => {
      const named = new Set(readText(file).match(/\b(?:vpp|process|nodejs)_[a-z0-9]+(?:_[a-z0-9]+)+\b/g));
      for (const name of named) assert.ok(known.has(name), `${file} names ${name}, which no metric is called`);
      if (file === 'deploy/alerts.yml') assert.ok(named.size > 10);
    });

  test('of the bot are each explained in docs/operate.md or docs/monitoring.md', () => {
    const explained = readText('docs/operate.md') + readText('docs/monitoring.md');
    for (const { name } of families)
      if (name.startsWith('vpp_')) assert.ok(explained.includes(`\`${name}`), `${name} is explained nowhere`);
  });

  test('that alarm have a test each', () => {
    const alarms = [...readText('deploy/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const tested = readText('deploy/alerts.test.yml');
    assert.ok(alarms.length > 10);
    for (const name of alarms) assert.match(tested, new RegExp(`alertname: ${name}\n\\s+exp_alerts:`), name);
  });
});
