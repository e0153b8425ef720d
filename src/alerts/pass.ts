import { isDeepStrictEqual } from 'node:util';
import { type Alert, type AlertEvent, flapMs, type TokenSnapshot } from '../domain/alert.ts';
import { isTransient, observeDeletion, observeMonitoring, observeToken } from '../domain/alert-observations.ts';
import type {
  AlertRepositories,
  InAlertTransaction,
  QueuedEvent,
  WatchedTenant,
} from '../domain/alert-repositories.ts';
import { createStepAlerts, type TokenObservation } from '../domain/alert-steps.ts';
import { type ConnectorKind, kindOf } from '../domain/connector.ts';
import type { ConnectorReading, VppToken } from '../domain/token.ts';
import { pauseInTime } from '../lib/async.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs, findInstant, hourMs } from '../lib/time.ts';
import { countApps } from './count-apps.ts';
import { queueDeliveries } from './queue-deliveries.ts';
import type { AppsOfTokens, ReadTenant, TenantReading } from './read-tenant.ts';
import { announceRenewals } from './renewals.ts';

interface PassParts {
  readonly runtime: Runtime;
  readonly readTenant: ReadTenant;
  readonly repositories: AlertRepositories;
  readonly inAlertTransaction: InAlertTransaction;
  readonly intervalMs: number;
  /** Called once the events are stored, with their deliveries. */
  readonly onEvents: (events: readonly AlertEvent[]) => void;
}

/** `lost`: another process holds the tenant's lease by now, and nothing was stored. */
export type PassOutcome = 'good' | 'failed' | 'lost';
export type Pass = (tenant: WatchedTenant, owner: string, signal: AbortSignal) => Promise<PassOutcome>;

/** Somebody changed an alert, for example acknowledged it, between its reading and its writing. */
class Overtaken extends Error {}
const mostTries = 5;

const toQueued = ({ kind, alert }: AlertEvent): QueuedEvent => ({ kind, alertId: alert.id, revision: alert.revision });

/** What a pass has stored. Deliveries for queued events, those of an interrupted pass among them, are still to be stored. */
interface StoredPass {
  readonly tenant: WatchedTenant;
  readonly events: readonly AlertEvent[];
  readonly queued: readonly QueuedEvent[];
}

/**
 * One pass over a tenant that this process has leased: reads the tenant, and stores the reading, its alerts and their events, all or
 * nothing; then the deliveries of these events, in parts, so that thousands of conversations hold up nothing else. When the process
 * ends in between, the next pass stores the rest. Rejects when the database is down, and with the signal's reason when it aborts.
 */
