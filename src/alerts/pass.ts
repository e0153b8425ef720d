import { type Alert, type AlertEvent, flapMs } from '../domain/alert.ts';
import { observeMonitoring } from '../domain/alert-observations.ts';
import type {
  AlertDeliveries,
  AlertSubscriptions,
  Alerts,
  TokenSnapshots,
  WatchedTenant,
  WatchedTenants,
} from '../domain/alert-repositories.ts';
import { stepAll } from '../domain/alert-steps.ts';
import { planDeliveries } from '../domain/subscription.ts';
import type { Db } from '../store/database.ts';
import { compare } from './compare.ts';
import type { Look, LookFor } from './look.ts';
import { blindSightings, sightingsOf } from './sightings.ts';
import { areLicensesDue, tenantAfter } from './tenant-after.ts';

/** `lost`: somebody else holds the tenant by now, and nothing was stored. */
export type PassOutcome = 'good' | 'failed' | 'lost';
export type Pass = (tenant: WatchedTenant, owner: string, signal: AbortSignal) => Promise<PassOutcome>;

export interface PassStores {
  readonly tenants: Pick<WatchedTenants, 'finish'>;
  readonly snapshots: TokenSnapshots;
  readonly alerts: Pick<Alerts, 'listOfTenant' | 'hasOpen' | 'put'>;
  readonly subscriptions: Pick<AlertSubscriptions, 'listOfTenant'>;
  readonly deliveries: Pick<AlertDeliveries, 'addAll'>;
}

export interface PassParts {
  readonly look: (asked: LookFor) => Promise<Look>;
  readonly db: Db;
  /** Over the database given, that of a transaction too. */
  readonly createStores: (db: Db) => PassStores;
  readonly intervalMs: number;
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly newId: () => string;
  /** Called once what it tells of is stored, with its deliveries. */
  readonly onEvents: (events: readonly AlertEvent[]) => void;
  readonly log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** Somebody changed an alert, such as by taking it on, between its reading and its writing. */
class Overtaken extends Error {}
const mostTries = 5;

/**
 * One pass over a tenant that this process holds: looks, and stores what came of it, all or nothing. Rejects when the store is away,
 * and with the signal's reason when it is aborted before the look has ended.
 */
export function createPass(parts: PassParts): Pass {
  const { now, newId, log } = parts;

  return async (before, owner, signal) => {
    const { tenantId, failure: lastFailure } = before;
    const startedAt = now();
    // An alert about them is over as soon as Intune says so, not a day later.
    const licenses =
      areLicensesDue(before, startedAt) || (await parts.createStores(parts.db).alerts.hasOpen(tenantId, 'licenses'));
    const look = await parts.look({ tenantId, licenses, ...(lastFailure && { lastFailure }), signal });
    const times = { startedAt, now: now(), intervalMs: parts.intervalMs, chance: parts.random() };

    async function storeOnce(seen: Look): Promise<readonly AlertEvent[] | undefined> {
      return parts.db.transaction().execute(async (within) => {
        const stores = parts.createStores(within);
        const after = tenantAfter(before, seen, times);
        // First of all: it shows that the tenant is still held here, and keeps everybody else from it until the end.
        if (!(await stores.tenants.finish(after, owner))) return undefined;
        const alerts = await stores.alerts.listOfTenant(tenantId, times.now - flapMs);
        const sightings = await sightingsIn(stores, seen, alerts);
        const ofTenant = { tokenId: '', observed: observeMonitoring(after) };
        const changed = stepAll(alerts, [...sightings, ofTenant], { tenantId, now: times.now, newId });
        for (const { alert } of changed) if (!(await stores.alerts.put(alert))) throw new Overtaken();
        const events = changed.flatMap(({ event }) => (event ? [event] : []));
        if (events.length === 0) return events;
        const subscriptions = await stores.subscriptions.listOfTenant(tenantId);
        await stores.deliveries.addAll(planDeliveries(events, subscriptions, times.now, newId));
        return events;
      });
    }

    async function sightingsIn({ snapshots }: PassStores, seen: Look, alerts: readonly Alert[]) {
      if (seen.kind === 'failed') return blindSightings(alerts);
      const { tokens, lacksBeta, apps } = seen;
      const compared = compare(await snapshots.listOfTenant(tenantId), { tenantId, tokens, lacksBeta, now: times.now });
      await snapshots.putAll(compared.changed);
      await snapshots.remove(tenantId, compared.gone);
      return sightingsOf(compared, apps, alerts, times.now);
    }

    async function store(): Promise<{ readonly seen: Look; readonly events: readonly AlertEvent[] | undefined }> {
      try {
        return { seen: look, events: await repeatedWhileOvertaken(() => storeOnce(look)) };
      } catch (error) {
        // What cannot be worked out must not end in silence: it counts as a failed pass. With the store away this fails, too.
        log.error({ err: error, tenantId }, 'what a look saw could not be stored');
        const seen: Look = { kind: 'failed', failure: { part: 'tokens', reason: 'unexpected' } };
        return { seen, events: await repeatedWhileOvertaken(() => storeOnce(seen)) };
      }
    }

    const { seen, events } = await store();
    if (!events) return 'lost';
    if (events.length > 0) parts.onEvents(events);
    const failed = seen.kind === 'failed' ? seen : seen.licenses;
    if (!failed) return 'good';
    log.warn({ tenantId, ...failed.failure, failedPasses: before.failedPasses + 1 }, 'a tenant could not be looked at');
    return 'failed';
  };
}

async function repeatedWhileOvertaken<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Overtaken) || tries >= mostTries) throw error;
    }
  }
}
