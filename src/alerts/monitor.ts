import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import type {
  AlertDeliveries,
  AlertSubscriptions,
  WatchedTenant,
  WatchedTenants,
} from '../domain/alert-repositories.ts';
import type { Graphs } from '../identity/graphs.ts';
import type { AppTokens } from '../identity/tokens.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Log } from '../lib/runtime.ts';
import { whileLeased } from '../lib/worker.ts';
import { createAlerts, createTokenSnapshots, createWatchedTenants } from '../store/alerts.ts';
import type { Db } from '../store/schema.ts';
import { createMonitoringMetrics } from '../telemetry/metrics.ts';
import { createPass, type Pass, type PassOutcome } from './pass.ts';
import { createReadTenant } from './read-tenant.ts';

export interface MonitorParts {
  readonly tenants: WatchedTenants;
  readonly tenantIds: readonly string[];
  readonly pass: Pass;
  /** Of this process alone, new at every start. */
  readonly owner: string;
  readonly intervalMs: number;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** `broken`: the pass could not even be stored. */
  readonly onPass: (outcome: PassOutcome | 'broken') => void;
  readonly log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

interface Monitor {
  /** Looks at every tenant at once, and from then on whenever one is due, until it is stopped. */
  start(): Promise<void>;
  /** Breaks off the looks that go on, and resolves when their tenants are given back. */
  stop(): Promise<void>;
}

/** So many tenants are looked at side by side. */
const atOnce = 4;
/** A process that dies keeps its tenants from the others for this long. */
const leaseMs = 20_000;
const keepEveryMs = 5_000;
const longestPollMs = 5_000;
const longestBackOffMs = 60_000;

/**
 * Takes up whatever tenant is due, in this process or in any other with the same store, and never two at once of one tenant. No
 * failure ends it: a pass that breaks waits for the end of its lease, and a store that is away is asked again ever more rarely.
 */
export function createMonitor(parts: MonitorParts): Monitor {
  const { tenants, owner, now, log } = parts;
  const going = new Map<string, { readonly breaking: AbortController; readonly done: Promise<void> }>();
  let isStopping = false;
  let rest = new AbortController();
  let loop = Promise.resolve();

  /** Only gives it back: what it was claimed with is what is stored. */
  const giveBack = (tenant: WatchedTenant) =>
    tenants.finish(tenant, owner).then(
      () => undefined,
      (error: unknown) => log.warn({ err: error, tenantId: tenant.tenantId }, 'a tenant could not be given back'),
    );

  async function passOver(tenant: WatchedTenant, breaking: AbortController): Promise<void> {
    const { tenantId } = tenant;
    const lease = {
      renew: () => tenants.renewLease(tenantId, owner, now(), leaseMs),
      everyMs: keepEveryMs,
      wait: parts.wait,
      onLost: () => breaking.abort(),
    };
    try {
      parts.onPass(await whileLeased(lease, () => parts.pass(tenant, owner, breaking.signal)));
    } catch (error) {
      if (isStopping) return giveBack(tenant);
      if (breaking.signal.aborted) return parts.onPass('lost');
      parts.onPass('broken');
      log.error({ err: error, tenantId }, 'a pass broke off');
    }
  }

  function begin(tenant: WatchedTenant): void {
    const { tenantId } = tenant;
    const breaking = new AbortController();
    const done = passOver(tenant, breaking).finally(() => {
      going.delete(tenantId);
      rest.abort();
    });
    going.set(tenantId, { breaking, done });
  }

  /** Begins what is due, as far as there is room. */
  async function takeUp(): Promise<void> {
    while (!isStopping && going.size < atOnce) {
      const tenant = await tenants.claim(owner, now(), leaseMs);
      if (!tenant) return;
      // A clock that jumped ahead ends leases early: one that is still looked at here is ours, and goes on.
      if (going.has(tenant.tenantId)) continue;
      if (isStopping) return giveBack(tenant);
      begin(tenant);
    }
  }

  async function run(): Promise<void> {
    const pollMs = Math.min(longestPollMs, parts.intervalMs / 20);
    let isWatching = false;
    let backOffMs = 0;
    while (!isStopping) {
      rest = new AbortController();
      try {
        if (!isWatching) await tenants.watch(parts.tenantIds, now());
        isWatching = true;
        await takeUp();
        backOffMs = 0;
      } catch (error) {
        backOffMs = Math.min(longestBackOffMs, Math.max(1_000, backOffMs * 2));
        log.warn({ err: error, waitMs: backOffMs }, 'the store could not tell which tenant is due');
      }
      if (!isStopping) await parts.wait(backOffMs || pollMs, rest.signal);
    }
  }

  return {
    async start() {
      loop = run();
    },
    async stop() {
      isStopping = true;
      rest.abort();
      for (const { breaking } of going.values()) breaking.abort();
      await loop;
      await Promise.all([...going.values()].map(({ done }) => done));
    },
  };
}

interface MonitoringParts {
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

interface Monitoring extends Monitor {
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
  const look = createReadTenant({
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
