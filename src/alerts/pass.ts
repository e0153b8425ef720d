import { isDeepStrictEqual } from 'node:util';
import { type Alert, type AlertEvent, flapMs, type TokenSnapshot } from '../domain/alert.ts';
import { type FailedReading, observeMonitoring, observeToken } from '../domain/alert-observations.ts';
import type {
  AlertDeliveries,
  AlertSubscriptions,
  Alerts,
  TokenSnapshots,
  WatchedTenant,
  WatchedTenants,
} from '../domain/alert-repositories.ts';
import { stepAlerts, type TokenObservation } from '../domain/alert-steps.ts';
import { planDeliveries } from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import { dayMs, findInstant, hourMs } from '../lib/time.ts';
import { inTransaction } from '../store/leases.ts';
import type { Db } from '../store/schema.ts';
import type { ReadTenantRequest, TenantReading } from './read-tenant.ts';

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
  readonly look: (asked: ReadTenantRequest) => Promise<TenantReading>;
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

    async function storeOnce(seen: TenantReading): Promise<readonly AlertEvent[] | undefined> {
      return inTransaction(parts.db, async (within) => {
        const stores = parts.createStores(within);
        const after = tenantAfter(before, seen, times);
        // First of all: it shows that the tenant is still held here, and keeps everybody else from it until the end.
        if (!(await stores.tenants.finish(after, owner))) return undefined;
        const alerts = await stores.alerts.listOfTenant(tenantId, times.now - flapMs);
        const sightings = await observationsIn(stores, seen, alerts);
        const ofTenant = { tokenId: '', observed: observeMonitoring(after) };
        const changed = stepAlerts(alerts, [...sightings, ofTenant], { tenantId, now: times.now, newId });
        for (const { alert } of changed) if (!(await stores.alerts.put(alert))) throw new Overtaken();
        const events = changed.flatMap(({ event }) => (event ? [event] : []));
        if (events.length === 0) return events;
        const subscriptions = await stores.subscriptions.listOfTenant(tenantId);
        await stores.deliveries.addAll(planDeliveries(events, subscriptions, times.now, newId));
        return events;
      });
    }

    async function observationsIn({ snapshots }: PassStores, seen: TenantReading, alerts: readonly Alert[]) {
      if (seen.kind === 'failed') return blindSightings(alerts);
      const { tokens, betaMissing, apps } = seen;
      const compared = compare(await snapshots.listOfTenant(tenantId), {
        tenantId,
        tokens,
        betaMissing,
        now: times.now,
      });
      await snapshots.putAll(compared.changed);
      await snapshots.remove(tenantId, compared.gone);
      return observationsOf(compared, apps, alerts, times.now);
    }

    async function store(): Promise<{
      readonly seen: TenantReading;
      readonly events: readonly AlertEvent[] | undefined;
    }> {
      try {
        return { seen: look, events: await repeatedWhileOvertaken(() => storeOnce(look)) };
      } catch (error) {
        // What cannot be worked out must not end in silence: it counts as a failed pass. With the store away this fails, too.
        log.error({ err: error, tenantId }, 'what a look saw could not be stored');
        const seen: TenantReading = { kind: 'failed', failure: { part: 'tokens', reason: 'unexpected' } };
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

interface PassTimes {
  readonly startedAt: number;
  readonly now: number;
  readonly intervalMs: number;
  /** From 0 up to 1. */
  readonly chance: number;
}

const licensesEveryMs = dayMs;
/** A time Graph asks for is kept to, within reason. */
const longestRestMs = hourMs;

/** Licences are read daily, and whenever they were asked for or could not be read; also when the clock was set back. */
export function areLicensesDue({ licensesAt }: WatchedTenant, now: number): boolean {
  return licensesAt === undefined || now < licensesAt || now - licensesAt >= licensesEveryMs;
}

/** How a pass went, as it is kept. The next one begins an interval after this one began, a twentieth more or less. */
export function tenantAfter(before: WatchedTenant, look: TenantReading, times: PassTimes): WatchedTenant {
  const { now } = times;
  const failed = look.kind === 'failed' ? look : look.licenses;
  const licensesAt = look.kind === 'seen' && look.apps ? now : before.licensesAt;
  const kept = {
    tenantId: before.tenantId,
    dueAt: nextAt(times, failed),
    passedAt: now,
    ...(licensesAt !== undefined && { licensesAt }),
  };
  if (!failed) return { ...kept, goodAt: now, failedPasses: 0 };
  return {
    ...kept,
    ...(before.goodAt !== undefined && { goodAt: before.goodAt }),
    failedPasses: before.failedPasses + 1,
    failure: failed.failure,
  };
}

function nextAt({ startedAt, now, intervalMs, chance }: PassTimes, failed: FailedReading | undefined): number {
  const regular = startedAt + Math.round(intervalMs * (0.95 + 0.1 * chance));
  return Math.max(regular, now + Math.min(failed?.retryAfterMs ?? 0, longestRestMs));
}

/** All that a good look has to say of the tokens that are there, and of alerts whose tokens are not there any more. */
function observationsOf(
  { current }: Compared,
  apps: Extract<TenantReading, { kind: 'seen' }>['apps'],
  alerts: readonly Alert[],
  now: number,
): TokenObservation[] {
  const there = new Set(current.map(({ token }) => token.id));
  const seen = current.flatMap((snapshot) => {
    const { token } = snapshot;
    const facts = { ...factsOf(snapshot), ...withApps(apps, token.id) };
    return observeToken(facts, now).map((observed) => ({ tokenId: token.id, token, observed }));
  });
  const gone = openOnesOfTokens(alerts)
    .filter(({ tokenId }) => !there.has(tokenId))
    .map(({ tokenId, condition }) => ({
      tokenId,
      observed: { condition, is: 'absent', ending: 'deleted' } as const,
    }));
  return [...seen, ...gone];
}

/** What is left to say when nothing was seen: it may be time to remind of what stood last. */
const blindSightings = (alerts: readonly Alert[]): TokenObservation[] =>
  openOnesOfTokens(alerts).map(({ tokenId, condition }) => ({ tokenId, observed: { condition, is: 'unknown' } }));

const openOnesOfTokens = (alerts: readonly Alert[]) =>
  alerts.filter(({ tokenId, endedAt }) => tokenId !== '' && endedAt === undefined);

const factsOf = ({ token, firstSeenAt, completedAt, inProgressSince }: TokenSnapshot) => ({
  token,
  firstSeenAt,
  ...(completedAt !== undefined && { completedAt }),
  ...(inProgressSince !== undefined && { inProgressSince }),
});

/** Licences that were read say something of every token, of one without apps too. */
const withApps = (apps: Extract<TenantReading, { kind: 'seen' }>['apps'], tokenId: string) =>
  apps ? { apps: apps.get(tokenId) ?? { apps: [], isApproximate: false } } : {};

interface Seen {
  readonly tenantId: string;
  readonly tokens: readonly VppToken[];
  readonly betaMissing: boolean;
  readonly now: number;
}

interface Compared {
  /** Of every token that is there. */
  readonly current: readonly TokenSnapshot[];
  /** Those of them that have to be written. */
  readonly changed: readonly TokenSnapshot[];
  /** Ids of tokens that are there no more. */
  readonly gone: readonly string[];
}

/** What a look saw, against what was last seen. */
export function compare(before: readonly TokenSnapshot[], seen: Seen): Compared {
  const known = new Map(before.map((snapshot) => [snapshot.token.id, snapshot]));
  const current = seen.tokens.map((token) => {
    const last = known.get(token.id);
    const next = snapshotAfter(last, token, seen);
    return last && isDeepStrictEqual({ ...next, seenAt: last.seenAt }, last) ? last : next;
  });
  const there = new Set(seen.tokens.map(({ id }) => id));
  return {
    current,
    changed: current.filter((snapshot) => known.get(snapshot.token.id) !== snapshot),
    gone: [...known.keys()].filter((id) => !there.has(id)),
  };
}

function snapshotAfter(last: TokenSnapshot | undefined, seen: VppToken, { tenantId, betaMissing, now }: Seen) {
  const token = last && betaMissing ? carryBetaFields(seen, last.token) : seen;
  const syncedAt = token.lastSyncStatus === 'completed' ? findInstant(token.lastSyncDateTime) : undefined;
  const completed = [last?.completedAt, syncedAt].filter((at) => at !== undefined);
  return {
    tenantId,
    token,
    firstSeenAt: last?.firstSeenAt ?? now,
    seenAt: now,
    ...(completed.length > 0 && { completedAt: Math.max(...completed) }),
    ...(token.lastSyncStatus === 'inProgress' && { inProgressSince: sameSyncSince(last, token) ?? now }),
  };
}

/** A sync that ended since the last look moved the token's date: what goes on now is another one. */
function sameSyncSince(last: TokenSnapshot | undefined, token: VppToken): number | undefined {
  return last?.token.lastSyncDateTime === token.lastSyncDateTime ? last?.inProgressSince : undefined;
}

/**
 * The token with what beta told of it last, for a look at which beta does not answer: neither may its names vanish nor a duplicate
 * location seem mended. Any state that v1.0 knows to be wrong stands; a duplicate may show as `valid` or `unknown` there.
 */
function carryBetaFields(token: VppToken, before: VppToken): VppToken {
  const { displayName, locationName, state } = before;
  const isStillDuplicate = state === 'duplicateLocationId' && ['valid', 'unknown'].includes(token.state);
  return {
    ...token,
    ...(displayName && { displayName }),
    ...(locationName && { locationName }),
    ...(isStillDuplicate && { state }),
  };
}
