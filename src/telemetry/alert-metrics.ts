import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type AlertEvent, conditionStages } from '../domain/alert.ts';
import type { AlertDeliveries, AlertRepositories, DeliveryOutcome } from '../domain/alert-repositories.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs } from '../lib/time.ts';
import { startAtZero } from './metrics.ts';

interface MonitoringMetricsParts {
  readonly registry: Registry;
  readonly tenantIds: readonly string[];
  readonly repositories: AlertRepositories;
  readonly runtime: Runtime;
}

interface MonitoringMetrics {
  countPass(outcome: string): void;
  countEvents(events: readonly AlertEvent[]): void;
}

/**
 * Metrics of monitoring. Labels hold neither tenants nor tokens. Ages and expiries cover all allowed tenants together and are read from
 * the store at each scrape, so that they are right whichever process made the last pass. With the database down, expiries are missing
 * and the age stays as it was.
 */
export function createMonitoringMetrics(parts: MonitoringMetricsParts): MonitoringMetrics {
  const { registry, tenantIds, repositories, runtime } = parts;
  const startedAt = runtime.now();
  const registers = [registry];
  const passes = new Counter({
    name: 'vpp_monitor_passes_total',
    help: 'Passes over a tenant by how they ended: good, failed, lost to another process, broken',
    labelNames: ['outcome'] as const,
    registers,
  });
  startAtZero(passes, 'outcome', ['good', 'failed', 'lost', 'broken']);
  const alerts = new Counter({
    name: 'vpp_alerts_total',
    help: 'Events of alerts, each once however many conversations get it',
    labelNames: ['condition', 'stage', 'event'] as const,
    registers,
  });
  for (const [condition, stages] of Object.entries(conditionStages))
    for (const stage of stages) alerts.inc({ condition, stage, event: 'opened' }, 0);
  const age = new Gauge({
    name: 'vpp_monitor_last_good_age_seconds',
    help: 'Age of the last good pass of the tenant that has waited longest for one; since the start where there was none',
    registers,
    async collect() {
      const ages = await unlessDown(listGoodAges());
      if (ages) age.set(Math.max(0, ...ages) / 1000);
    },
  });
  const expiry = new Histogram({
    name: 'vpp_token_expiry_seconds',
    help: 'Connectors (vpp, push, ade) by the time left until they expire, as they were last seen; bucket 0: have expired',
    labelNames: ['kind'] as const,
    buckets: [0, 1, 3, 7, 14, 30, 60, 90, 180, 365].map((days) => (days * dayMs) / 1000),
    registers,
    async collect() {
      const counts = await unlessDown(repositories.snapshots.countByExpiry(tenantIds));
      expiry.reset();
      for (const { kind, expiresAt, count } of counts ?? []) {
        const left = (expiresAt - runtime.now()) / 1000;
        for (let n = 0; n < count; n += 1) expiry.observe({ kind }, left);
      }
    },
  });

  async function listGoodAges(): Promise<number[]> {
    const goodTimes = await repositories.tenants.listGoodTimes(tenantIds);
    return tenantIds.map((tenantId) => runtime.now() - (goodTimes.get(tenantId) ?? startedAt));
  }

  return {
    countPass: (outcome) => passes.inc({ outcome }),
    countEvents(events) {
      for (const { kind, alert } of events) {
        alerts.inc({ condition: alert.condition, stage: alert.stage, event: kind });
      }
    },
  };
}

const unlessDown = <T>(read: Promise<T>): Promise<T | undefined> => read.catch(() => undefined);

interface DeliveryMetricsParts {
  readonly registry: Registry;
  readonly deliveries: AlertDeliveries;
}

/** Metrics of alert delivery. Labels hold neither conversations nor tokens. */
export function createDeliveryMetrics({ registry, deliveries }: DeliveryMetricsParts) {
  const registers = [registry];
  const outcomes = new Counter({
    name: 'vpp_alert_deliveries_total',
    help: 'Alert deliveries by outcome: sent, dropped, or put off (each failed attempt)',
    labelNames: ['outcome'] as const,
    registers,
  });
  startAtZero(outcomes, 'outcome', ['sent', 'dropped', 'putOff']);
  const waiting = new Gauge({
    name: 'vpp_alert_deliveries_waiting',
    help: 'Alert deliveries still to be sent, those held until quiet hours end included; of all processes, as stored',
    registers,
    async collect() {
      const count = await unlessDown(deliveries.countWaiting());
      if (count !== undefined) waiting.set(count);
    },
  });
  return {
    onOutcome(outcome: DeliveryOutcome, count: number): void {
      if (count > 0) outcomes.inc({ outcome }, count);
    },
  };
}