export function createPass(parts: PassParts): Pass {
  const { readTenant, repositories, inAlertTransaction, intervalMs, onEvents } = parts;
  const { now, random, log } = parts.runtime;

  async function storeDeliveries(tenantId: string, queued: readonly QueuedEvent[], signal: AbortSignal): Promise<void> {
    const found = await repositories.alerts.list([...new Set(queued.map(({ alertId }) => alertId))]);
    const alerts = new Map(found.map((alert) => [alert.id, alert]));
    const events = queued.flatMap(({ kind, alertId, revision }) => {
      const alert = alerts.get(alertId);
      return alert ? [{ kind, alert: { ...alert, revision } }] : [];
    });
    await queueDeliveries({ tenantId, events, now, inPart: inAlertTransaction, signal });
  }

  /** A trend that cannot be kept must not keep alerts from being stored. */
  async function countAppsOf(tenantId: string, reading: TenantReading, signal: AbortSignal) {
    if (reading.kind === 'failed' || !reading.apps) return new Map<string, number>();
    try {
      return await countApps(repositories.countedApps, { tenantId, apps: reading.apps, now: now(), signal });
    } catch (error) {
      signal.throwIfAborted();
      log.error({ err: error, tenantId }, 'the licenses of a tenant could not be counted');
      return new Map<string, number>();
    }
  }

  return async (before, owner, signal) => {
    const { tenantId, failure: lastFailure } = before;
    const startedAt = now();
    // An open licenses alert resolves as soon as Intune says so, not a day later.
    const licenses = areLicensesDue(before, startedAt) || (await repositories.alerts.hasOpen(tenantId, 'licenses'));
    const known = await repositories.snapshots.listOfTenant(tenantId);
    const missing = known.filter(({ missingSince }) => missingSince !== undefined).map(({ token }) => token.id);
    const read = await readTenant({ tenantId, licenses, missing, ...(lastFailure && { lastFailure }), signal });
    const reading = isAllGone(read, known) ? allGone(read) : read;
    const daysLeft = await countAppsOf(tenantId, reading, signal);
    const times = { startedAt, now: now(), intervalMs, chance: random() };

    /** Undefined when another process holds the tenant's lease by now. */
    function storeOnce(seen: TenantReading): Promise<StoredPass | undefined> {
      return inAlertTransaction(async (stores) => {
        const tenant = tenantAfter(before, seen, times);
        // Comes first: it proves the lease, and locks the tenant's row until the transaction ends.
        if (!(await stores.tenants.finish({ ...tenant, queued: [] }, owner))) return undefined;
        const alerts = await stores.alerts.listOfTenant(tenantId, times.now - flapMs);
        const ofTokens = await observe(stores, seen, alerts);
        const ofTenant = { tokenId: '', observed: observeMonitoring(tenant) };
        const context = { tenantId, now: times.now, newId: newOpaqueId };
        const step = createStepAlerts(alerts, context);
        const events: AlertEvent[] = [];
        for (const observation of [...ofTokens, ofTenant]) {
          await pauseInTime();
          const changed = step(observation);
          if (changed && !(await stores.alerts.put(changed.alert))) throw new Overtaken();
          if (changed?.event) events.push(changed.event);
        }
        const queued = [...(before.queued ?? []), ...events.map(toQueued)];
        await stores.tenants.finish(queued.length > 0 ? { ...tenant, queued } : tenant, owner);
        return { tenant, events, queued };
      });
    }

    /** Stores the snapshots of a good reading and the ends of renewals that it shows, and resolves to an observation for each condition of each token. */
    async function observe(stores: AlertRepositories, seen: TenantReading, alerts: readonly Alert[]) {
      const { snapshots } = stores;
      if (seen.kind === 'failed') {
        // Marked, so that tokens that stay away are forgotten one day, and their alerts with them.
        if (seen.failure.reason === allGoneReason)
          await snapshots.putAll(markMissing(known.filter(isOfVpp), times.now));
        return unknownObservations(alerts);
      }
      const compared = compare(known, { ...seen, tenantId, now: times.now });
      await snapshots.putAll(compared.changed);
      await announceRenewals(stores, tenantId, seen.tokens, times.now);
      const deleted = await snapshots.listDeleted(tenantId);
      return observationsOf({ ...compared, deleted }, { apps: seen.apps, daysLeft }, alerts, times.now);
    }

    async function store(): Promise<{ readonly seen: TenantReading; readonly stored: StoredPass | undefined }> {
      try {
        return { seen: reading, stored: await retriedWhileOvertaken(() => storeOnce(reading)) };
      } catch (error) {
        // A fault of ours must show as a failed pass. With the database down, storing that fails too.
        log.error({ err: error, tenantId }, 'a reading of a tenant could not be stored');
        const seen: TenantReading = { kind: 'failed', failure: { part: 'tokens', reason: 'unexpected' } };
        return { seen, stored: await retriedWhileOvertaken(() => storeOnce(seen)) };
      }
    }

    const { seen, stored } = await store();
    if (!stored) return 'lost';
    const { tenant, events, queued } = stored;
    if (queued.length > 0) {
      await storeDeliveries(tenantId, queued, signal);
      if (!(await repositories.tenants.finish(tenant, owner))) return 'lost';
      onEvents(events);
    }
    const failed = seen.kind === 'failed' ? seen : seen.licenses;
    if (!failed) return 'good';
    log.warn({ tenantId, ...failed.failure, failedPasses: before.failedPasses + 1 }, 'a tenant could not be read');
    return 'failed';
  };
}

async function retriedWhileOvertaken<T>(work: () => Promise<T>): Promise<T> {
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
  /** In [0, 1). */
  readonly chance: number;
}

const licensesEveryMs = dayMs;
/** A longer Retry-After, or a longer rest for a tenant that does not answer, is cut to this. */
const longestRestMs = hourMs;
const mostDoublings = 2;

/** Licenses are read daily, and also after they were asked for, could not be read, or were read at a time that is still to come. */
export function areLicensesDue({ licensesAt }: WatchedTenant, now: number): boolean {
  return licensesAt === undefined || now < licensesAt || now - licensesAt >= licensesEveryMs;
}

