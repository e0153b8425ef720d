import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import type { AlertDeliveries, AlertSubscriptions, WatchedTenant } from '../domain/alert-repositories.ts';
import type { Graphs } from '../identity/identity.ts';
import type { AppTokens } from '../identity/tokens.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { createAlerts, createTokenSnapshots, createWatchedTenants } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import type { Log } from '../telemetry/log.ts';
import { createMonitoringMetrics } from '../telemetry/metrics.ts';
import { createLook } from './look.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { createPass } from './pass.ts';

export interface MonitoringParts {
  readonly config: Pick<Config, 'monitorIntervalMs' | 'allowedTenants' | 'graphBeta'>;
  readonly db: Db;
  readonly graphs: Pick<Graphs, 'forApp'>;
  readonly getAppToken: AppTokens['getAppToken'];
  /** Over the database given, that of a transaction too. */
  readonly createSubscriptions: (db: Db) => Pick<AlertSubscriptions, 'listOfTenant'>;
  readonly createDeliveries: (db: Db) => Pick<AlertDeliveries, 'addAll'>;
  /** Called when deliveries may have been stored. */
  readonly onEvents: () => void;
  readonly registry: Registry;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: Log;
}

export interface Monitoring extends Monitor {
  /** For whoever knows that licences may have changed, as after a sync: the tenant's next pass reads them. Never rejects. */
  askForLicenses(tenantId: string): Promise<void>;
  /** How the last passes over a tenant went. */
  findTenant(tenantId: string): Promise<WatchedTenant | undefined>;
}

/** Deadline for a tenant's tokens, and for its licences: the largest tenants have thousands of either. */
const readWithinMs = 60_000;

/** Watches every allowed tenant, subscribed to or not, from its start to its stop. */
export function createMonitoring(parts: MonitoringParts): Monitoring {
  const { config, db, now, wait, log, registry } = parts;
  const tenants = createWatchedTenants(db);
  const tenantIds = config.allowedTenants;
  const metrics = createMonitoringMetrics({ registry, tenantIds, tenants, snapshots: createTokenSnapshots(db), now });
  const look = createLook({
    forApp: parts.graphs.forApp,
    renewAppToken: (tenantId) => parts.getAppToken(tenantId, { renew: true }),
    beta: config.graphBeta,
    readWithinMs,
    log,
  });
  const pass = createPass({
    ...{ look, db, intervalMs: config.monitorIntervalMs, now, random: Math.random, newId: newOpaqueId, log },
    createStores: (within) => ({
      tenants: createWatchedTenants(within),
      snapshots: createTokenSnapshots(within),
      alerts: createAlerts(within),
      subscriptions: parts.createSubscriptions(within),
      deliveries: parts.createDeliveries(within),
    }),
    onEvents(events) {
      metrics.countEvents(events);
      parts.onEvents();
    },
  });
  const monitor = createMonitor({
    ...{ tenants, tenantIds, pass, owner: newOpaqueId(), intervalMs: config.monitorIntervalMs, now, wait, log },
    onPass: metrics.countPass,
  });
  return {
    ...monitor,
    findTenant: tenants.find,
    askForLicenses: (tenantId) =>
      tenants
        .askForLicenses(tenantId.toLowerCase())
        .catch((error: unknown) => log.warn({ err: error, tenantId }, 'licences could not be asked for')),
  };
}
