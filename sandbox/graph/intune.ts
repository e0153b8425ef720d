import type { GraphCaller, IntuneRole, SandboxPerson, SandboxTenant } from '../contract.ts';
import type { SeedApp } from '../seed/seed.ts';
import { dayMs, type SeedToken } from '../seed/seed-token.ts';
import { forbiddenByIntune, missingScope } from './answers.ts';

/** The tokens and apps of all tenants, as they are now. */
export interface Intune {
  readonly settings: IntuneSettings;
  find(id: string): IntuneToken | undefined;
  /** The location tokens. */
  list(tenantId: string): IntuneToken[];
  listConnectors(tenantId: string, kind: NonNullable<SeedToken['kind']>): IntuneToken[];
  listApps(tokenId: string): SeedApp[];
  /** Joins a running sync, or begins one if none runs or it is stuck. Returns the token as it is then, without lag. */
  startSync(kept: IntuneToken): SeedToken;
  add(token: SeedToken, apps?: readonly SeedApp[]): void;
  remove(id: string): void;
  buy(appId: string, count: number): void;
  /** Lets time pass for one tenant by moving its dates into the past. */
  passTime(tenantId: string, ms: number): void;
  /** Begins anew with these and with the settings of the start. */
  reset(tokens: readonly SeedToken[], apps: readonly SeedApp[]): void;
  /** Gives out so many of an app's licenses, as far as there are any; takes back with a negative number. */
  use(appId: string, count: number): void;
}

/** A token and the changes that are due to it: `catchUp` applies them whenever it is read. */
export interface IntuneToken {
  token: SeedToken;
  sync?: RunningSync | undefined;
  /** While Intune lags, reads show this instead. */
  lagging?: { readonly until: number; readonly shown: SeedToken } | undefined;
  renewal?: { readonly showsAt: number; readonly expiresAt: number } | undefined;
}

/** A running sync. Without `endsAt` it is stuck for good. */
interface RunningSync {
  readonly endsAt?: number;
  readonly ending: 'completed' | 'failed';
}

interface IntuneSettings {
  syncDurationMs: number;
  lagMs: number;
  dateMovesOnFailure: boolean;
  automaticSync: boolean;
  /** For the next sync that begins. */
  nextEnding?: 'completed' | 'failed' | 'stuck' | undefined;
}

interface IntuneOptions {
  now(): number;
  readonly tokens: readonly SeedToken[];
  readonly apps: readonly SeedApp[];
  readonly settings: IntuneSettings;
}

/** States in which Apple answers Intune; a sync in any other ends as failed. */
const workingStates = new Set(['valid', 'unknown', 'duplicateLocationId']);

