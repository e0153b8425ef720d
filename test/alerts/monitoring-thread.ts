import { parentPort, workerData } from 'node:worker_threads';
import { createMonitor } from '../../src/alerts/monitor.ts';
import { createPass } from '../../src/alerts/pass.ts';
import type { Config } from '../../src/config.ts';
import { wait } from '../../src/lib/async.ts';
import { newOpaqueId } from '../../src/lib/ids.ts';
import { createWatchedTenants } from '../../src/store/alerts.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createInAlertTransaction } from '../../src/store/stores.ts';
import { createRuntime } from '../support/runtime.ts';
import { storesOver } from './pass-rig.ts';

export interface MonitoringWork {
  readonly database: Config['database'];
  readonly tenantIds: readonly string[];
  readonly threads: number;
  /** For each tenant how many read it now, and how often it was read; then how often two did at once, and the threads ready. */
  readonly counts: SharedArrayBuffer;
  /** Every tenant is read this often before the thread ends. */
  readonly times: number;
}

// Monitors as another process would, over the same database.
const { database, tenantIds, threads, counts, times } = workerData as MonitoringWork;
const shared = new Int32Array(counts);
const overlaps = 2 * tenantIds.length;
const ready = overlaps + 1;
const db = await openDatabase(database);
const runtime = createRuntime({ now: Date.now, wait, random: Math.random });
const owner = newOpaqueId();
const outcomes: string[] = [];
const pass = createPass({
  runtime,
  async readTenant({ tenantId }) {
    const at = tenantIds.indexOf(tenantId);
    if (Atomics.add(shared, at, 1) > 0) Atomics.add(shared, overlaps, 1);
    await wait(2);
    Atomics.sub(shared, at, 1);
    Atomics.add(shared, tenantIds.length + at, 1);
    return { kind: 'seen', tokens: [], betaMissing: false };
  },
  repositories: storesOver(db, ''),
  inAlertTransaction: createInAlertTransaction(db),
  intervalMs: 40,
  onEvents: () => undefined,
});
const monitor = createMonitor({
  runtime,
  tenants: createWatchedTenants(db),
  tenantIds,
  pass,
  owner,
  intervalMs: 40,
  onPass: (outcome) => outcomes.push(outcome),
});
Atomics.add(shared, ready, 1);
while (Atomics.load(shared, ready) < threads) await wait(1);
await monitor.start();
const isDone = () => tenantIds.every((_, at) => Atomics.load(shared, tenantIds.length + at) >= times);
while (!isDone() || outcomes.length === 0) await wait(10);
await monitor.stop();
await db.destroy();
parentPort?.postMessage(outcomes);