/** The tenant's row after a pass. The next pass begins an interval after this one began, a twentieth more or less. */
export function tenantAfter(before: WatchedTenant, reading: TenantReading, times: PassTimes): WatchedTenant {
  const { now } = times;
  const failed = reading.kind === 'failed' ? reading : reading.licenses;
  const licensesAt = reading.kind === 'seen' && reading.apps ? now : before.licensesAt;
  const base = {
    tenantId: before.tenantId,
    dueAt: nextAt(times, reading, before.failedPasses),
    passedAt: now,
    ...(licensesAt !== undefined && { licensesAt }),
  };
  if (!failed) return { ...base, goodAt: now, failedPasses: 0 };
  return {
    ...base,
    ...(before.goodAt !== undefined && { goodAt: before.goodAt }),
    failedPasses: before.failedPasses + 1,
    failure: failed.failure,
  };
}

/**
 * While Graph does not answer for a tenant, the second failed pass doubles its interval and the third doubles it again, up to an hour.
 * The count is stored with the tenant, so that a restart tries once and goes on with the same interval.
 */
function nextAt(
  { startedAt, now, intervalMs, chance }: PassTimes,
  reading: TenantReading,
  failedBefore: number,
): number {
  const failed = reading.kind === 'failed' ? reading : reading.licenses;
  const isSilent = reading.kind === 'failed' && isTransient(reading.failure);
  const doublings = isSilent ? Math.min(failedBefore, mostDoublings) : 0;
  const everyMs = Math.max(intervalMs, Math.min(intervalMs * 2 ** doublings, longestRestMs));
  const regular = startedAt + Math.round(everyMs * (0.95 + 0.1 * chance));
  return Math.max(regular, now + Math.min(failed?.retryAfterMs ?? 0, longestRestMs));
}

interface Tokens extends Compared {
  /** Deleted by now, or earlier and not yet forgotten. */
  readonly deleted: readonly TokenSnapshot[];
}

/** Observations of a good reading: of every token in it, of deleted ones, and of open alerts whose tokens are missing or deleted. */
async function observationsOf(
  { current, missing, deleted }: Tokens,
  licenses: ReadLicenses,
  alerts: readonly Alert[],
  now: number,
): Promise<TokenObservation[]> {
  const seenIds = new Set(current.map(({ token }) => token.id));
  const missingIds = new Set(missing.map(({ token }) => token.id));
  const deletedIds = new Set(deleted.map(({ token }) => token.id));
  const known = new Set(alerts.map(({ tokenId }) => tokenId));
  const observations: TokenObservation[] = [];
  for (const snapshot of current) {
    await pauseInTime();
    const { token } = snapshot;
    const history = { ...historyOf(snapshot), ...withApps(licenses, token.id) };
    for (const observed of observeToken(history, now)) {
      // Nothing ends where nothing is known; of thousands of tokens nearly all observations are of this kind.
      if (observed.is === 'present' || known.has(token.id)) observations.push({ tokenId: token.id, token, observed });
    }
  }
  for (const snapshot of deleted) {
    const { token } = snapshot;
    observations.push({ tokenId: token.id, token, observed: observeDeletion(snapshot) });
  }
  for (const { tokenId, condition } of openAlertsOfTokens(alerts)) {
    const isObserved = seenIds.has(tokenId) || (condition === 'tokenDeleted' && deletedIds.has(tokenId));
    if (isObserved) continue;
    const state = missingIds.has(tokenId)
      ? ({ is: 'unknown' } as const)
      : ({ is: 'absent', ending: 'deleted' } as const);
    observations.push({ tokenId, observed: { condition, ...state } });
  }
  return observations;
}

/** Observations of a failed reading: they change nothing, but reminders still fall due. */
const unknownObservations = (alerts: readonly Alert[]): TokenObservation[] =>
  openAlertsOfTokens(alerts).map(({ tokenId, condition }) => ({ tokenId, observed: { condition, is: 'unknown' } }));

const openAlertsOfTokens = (alerts: readonly Alert[]) =>
  alerts.filter(({ tokenId, endedAt }) => tokenId !== '' && endedAt === undefined);

const historyOf = ({ token, firstSeenAt, completedAt, inProgressSince }: TokenSnapshot) => ({
  token,
  firstSeenAt,
  ...(completedAt !== undefined && { completedAt }),
  ...(inProgressSince !== undefined && { inProgressSince }),
});

