import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RunOutcome } from '../domain/sync-run.ts';
import type { GraphObservation } from '../graph/request.ts';
import type { EntraObservation } from '../identity/entra.ts';
import { version } from '../lib/package-files.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { PoolUse } from '../store/schema.ts';

export interface TeamsObservation {
  readonly operation: 'post' | 'edit' | 'openChat' | 'findMember';
  readonly outcome: 'ok' | 'throttled' | 'refused' | 'failed' | 'unreachable' | 'noToken';
  readonly ms: number;
}

export interface SyncObservation {
  readonly outcome: RunOutcome;
  readonly ms: number;
}

export type TurnKind = 'message' | 'press' | 'signIn' | 'installation' | 'other';

/** Call at a turn's beginning. `run` does its work; `end` is to be called once all of it has ended, background work included. */
export type StartTurn = (kind: TurnKind) => {
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  readonly end: () => void;
};

export interface Metrics {
  readonly registry: Registry;
  readonly startTurn: StartTurn;
  /** Call when a turn failed in a way that nobody foresaw. */
  countFailure(): void;
  observeGraph(observation: GraphObservation): void;
  observeEntra(observation: EntraObservation): void;
  observeTeams(observation: TeamsObservation): void;
  observeSync(observation: SyncObservation): void;
  countInbound(status: number): void;
  /** Call when an audit entry could not be stored. */
  countAuditFailure(): void;
  /** Call with the milliseconds that work waited for a connection to the database. */
  observeStoreWait(ms: number): void;
  /** The database has a pool of connections. */
  watchPool(readUse: () => PoolUse): void;
}

interface MetricsOptions {
  /** The SDK that hosts the bot. */
  readonly host?: string;
  /** Also measures the process, its event loop and its garbage collection, which costs a little. */
  readonly withProcess?: boolean;
}