export function createIntune({ now, tokens, apps, settings }: IntuneOptions): Intune {
  const kept = new Map(tokens.map((token) => [token.id, toIntuneToken(token)]));
  const appsById = new Map(apps.map((app) => [app.id, app]));
  const purchases = new Map<string, number>();
  const settingsAtStart: IntuneSettings = { nextEnding: undefined, ...settings };

  const listApps = (tokenId: string) => [...appsById.values()].filter((app) => app.tokenId === tokenId);
  const onCompleted = (tokenId: string) => {
    for (const app of listApps(tokenId)) {
      const bought = purchases.get(app.id) ?? 0;
      appsById.set(app.id, { ...app, totalLicenseCount: app.totalLicenseCount + bought });
      purchases.delete(app.id);
    }
  };
  const settled = (one: IntuneToken) => {
    catchUp(one, now(), { ...settings, onCompleted });
    return one;
  };

  const useLicenses = (appId: string, count: number) => {
    const app = appsById.get(appId);
    if (!app) throw new Error(`No app has the id ${appId}`);
    const usedLicenseCount = Math.max(0, Math.min(app.totalLicenseCount, app.usedLicenseCount + count));
    appsById.set(appId, { ...app, usedLicenseCount });
  };
  const listKind = (tenantId: string, kind: SeedToken['kind']) =>
    [...kept.values()].filter(({ token }) => token.tenantId === tenantId && token.kind === kind).map(settled);

  return {
    settings,
    listApps(tokenId) {
      const one = kept.get(tokenId);
      if (one) settled(one);
      return listApps(tokenId);
    },
    find(id) {
      const one = kept.get(id.toLowerCase());
      return one && settled(one);
    },
    list: (tenantId) => listKind(tenantId, undefined),
    listConnectors: listKind,
    startSync(one) {
      if (isSyncing(one)) return one.token;
      const at = now();
      if (settings.lagMs > 0) one.lagging = { until: at + settings.lagMs, shown: one.token };
      const ending = settings.nextEnding ?? (workingStates.has(one.token.state) ? 'completed' : 'failed');
      settings.nextEnding = undefined;
      beginSync(
        one,
        at,
        ending === 'stuck' ? { ending: 'completed' } : { ending, endsAt: at + settings.syncDurationMs },
      );
      return one.token;
    },
    add(token, newApps = []) {
      kept.set(token.id, toIntuneToken(token));
      for (const app of newApps) appsById.set(app.id, app);
    },
    remove(id) {
      kept.delete(id);
      for (const app of listApps(id)) appsById.delete(app.id);
    },
    use: useLicenses,
    buy(appId, count) {
      if (!appsById.has(appId)) throw new Error(`No app has the id ${appId}`);
      purchases.set(appId, (purchases.get(appId) ?? 0) + count);
    },
    passTime(tenantId, ms) {
      for (const one of kept.values()) {
        if (one.token.tenantId !== tenantId) continue;
        moveBack(settled(one), ms, now());
        for (const { id, usedPerDay = 0 } of listApps(one.token.id))
          useLicenses(id, Math.round((usedPerDay * ms) / dayMs));
      }
    },
    reset(tokens, apps) {
      kept.clear();
      for (const token of tokens) kept.set(token.id, toIntuneToken(token));
      appsById.clear();
      for (const app of apps) appsById.set(app.id, app);
      purchases.clear();
      Object.assign(settings, settingsAtStart);
    },
  };
}

function toIntuneToken(token: SeedToken): IntuneToken {
  if (token.lastSyncStatus !== 'inProgress') return { token };
  const endsAt = token.syncEndsAt === undefined ? {} : { endsAt: token.syncEndsAt };
  return { token, sync: { ...endsAt, ending: 'completed' } };
}

/** A token that Intune syncs daily was synced meanwhile, as long as it was valid. */
function moveBack(kept: IntuneToken, ms: number, now: number) {
  const { token, sync, renewal } = kept;
  const { lastSyncAt = 0, lastModifiedAt } = token;
  const isSyncedDaily = token.state === 'valid' && token.lastSyncStatus === 'completed' && lastSyncAt > now - dayMs;
  const expiresAt = token.expiresAt - ms;
  kept.token = {
    ...token,
    expiresAt,
    ...(token.lastSyncAt !== undefined && {
      lastSyncAt: isSyncedDaily ? Math.min(lastSyncAt, expiresAt) : lastSyncAt - ms,
    }),
    lastModifiedAt: isSyncedDaily ? Math.min(lastModifiedAt, expiresAt) : lastModifiedAt - ms,
  };
  if (sync?.endsAt !== undefined) kept.sync = { ...sync, endsAt: sync.endsAt - ms };
  if (renewal) kept.renewal = { showsAt: renewal.showsAt - ms, expiresAt: renewal.expiresAt - ms };
  kept.lagging = undefined;
}

function isSyncing({ sync }: IntuneToken): boolean {
  return sync?.endsAt !== undefined;
}

function beginSync(kept: IntuneToken, at: number, sync: RunningSync) {
  kept.sync = sync;
  kept.token = { ...kept.token, lastSyncStatus: 'inProgress', lastModifiedAt: at };
}

interface SettleRules {
  readonly dateMovesOnFailure: boolean;
  readonly automaticSync: boolean;
  readonly syncDurationMs: number;
  onCompleted(tokenId: string): void;
}