interface ReadLicenses {
  readonly apps: AppsOfTokens | undefined;
  /** Until an app's licenses run out, by its id. */
  readonly daysLeft: ReadonlyMap<string, number>;
}

/** A reading of licenses covers every token, also one without apps. */
function withApps({ apps, daysLeft }: ReadLicenses, tokenId: string) {
  if (!apps) return {};
  const { apps: own, isApproximate } = apps.get(tokenId) ?? { apps: [], isApproximate: false };
  const counted = own.map((app) => {
    const days = daysLeft.get(app.id);
    return days === undefined ? app : { ...app, daysLeft: days };
  });
  return { apps: { apps: counted, isApproximate } };
}

const allGoneReason = 'allGone';

/**
 * True where not one VPP token is left of those that were known. That is one event of the tenant rather than a deletion of each token:
 * as likely as somebody who deleted them all is that Intune, or what the app may read, has a fault.
 */
function isAllGone(reading: TenantReading, known: readonly TokenSnapshot[]): boolean {
  if (!known.some(isOfVpp)) return false;
  if (reading.kind === 'failed') return reading.failure.reason === 'notFound';
  return !reading.tokens.some((token) => isOfVpp({ token }));
}

const isOfVpp = ({ token }: Pick<TokenSnapshot, 'token'>) => kindOf(token) === 'vpp';

function allGone(reading: TenantReading): TenantReading {
  const code = reading.kind === 'failed' ? reading.failure.code : undefined;
  return { kind: 'failed', failure: { part: 'tokens', reason: allGoneReason, ...(code !== undefined && { code }) } };
}

interface Seen {
  readonly tenantId: string;
  readonly tokens: readonly VppToken[];
  readonly others?: readonly ConnectorReading[];
  readonly betaMissing: boolean;
  readonly notFound?: ReadonlySet<string>;
  readonly now: number;
}

interface Compared {
  /** One for every token of the reading. */
  readonly current: readonly TokenSnapshot[];
  /** Stored tokens that the reading does not have, and that are not known to be deleted; those whose kind could not be read included. */
  readonly missing: readonly TokenSnapshot[];
  /** Every snapshot that differs from the stored one, those of tokens that went missing or were deleted among them. */
  readonly changed: readonly TokenSnapshot[];
}

/**
 * Compares a complete reading with the stored snapshots. A token that it does not have is missing; it is deleted when it was missing
 * before and Graph does not know its id either.
 */
export function compare(before: readonly TokenSnapshot[], seen: Seen): Compared {
  const stored = new Map(before.map((snapshot) => [snapshot.token.id, snapshot]));
  const current = seen.tokens.map((token) => {
    const last = stored.get(token.id);
    const next = snapshotAfter(last, token, seen);
    return last && isDeepStrictEqual({ ...next, seenAt: last.seenAt }, last) ? last : next;
  });
  const seenIds = new Set(seen.tokens.map(({ id }) => id));
  const unreadKinds = new Set<ConnectorKind>(seen.others?.filter(({ is }) => is === 'unread').map(({ kind }) => kind));
  const absent = before
    .filter(({ token }) => !seenIds.has(token.id))
    .map((snapshot) => {
      if (unreadKinds.has(kindOf(snapshot.token))) return snapshot;
      if (snapshot.missingSince === undefined) return { ...snapshot, missingSince: seen.now };
      return seen.notFound?.has(snapshot.token.id) ? { ...snapshot, deletedAt: seen.now } : snapshot;
    });
  return {
    current,
    missing: absent.filter(({ deletedAt }) => deletedAt === undefined),
    changed: [...current, ...absent].filter((snapshot) => stored.get(snapshot.token.id) !== snapshot),
  };
}

const markMissing = (known: readonly TokenSnapshot[], now: number): TokenSnapshot[] =>
  known.filter(({ missingSince }) => missingSince === undefined).map((each) => ({ ...each, missingSince: now }));

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

/** A sync that ended since the last reading moved the token's date: the sync in progress is another one then. */
function sameSyncSince(last: TokenSnapshot | undefined, token: VppToken): number | undefined {
  return last?.token.lastSyncDateTime === token.lastSyncDateTime ? last?.inProgressSince : undefined;
}

/**
 * The token with the fields that beta gave last, for a reading without beta: its names must not vanish, and a duplicate location
 * must not look resolved. A state that v1.0 knows to be wrong wins; a duplicate may show as `valid` or `unknown` there.
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