/** Metrics of one process, for /metrics. Labels hold no ids and no names, and have few values each. */
export function createMetrics({ host = '', withProcess = false }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (withProcess) measureProcess(registry);

  const build = new Gauge({
    name: 'vpp_build_info',
    help: 'Always 1; its labels are the version of the bot and the SDK that hosts it',
    labelNames: ['version', 'host'] as const,
    registers,
  });
  build.set({ version, host }, 1);
  const turns = new Histogram({
    name: 'vpp_turn_duration_seconds',
    help: 'Turns from the activity to the last message of its answer; a sync that goes on afterwards is not part of it',
    labelNames: ['kind'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  for (const kind of turnKinds) turns.zero({ kind });
  const failures = new Counter({
    name: 'vpp_turn_failures_total',
    help: 'Turns that failed in a way that nobody foresaw, and whose person reads so',
    registers,
  });
  const graph = new Histogram({
    name: 'vpp_graph_request_duration_seconds',
    help: 'Attempts at Microsoft Graph, by path template and status; "none" when no answer came',
    labelNames: ['method', 'path', 'status'] as const,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const entra = new Counter({
    name: 'vpp_entra_requests_total',
    help: 'Requests for a token to Graph, by flow and outcome: "ok", or the reason why Entra gave none',
    labelNames: ['flow', 'outcome'] as const,
    registers,
  });
  const entraTimes = new Histogram({
    name: 'vpp_entra_request_duration_seconds',
    help: 'Requests for a token to Graph, by flow',
    labelNames: ['flow'] as const,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  for (const flow of entraFlows) {
    entraTimes.zero({ flow });
    for (const outcome of entraOutcomes) entra.inc({ flow, outcome }, 0);
  }
  const teams = new Counter({
    name: 'vpp_teams_requests_total',
    help: "Attempts at Teams' connector, by operation and outcome",
    labelNames: ['operation', 'outcome'] as const,
    registers,
  });
  const teamsTimes = new Histogram({
    name: 'vpp_teams_request_duration_seconds',
    help: "Attempts at Teams' connector, by operation",
    labelNames: ['operation'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  for (const operation of teamsOperations) {
    teamsTimes.zero({ operation });
    for (const outcome of teamsOutcomes) teams.inc({ operation, outcome }, 0);
  }
  const syncs = new Histogram({
    name: 'vpp_sync_duration_seconds',
    help: 'Followed syncs from the request to the end that was seen, by how they ended',
    labelNames: ['outcome'] as const,
    buckets: [1, 2.5, 5, 10, 30, 60, 120, 300, 900],
    registers,
  });
  for (const outcome of syncOutcomes) syncs.zero({ outcome });
  const inbound = new Counter({
    name: 'vpp_inbound_total',
    help: 'Requests to /api/messages by the status they were answered with',
    labelNames: ['status'] as const,
    registers,
  });
  startAtZero(inbound, 'status', ['200', '400', '401', '403', '412', '413', '429', '501']);
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
  let readUse: (() => PoolUse) | undefined;
  const connections = new Gauge({
    name: 'vpp_store_connections',
    help: 'Connections to PostgreSQL that this process may open, by state; none with SQLite',
    labelNames: ['state'] as const,
    registers,
    collect() {
      if (!readUse) return;
      const { used, most } = readUse();
      connections.set({ state: 'used' }, used);
      connections.set({ state: 'free' }, most - used);
    },
  });
  const waiting = new Gauge({
    name: 'vpp_store_waiting',
    help: 'Queries and transactions that wait for a connection to PostgreSQL right now',
    registers,
    collect() {
      waiting.set(readUse?.().waiting ?? 0);
    },
  });

  return {
    registry,
    startTurn(kind) {
      const end = turns.startTimer({ kind });
      return { run: (work) => work(), end: () => void end() };
    },
    countFailure: () => failures.inc(),
    observeGraph: ({ method, path, status, ms }) =>
      graph.observe({ method, path, status: String(status ?? 'none') }, ms / 1000),
    observeEntra({ flow, outcome, ms }) {
      entra.inc({ flow, outcome });
      entraTimes.observe({ flow }, ms / 1000);
    },
    observeTeams({ operation, outcome, ms }) {
      teams.inc({ operation, outcome });
      teamsTimes.observe({ operation }, ms / 1000);
    },
    observeSync: ({ outcome, ms }) => syncs.observe({ outcome }, ms / 1000),
    countInbound: (status) => inbound.inc({ status: String(status) }),
    countAuditFailure: () => auditFailures.inc(),
    observeStoreWait: (ms) => storeWaits.observe(ms / 1000),
    watchPool(read) {
      readUse = read;
    },
  };
}

const turnKinds: readonly TurnKind[] = ['message', 'press', 'signIn', 'installation', 'other'];
const entraFlows: readonly EntraObservation['flow'][] = ['onBehalfOf', 'code', 'app'];
/** The other outcomes are refusals of one person or tenant, of which no alarm is made. */
const entraOutcomes: readonly EntraObservation['outcome'][] = [
  'ok',
  'wrongClientSecret',
  'throttled',
  'unavailable',
  'refused',
];
const teamsOperations: readonly TeamsObservation['operation'][] = ['post', 'edit', 'openChat', 'findMember'];
const teamsOutcomes: readonly TeamsObservation['outcome'][] = [
  'ok',
  'throttled',
  'refused',
  'failed',
  'unreachable',
  'noToken',
];
const syncOutcomes: readonly RunOutcome[] = [
  'completed',
  'failed',
  'stuck',
  'noResult',
  'deleted',
  'notStarted',
  'refusedLate',
  'lost',
];

/** A counter that is not there before its first event hides that event: Prometheus sees no increase. */
export function startAtZero<L extends string>(counter: Counter<L>, label: L, values: readonly string[]): void {
  for (const value of values) counter.inc({ [label]: value } as Record<L, string>, 0);
}

/** promtool objects to these: they are gauges that are named like counters. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

function measureProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
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
