import type { SandboxOptions } from '../../sandbox/sandbox.ts';
import { createPass, type PassOutcome, type PassParts, type PassStores } from '../../src/alerts/pass.ts';
import { type Alert, type AlertEvent, chosenConditions } from '../../src/domain/alert.ts';
import type { WatchedTenant } from '../../src/domain/alert-repositories.ts';
import type { AlertSubscription } from '../../src/domain/subscription.ts';
import { createAlerts, createTokenSnapshots, createWatchedTenants } from '../../src/store/alerts.ts';
import type { Db } from '../../src/store/schema.ts';
import { createClock } from '../support/clock.ts';
import { createLines } from '../support/runtime.ts';
import { ada } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { startMonitoredSandbox } from './monitored-sandbox.ts';

export const intervalMs = 15 * 60_000;
export const hourMs = 60 * 60_000;
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
  readonly changes?: Partial<PassParts>;
  readonly sandbox?: SandboxOptions;
}

/** Passes over the company of a rehearsal tenant, one after the other, over a store of its own; time passes only when told. */
export async function startPasses(given: RigOptions = {}) {
  const { database = ':memory:', beta = false, readWithinMs = 20_000, changes, ...options } = given;
  const clock = createClock(Date.now());
  const rig = await startMonitoredSandbox({ ...options.sandbox, now: clock.now });
  const db = await openStore(database);
  const tenants = createWatchedTenants(db);
  const alerts = createAlerts(db);
  const snapshots = createTokenSnapshots(db);
  const { lines, log } = createLines();
  const told: AlertEvent[] = [];
  let ids = 0;
  const parts: PassParts = {
    look: rig.createLookWith({ beta, readWithinMs }),
    db,
    createStores: (within) => storesOver(within, rig.company),
    ...{ intervalMs, now: clock.now, random: () => 0.5, newId: () => `id-${++ids}`, log },
    onEvents: (events) => told.push(...events),
    ...changes,
  };
  const pass = createPass(parts);
  await tenants.watch([rig.company], clock.at);

  /** Waits until the next pass is due, at least `afterMs`, and makes it. */
  async function passOnce(afterMs = 0): Promise<Passed> {
    clock.at += afterMs;
    const { dueAt } = (await tenants.find(rig.company)) ?? { dueAt: 0 };
    clock.at = Math.max(clock.at, dueAt);
    const claimed = await tenants.claim('me', clock.at, leaseMs);
    if (!claimed) throw new Error('The tenant is not to be had.');
    const before = told.length;
    const outcome = await pass(claimed, 'me', new AbortController().signal);
    const events = told.slice(before).map(({ kind, alert }) => `${kind} ${alert.condition}/${alert.stage}`);
    const tenant = (await tenants.find(rig.company)) ?? claimed;
    return { outcome, events: events.sort(), tenant };
  }

  return {
    ...rig,
    ...{ clock, db, tenants, alerts, snapshots, lines, told, parts, pass, passOnce },
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
  ...{ id: 'subscription-1', tenantId, conversationId: '19:team@thread.tacv2', owner: ada, locale: 'en' },
  ...{ scope: 'all', events: chosenConditions, timeZone: 'Europe/Berlin', createdAt: 0 },
});

/** The stores that passes write to; one subscription to everything, and deliveries kept as they come. */
export const storesOver = (db: Db, tenantId: string): PassStores => ({
  tenants: createWatchedTenants(db),
  snapshots: createTokenSnapshots(db),
  alerts: createAlerts(db),
  subscriptions: { listOfTenant: async (asked) => (asked === tenantId ? [subscriptionTo(tenantId)] : []) },
  deliveries: {
    async addAll(deliveries) {
      for (const { id, subscriptionId, key, body, held, dueAt, attempts } of deliveries) {
        const row = { id, subscription_id: subscriptionId, key, body_json: JSON.stringify(body), held: held ? 1 : 0 };
        await db
          .insertInto('alert_deliveries')
          .values({ ...row, position: dueAt, due_at: dueAt, attempts })
          .execute();
      }
    },
  },
});