/** Applies everything that was due to a token by `now`. */
function catchUp(kept: IntuneToken, now: number, rules: SettleRules) {
  renew(kept, now);
  endSync(kept, now, rules);
  if (rules.automaticSync) {
    while (startDailySync(kept, now, rules)) endSync(kept, now, rules);
  }
  if (kept.token.state === 'valid' && now >= kept.token.expiresAt) kept.token = { ...kept.token, state: 'expired' };
  if (kept.lagging && now >= kept.lagging.until) kept.lagging = undefined;
}

function renew(kept: IntuneToken, now: number) {
  if (!kept.renewal || now < kept.renewal.showsAt) return;
  const { showsAt, expiresAt } = kept.renewal;
  kept.token = { ...kept.token, state: 'valid', expiresAt, lastModifiedAt: showsAt };
  kept.renewal = undefined;
}

function endSync(kept: IntuneToken, now: number, rules: SettleRules) {
  const { sync, token } = kept;
  if (sync?.endsAt === undefined || now < sync.endsAt) return;
  const completed = sync.ending === 'completed';
  kept.sync = undefined;
  kept.token = {
    ...token,
    lastSyncStatus: sync.ending,
    // A real capture had the modification 3 ms after the sync.
    // Of an enrolment token Graph gives the last successful sync alone.
    ...((completed || (rules.dateMovesOnFailure && token.kind === undefined)) && { lastSyncAt: sync.endsAt - 3 }),
    lastModifiedAt: sync.endsAt,
    // A token of unknown state has been seen to work.
    ...(completed && token.state === 'unknown' && { state: 'valid' }),
  };
  if (completed) rules.onCompleted(token.id);
}

function startDailySync(kept: IntuneToken, now: number, { syncDurationMs }: SettleRules): boolean {
  const { token, sync } = kept;
  if (token.kind === 'push') return false;
  const dueAt = (token.lastSyncAt ?? token.lastModifiedAt) + dayMs;
  const canBegin = !sync && token.state === 'valid' && dueAt <= now && dueAt < token.expiresAt;
  if (!canBegin) return false;
  beginSync(kept, dueAt, { endsAt: dueAt + syncDurationMs, ending: 'completed' });
  return true;
}

const readTokens = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementServiceConfig.ReadWrite.All'];
const readApps = ['DeviceManagementApps.Read.All', 'DeviceManagementApps.ReadWrite.All'];

/** Scopes that each operation needs; where Microsoft's documents disagree, those that all of them accept. */
export const needs = {
  readTokens,
  syncTokens: ['DeviceManagementServiceConfig.ReadWrite.All'],
  readApps,
  readPush: [...readTokens, 'DeviceManagementManagedDevices.Read.All'],
  readAde: readTokens,
} as const;

/** The tokens and apps that one caller may see. */
export interface Access {
  readonly tenantId: string;
  canSee(token: SeedToken): boolean;
}

interface AccessOptions {
  readonly caller: GraphCaller;
  readonly need: keyof typeof needs;
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
}

/** The app's permissions first, then Intune's own roles. Throws the 403 each of them answers with. */
export function getAccess({ caller, need, people, tenants }: AccessOptions): Access {
  const granted = caller.aadObjectId === undefined ? caller.roles : caller.scopes;
  if (!needs[need].some((scope) => granted.includes(scope))) throw missingScope(needs[need]);
  if (!tenants.find(({ id }) => id === caller.tenantId)?.usesBot) throw forbiddenByIntune();
  const { tenantId } = caller;
  if (caller.aadObjectId === undefined) return { tenantId, canSee: () => true };
  const person = people.find(({ aadObjectId }) => aadObjectId === caller.aadObjectId);
  const role: IntuneRole = person?.tenantId === tenantId ? person.role : 'none';
  if (role === 'none' || role === 'guest') throw forbiddenByIntune();
  if (role === 'readOnly' && need === 'syncTokens') throw forbiddenByIntune();
  const tags = person?.scopeTagIds ?? [];
  return {
    tenantId,
    canSee: (token) => role !== 'scopeLimited' || token.roleScopeTagIds.some((tag) => tags.includes(tag)),
  };
}
