import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import type {
  AlertRepositories,
  InAlertTransaction,
  LastPass,
  WatchedTenant,
  WatchedTenants,
} from '../domain/alert-repositories.ts';
import type { Graphs } from '../identity/graphs.ts';
import type { AppTokens } from '../identity/tokens.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import { createWorkerLoop, whileLeased } from '../lib/worker.ts';
import { createMonitoringMetrics } from '../telemetry/alert-metrics.ts';
import { createPass, type Pass, type PassOutcome } from './pass.ts';
import { createReadTenant } from './read-tenant.ts';

interface MonitoringParts {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly repositories: AlertRepositories;
  readonly inAlertTransaction: InAlertTransaction;
  readonly graphs: Graphs;
  readonly getAppToken: AppTokens['getAppToken'];
  readonly registry: Registry;
  /** Called when deliveries may have been queued. */
  readonly onEvents: () => void;
}

interface Monitoring extends Monitor {
  /** Makes the tenant's next pass read licenses, as after a sync. Never rejects. */
  askForLicenses(tenantId: string): Promise<void>;
}

/** Deadline for a tenant's tokens, and another for its licenses: the largest tenants have thousands of either. */
const readWithinMs = minuteMs;

/** Watches every allowed tenant, subscribed to or not, from its start to its stop. */
export function createMonitoring(parts: MonitoringParts): Monitoring {
  const { runtime, config, repositories, inAlertTransaction, graphs, getAppToken, registry } = parts;
  const { allowedTenants: tenantIds, monitorIntervalMs: intervalMs, graphBeta: beta } = config;
  const { tenants } = repositories;
  const metrics = createMonitoringMetrics({ registry, tenantIds, repositories, runtime });
  const readTenant = createReadTenant({
    runtime,
    forApp: graphs.forApp,
    renewAppToken: (tenantId) => getAppToken(tenantId, { renew: true }),
    beta,
    readWithinMs,
  });
  const pass = createPass({
    runtime,
    readTenant,
    repositories,
    inAlertTransaction,
    intervalMs,
    onEvents(events) {
      metrics.countEvents(events);
      parts.onEvents();
    },
  });
  const owner = newOpaqueId();
  const monitor = createMonitor({ runtime, tenants, tenantIds, pass, owner, intervalMs, onPass: metrics.countPass });
  return {
    ...monitor,
    askForLicenses: (tenantId) =>
      tenants
        .askForLicenses(tenantId.toLowerCase())
        .catch((error: unknown) => runtime.log.warn({ err: error, tenantId }, 'licenses could not be asked for')),
  };
}

export interface MonitorParts {
  readonly runtime: Runtime;
  readonly tenants: WatchedTenants;
  readonly tenantIds: readonly string[];
  readonly pass: Pass;
  /** Lease owner: this process alone, new at every start. */
  readonly owner: string;
  readonly intervalMs: number;
  /** `broken`: not even the failure of the pass could be stored. */
  readonly onPass: (outcome: PassOutcome | 'broken') => void;
}

interface Monitor {
  /** Makes a pass over every tenant at once, and from then on whenever one is due. */
  start(): Promise<void>;
  /** Aborts the passes under way, and resolves when the leases of their tenants are released. */
  stop(): Promise<void>;
}

interface RunningPass {
  readonly lastPass: LastPass;
  readonly at: number;
  readonly aborting: AbortController;
  readonly done: Promise<void>;
}

/** So many tenants are read side by side, and so many of those whose last pass failed beside them. */
const atOnce = 8;
/** A pass that takes longer leaves its place to others: a silent tenant costs only itself. */
const slowAfterMs = 3_000;
/** Passes beyond these keep their places, however slow. */
const mostSlow = 64;
/** When a process dies, its tenants are free for others after this long. */
const leaseMs = 20_000;
const renewEveryMs = 5_000;
const longestPollMs = 5_000;

/**
 * Makes a pass over each tenant that is due, in this process or in another one with the same database, and never two at once over
 * one tenant. No failure ends it: a broken pass is repeated once its lease has expired, and a database that is down is asked ever
 * more rarely.
 */
export function createMonitor({ runtime, tenants, tenantIds, pass, owner, intervalMs, onPass }: MonitorParts): Monitor {
  const { now, wait, log } = runtime;
  const running = new Map<string, RunningPass>();
  /** Tenants that were due again before their pass was over: nobody else would end that claim before its lease expires. */
  const claimedAgain = new Set<string>();
  let isWatching = false;

  const release = ({ tenantId }: WatchedTenant) =>
    tenants
      .release(tenantId, owner)
      .catch((error: unknown) => log.warn({ err: error, tenantId }, 'a tenant could not be released'));

  async function passOver(tenant: WatchedTenant, aborting: AbortController): Promise<void> {
    const { tenantId } = tenant;
    const lease = {
      renew: () => tenants.renewLease(tenantId, owner, now(), leaseMs),
      everyMs: renewEveryMs,
      wait,
      onLost: () => aborting.abort(),
    };
    try {
      onPass(await whileLeased(lease, () => pass(tenant, owner, aborting.signal)));
    } catch (error) {
      if (loop.stopping.aborted) return release(tenant);
      if (aborting.signal.aborted) return onPass('lost');
      onPass('broken');
      log.error({ err: error, tenantId }, 'a pass failed and could not be stored');
    }
  }

  function begin(tenant: WatchedTenant): void {
    const { tenantId } = tenant;
    const aborting = new AbortController();
    const done = passOver(tenant, aborting)
      .then(() => (claimedAgain.delete(tenantId) ? release(tenant) : undefined))
      .finally(() => {
        running.delete(tenantId);
        loop.wake();
      });
    running.set(tenantId, { lastPass: tenant.failedPasses === 0 ? 'good' : 'failed', at: now(), aborting, done });
  }

  function hasPlace(lastPass: LastPass): boolean {
    const all = [...running.values()].filter((each) => each.lastPass === lastPass);
    if (lastPass === 'failed') return all.length < atOnce;
    const slow = all.filter(({ at }) => Math.abs(now() - at) >= slowAfterMs);
    return all.length - Math.min(slow.length, mostSlow) < atOnce;
  }

  /** Begins passes over due tenants, as many as may run at once. Those that failed last time take no place from the others. */
  async function claimDue(lastPass: LastPass): Promise<void> {
    while (!loop.stopping.aborted && hasPlace(lastPass)) {
      const tenant = await tenants.claim(owner, now(), leaseMs, lastPass);
      if (!tenant) return;
      // A clock that jumped ahead ends leases early: a tenant with a pass in this process is ours, and its pass goes on.
      if (running.has(tenant.tenantId)) {
        claimedAgain.add(tenant.tenantId);
        continue;
      }
      if (loop.stopping.aborted) return release(tenant);
      begin(tenant);
    }
  }

  const loop = createWorkerLoop({
    async pass() {
      if (!isWatching) await tenants.watch(tenantIds, now());
      isWatching = true;
      await claimDue('good');
      await claimDue('failed');
      return Math.min(longestPollMs, intervalMs / 20);
    },
    wait,
    onFailure: (error) => log.warn({ err: error }, 'tenants that are due could not be claimed; it is retried'),
    longestRestMs: minuteMs,
  });

  return {
    async start() {
      loop.start();
    },
    async stop() {
      const stopped = loop.stop();
      for (const { aborting } of running.values()) aborting.abort();
      await stopped;
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
