import { Counter, Histogram, Registry } from 'prom-client';
import type { GraphObservation } from './graph/client.ts';

export interface Metrics {
  readonly registry: Registry;
  observeGraph(observation: GraphObservation): void;
  countInbound(status: number): void;
  countSync(outcome: string): void;
  /** Something that was to be kept in the audit could not be stored. */
  countAuditFailure(): void;
}

/** What Prometheus may read at /metrics. Labels hold no ids and no names. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const graph = new Histogram({
    name: 'vpp_graph_request_duration_seconds',
    help: 'Attempts at Microsoft Graph, by path template and status; "none" when no answer came',
    labelNames: ['method', 'path', 'status'] as const,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const inbound = new Counter({
    name: 'vpp_inbound_total',
    help: 'Requests to /api/messages by the status they were answered with',
    labelNames: ['status'] as const,
    registers: [registry],
  });
  const syncs = new Counter({
    name: 'vpp_sync_total',
    help: 'Followed syncs by how they ended',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const auditFailures = new Counter({
    name: 'vpp_audit_failures_total',
    help: 'Entries of the audit that could not be stored',
    registers: [registry],
  });
  return {
    registry,
    observeGraph: ({ method, path, status, ms }) =>
      graph.observe({ method, path, status: String(status ?? 'none') }, ms / 1000),
    countInbound: (status) => inbound.inc({ status: String(status) }),
    countSync: (outcome) => syncs.inc({ outcome }),
    countAuditFailure: () => auditFailures.inc(),
  };
}
