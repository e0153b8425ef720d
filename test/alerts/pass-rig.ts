import type { SandboxOptions } from '../../sandbox/sandbox.ts';
import { createPass, type PassOutcome } from '../../src/alerts/pass.ts';
import { type Alert, type AlertEvent, chosenConditions } from '../../src/domain/alert.ts';
import type { AlertRepositories, WatchedTenant } from '../../src/domain/alert-repositories.ts';
import type { AlertSubscription } from '../../src/domain/subscription.ts';
import { createAlerts, createWatchedTenants } from '../../src/store/alerts.ts';
import { inTransaction } from '../../src/store/leases.ts';
import type { Db } from '../../src/store/schema.ts';
import { createAlertRepositories } from '../../src/store/stores.ts';
import { createTokenSnapshots } from '../../src/store/token-snapshots.ts';
import { createClock } from '../support/clock.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { ada } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { startMonitoredSandbox } from './monitored-sandbox.ts';

export const intervalMs = 15 * 60_000;
const leaseMs = 20_000;

export interface Passed {
  readonly outcome: PassOutcome;
  /** `kind condition/stage`, sorted. */
  readonly events: readonly string[];
  readonly tenant: WatchedTenant;
}

interface RigOptions {
  readonly database?: Parameters<typeof openStore>[0];
  readonly beta?: boolean;
  readonly readWithinMs?: number;
  readonly sandbox?: SandboxOptions;
}

/** Passes over the company of a rehearsal tenant, one after the other, over a store of its own; time passes only by hand. */
export async function startPasses(given: RigOptions = {}) {
  const { database = ':memory:', beta = false, readWithinMs = 20_000, ...options } = given;
  const clock = createClock(Date.now());
  const rig = await startMonitoredSandbox({ ...options.sandbox, now: clock.now });
  const db = await openStore(database);
  const tenants = createWatchedTenants(db);
  const alerts = createAlerts(db);
  const snapshots = createTokenSnapshots(db);
  const { lines, log } = createLines();
  const events: AlertEvent[] = [];
  /** A test may put doubles in place of the stores that transactions use. */
  const replace = { stores: (stores: AlertRepositories, _within: Db): AlertRepositories => stores };
  const pass = createPass({
    runtime: createRuntime({ now: clock.now, log }),
    readTenant: rig.createReadTenantWith({ beta, readWithinMs }),
    repositories: storesOver(db, rig.company),
    inAlertTransaction: (work) =>
      inTransaction(db, (within) => work(replace.stores(storesOver(within, rig.company), within))),
    intervalMs,
    onEvents: (stored) => events.push(...stored),
  });
  await tenants.watch([rig.company], clock.at);

  /** Waits until the next pass is due, at least `afterMs`, and makes it. */
  async function passOnce(afterMs = 0): Promise<Passed> {
    clock.at += afterMs;
    const { dueAt } = (await tenants.find(rig.company)) ?? { dueAt: 0 };
    clock.at = Math.max(clock.at, dueAt);
    const claimed = await tenants.claim('me', clock.at, leaseMs);
    if (!claimed) throw new Error('The tenant is not to be had.');
    const before = events.length;
    const outcome = await pass(claimed, 'me', new AbortController().signal);
    const words = events.slice(before).map(({ kind, alert }) => `${kind} ${alert.condition}/${alert.stage}`);
    const tenant = (await tenants.find(rig.company)) ?? claimed;
    return { outcome, events: words.sort(), tenant };
  }

  return {
    ...rig,
    clock,
    db,
    tenants,
    alerts,
    snapshots,
    lines,
    events,
    replace,
    pass,
    passOnce,
    listOpen: () => alerts.listOpen(rig.company),
    async findOpen(tokenId: string, condition: string): Promise<Alert | undefined> {
      const open = await alerts.listOpen(rig.company);
      return open.find((alert) => alert.tokenId === tokenId && alert.condition === condition);
    },
    listDeliveries: () => db.selectFrom('alert_deliveries').selectAll().orderBy('position').execute(),
    /** The token whose Apple ID begins so. */
    tokenOf(name: string) {
      const found = rig.graph.listTokens(rig.company).find(({ appleId }) => appleId.startsWith(`${name}@`));
      if (!found) throw new Error(`No token has the Apple ID ${name}@…`);
      return found;
    },
  };
}

export const subscriptionTo = (tenantId: string): AlertSubscription => ({
  id: 'subscription-1',
  tenantId,
  conversationId: '19:team@thread.tacv2',
  owner: ada,
  locale: 'en',
  scope: 'all',
  events: chosenConditions,
  timeZone: 'Europe/Berlin',
  createdAt: 0,
});

/** All stores, with one subscription to everything of the tenant, and deliveries kept as they come. */
export function storesOver(db: Db, tenantId: string): AlertRepositories {
  const stores = createAlertRepositories(db);
  return {
    ...stores,
    subscriptions: {
      ...stores.subscriptions,
      listPage: async (asked) => ({ subscriptions: asked === tenantId ? [subscriptionTo(tenantId)] : [] }),
    },
    deliveries: {
      ...stores.deliveries,
      async addAll(deliveries) {
        for (const { id, subscriptionId, key, body, held, dueAt, attempts } of deliveries) {
          const row = {
            id,
            subscription_id: subscriptionId,
            key,
            body_json: JSON.stringify(body),
            held: held ? 1 : 0,
            position: dueAt,
            due_at: dueAt,
            attempts,
          };
          const adding = db.insertInto('alert_deliveries').values(row);
          await adding.onConflict((conflict) => conflict.column('key').doNothing()).execute();
        }
      },
    },
  };
}
