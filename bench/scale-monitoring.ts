// Monitoring as the bot makes it, over many tenants: the first pass, which reads licenses and opens alerts, and the next, which reads
// tokens and finds nothing new. The clock is put forward between them; nothing else is pretended.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Counter, Registry } from 'prom-client';
import { createMonitoring } from '../src/alerts/monitor.ts';
import { createReadOnlyGraph } from '../src/graph/client.ts';
import { openDatabase } from '../src/store/database.ts';
import { createAlertRepositories, createInAlertTransaction } from '../src/store/stores.ts';
import { createLog } from '../src/telemetry/log.ts';
import type { GraphSize } from './scale-graph.ts';
import { figuresOf, report, startMeasuring } from './scale-measure.ts';

interface Scenario extends GraphSize {
  readonly tenants: number;
}

type Parts = Parameters<typeof createMonitoring>[0];

const scenario = JSON.parse(process.argv[2] ?? '{}') as Scenario;
const intervalMs = 900_000;
const tenantIds = Array.from({ length: scenario.tenants }, (_, n) => `tenant-${n + 1}`);
const silent = scenario.silentEvery > 0 ? Math.floor(scenario.tenants / scenario.silentEvery) : 0;

const graphProcess = fork(new URL('./scale-graph.ts', import.meta.url), [JSON.stringify(scenario)], { execArgv: [] });
const [port] = (await once(graphProcess, 'message')) as [number];
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-scale-'));
const db = await openDatabase({ kind: 'sqlite', path: join(folder, 'bot.db') });

const clock = { aheadMs: 0 };
const runtime: Parts['runtime'] = {
  now: () => Date.now() + clock.aheadMs,
  wait: (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => undefined),
  random: Math.random,
  log: createLog('error'),
};
const registry = new Registry();
const monitoring = createMonitoring({
  runtime,
  config: { allowedTenants: tenantIds, monitorIntervalMs: intervalMs, graphBeta: false } as unknown as Parts['config'],
  repositories: createAlertRepositories(db),
  inAlertTransaction: createInAlertTransaction(db),
  graphs: {
    forApp: (tenantId) =>
      createReadOnlyGraph({
        baseUrl: `http://127.0.0.1:${port}`,
        dangerouslyAllowLoopbackHttp: true,
        runtime,
        getToken: async () => tenantId,
      }),
  } as Parts['graphs'],
  getAppToken: (async () => '') as unknown as Parts['getAppToken'],
  registry,
  onEvents: () => undefined,
});

async function goodPasses(): Promise<number> {
  const counter = registry.getSingleMetric('vpp_monitor_passes_total') as Counter;
  const { values } = await counter.get();
  return values.find(({ labels }) => labels.outcome === 'good')?.value ?? 0;
}

async function untilGood(passes: number): Promise<void> {
  while ((await goodPasses()) < passes) await delay(50);
}

const healthy = scenario.tenants - silent;
const perToken = (figures: { readonly cpuSeconds: number }) =>
  (figures.cpuSeconds * 1_000) / (healthy * scenario.tokens);

const first = startMeasuring();
await monitoring.start();
await untilGood(healthy);
const ofFirst = first.stop();

clock.aheadMs += intervalMs * 1.1;
const second = startMeasuring();
await untilGood(2 * healthy);
const ofSecond = second.stop();

await monitoring.stop();
await db.destroy();
graphProcess.disconnect();
rmSync(folder, { recursive: true, force: true });
report({
  ...figuresOf('first pass', ofFirst),
  'first pass: CPU per token (ms)': perToken(ofFirst),
  ...figuresOf('next pass', ofSecond),
  'next pass: CPU per token (ms)': perToken(ofSecond),
});
process.disconnect?.();
