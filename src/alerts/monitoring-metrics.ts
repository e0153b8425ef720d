import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AlertEvent } from '../domain/alert.ts';
import type { TokenSnapshots, WatchedTenants } from '../domain/alert-repositories.ts';
import { findInstant } from '../lib/time.ts';

export interface MonitoringMetricsParts {
  readonly registry: Registry;
  readonly tenantIds: readonly string[];
  readonly tenants: Pick<WatchedTenants, 'find'>;
  readonly snapshots: Pick<TokenSnapshots, 'listOfTenant'>;
  readonly now: () => number;
}

export interface MonitoringMetrics {
  countPass(outcome: string): void;
  countEvents(events: readonly AlertEvent[]): void;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What Prometheus may know of monitoring: labels hold neither tenants nor tokens. Ages and expiries are of all allowed tenants
 * together and are read from the store at each scrape, so that they are right whichever process looked last; with the store away they are missing or
 * stay as they were.
 */
export function createMonitoringMetrics(parts: MonitoringMetricsParts): MonitoringMetrics {
  const { registry, now } = parts;
  const startedAt = now();
  const registers = [registry];
  const passes = new Counter({
    name: 'vpp_monitor_passes_total',
    help: 'Passes over a tenant by how they ended: good, failed, lost to another process, broken',
    labelNames: ['outcome'] as const,
    registers,
  });
  const alerts = new Counter({
    name: 'vpp_alerts_total',
    help: 'What became of alerts, each event once however many are told',
    labelNames: ['condition', 'stage', 'event'] as const,
    registers,
  });
  const age = new Gauge({
    name: 'vpp_monitor_last_good_age_seconds',
    help: 'Age of the last good pass of the tenant that has waited longest for one; since the start where there was none',
    registers,
    async collect() {
      const ages = await unlessAway(listGoodAges());
      if (ages) age.set(Math.max(0, ...ages) / 1000);
    },
  });
  const expiry = new Histogram({
    name: 'vpp_token_expiry_days',
    help: 'Tokens by the days left until they expire, as they were last seen; bucket 0 holds those that have expired',
    buckets: [0, 1, 3, 7, 14, 30, 60, 90, 180, 365],
    registers,
    async collect() {
      const days = await unlessAway(listDaysLeft());
      expiry.reset();
      for (const left of days ?? []) expiry.observe(left);
    },
  });

  async function listGoodAges(): Promise<number[]> {
    const found = await Promise.all(parts.tenantIds.map((tenantId) => parts.tenants.find(tenantId)));
    return found.map((tenant) => now() - (tenant?.goodAt ?? startedAt));
  }

  async function listDaysLeft(): Promise<number[]> {
    const lists = await Promise.all(parts.tenantIds.map((tenantId) => parts.snapshots.listOfTenant(tenantId)));
    return lists.flat().flatMap(({ token }) => {
      const expiresAt = findInstant(token.expirationDateTime);
      return expiresAt === undefined ? [] : [(expiresAt - now()) / dayMs];
    });
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

const unlessAway = <T>(read: Promise<T>): Promise<T | undefined> => read.catch(() => undefined);
