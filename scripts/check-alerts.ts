// Checks deploy/alerts.yml, its tests and the metrics page with Prometheus' own tool. Says so, and passes, where promtool is absent.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRuntime } from '../src/lib/runtime.ts';
import { openDatabase } from '../src/store/database.ts';
import { createAlertRepositories } from '../src/store/stores.ts';
import { createDeliveryMetrics, createMonitoringMetrics } from '../src/telemetry/alert-metrics.ts';
import { createLog } from '../src/telemetry/log.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';

const cwd = fileURLToPath(new URL('../', import.meta.url));

function check(args: readonly string[], input = ''): boolean {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd, input, encoding: 'utf8' });
  if (error && 'code' in error && error.code === 'ENOENT') {
    process.stdout.write('promtool is absent (Debian has it in the package prometheus): nothing was checked.\n');
    process.exit(0);
  }
  if (error) throw error;
  process.stdout.write(`promtool ${args.join(' ')}: ${status === 0 ? 'good' : 'FAILED'}\n${stdout}${stderr}`);
  return status === 0;
}

const db = await openDatabase({ kind: 'sqlite', path: ':memory:' });
const repositories = createAlertRepositories(db);
const { registry } = createMetrics({ withProcess: true });
createMonitoringMetrics({ registry, tenantIds: ['tenant'], repositories, runtime: createRuntime(createLog('fatal')) });
createDeliveryMetrics({ registry, deliveries: repositories.deliveries });
const page = await registry.metrics();
const results = [
  check(['check', 'rules', 'deploy/alerts.yml']),
  check(['test', 'rules', 'deploy/alerts.test.yml']),
  check(['check', 'metrics'], page),
];
process.exit(results.includes(false) ? 1 : 0);
