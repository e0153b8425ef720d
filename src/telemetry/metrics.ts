import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AlertEvent } from '../domain/alert.ts';
import type { AlertDeliveries, AlertRepositories, DeliveryOutcome } from '../domain/alert-repositories.ts';
import type { GraphObservation } from '../graph/request.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs } from '../lib/time.ts';

export interface Metrics {
  readonly registry: Registry;
  observeGraph(observation: GraphObservation): void;
  countInbound(status: number): void;
  countSync(outcome: string): void;
  /** Call when an audit entry could not be stored. */
  countAuditFailure(): void;
  /** Call with the milliseconds that work waited for a connection to the database. */
  observeStoreWait(ms: number): void;
}

/** Metrics of the process, for /metrics. Labels hold no ids and no names. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const graph = new Histogram({
    name: 'vpp_graph_request_duration_seconds',
    help: 'Attempts at Microsoft Graph, by path template and status; "none" when no answer came',
    labelNames: ['method', 'path', 'status'] as const,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const inbound = new Counter({
    name: 'vpp_inbound_total',
    help: 'Requests to /api/messages by the status they were answered with',
    labelNames: ['status'] as const,
    registers,
  });
  const syncs = new Counter({
    name: 'vpp_sync_total',
    help: 'Followed syncs by how they ended',
    labelNames: ['outcome'] as const,
    registers,
  });
  const auditFailures = new Counter({
    name: 'vpp_audit_failures_total',
    help: 'Entries of the audit that could not be stored',
    registers,
  });
  const storeWaits = new Histogram({
    name: 'vpp_store_wait_seconds',
    help: 'Time that queries and transactions waited for one of the connections to PostgreSQL; SQLite has one and is not counted',
    buckets: [0.005, 0.025, 0.1, 0.25, 1, 5],
    registers,
  });
  return {
    registry,
    observeGraph: ({ method, path, status, ms }) =>
      graph.observe({ method, path, status: String(status ?? 'none') }, ms / 1000),
    countInbound: (status) => inbound.inc({ status: String(status) }),
    countSync: (outcome) => syncs.inc({ outcome }),
    countAuditFailure: () => auditFailures.inc(),
    observeStoreWait: (ms) => storeWaits.observe(ms / 1000),
  };
}

export interface MetricsServer {
  /** Resolves to the port; rejects, naming METRICS_PORT, when it is not to be had. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

/** Answers given meanwhile are the same text, so that scrapes cost the database little however many there are. */
const rememberedMs = 5_000;

/** Serves `GET /metrics` on a port of its own, for Prometheus inside the network, and nothing else. */
export function createMetricsServer(registry: Registry, now: Runtime['now']): MetricsServer {
  let last: { readonly at: number; readonly text: Promise<string> } | undefined;

  function read(): Promise<string> {
    const at = now();
    if (last && at >= last.at && at - last.at < rememberedMs) return last.text;
    last = { at, text: registry.metrics() };
    return last.text;
  }

  const server = createServer(async (request, response) => {
    request.resume();
    const isAsked =
      (request.method === 'GET' || request.method === 'HEAD') && request.url?.split('?')[0] === '/metrics';
    // Not chained: restify, in the same process, replaces `writeHead` with one that returns nothing.
    if (!isAsked) {
      response.statusCode = 404;
      response.end();
      return;
    }
    try {
      const text = await read();
      response.setHeader('content-type', registry.contentType);
      response.end(text);
    } catch {
      last = undefined;
      response.statusCode = 500;
      response.end();
    }
  });

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', (cause) =>
          reject(new Error(`METRICS_PORT ${port} cannot be had: ${cause.message}`, { cause })),
        );
        server.listen(port, () => resolve((server.address() as AddressInfo).port));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

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
  const alerts = new Counter({
    name: 'vpp_alerts_total',
    help: 'Events of alerts, each once however many conversations get it',
    labelNames: ['condition', 'stage', 'event'] as const,
    registers,
  });
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
    name: 'vpp_token_expiry_days',
    help: 'Tokens by the days left until they expire, as they were last seen; bucket 0 holds those that have expired',
    buckets: [0, 1, 3, 7, 14, 30, 60, 90, 180, 365],
    registers,
    async collect() {
      const counts = await unlessDown(repositories.snapshots.countByExpiry(tenantIds));
      expiry.reset();
      for (const { expiresAt, count } of counts ?? []) {
        const left = (expiresAt - runtime.now()) / dayMs;
        for (let n = 0; n < count; n += 1) expiry.observe(left);
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
