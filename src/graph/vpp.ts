import type { Cloud } from '../clouds.ts';
import { type DelegatedGraph, GraphError, type PostOptions, type ReadOnlyGraph } from '../domain/graph.ts';
import type { VppApp } from '../domain/licenses.ts';
import type { VppToken } from '../domain/token.ts';
import { isSameId } from '../lib/ids.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { isPlausibleId, toPathSegment } from './client.ts';

interface VppTokenOptions {
  /** Also asks beta for displayName, locationName and the duplicateLocationId state; without an answer v1.0 stands alone. */
  readonly beta?: boolean;
  readonly signal?: AbortSignal;
}

const tokensPath = '/deviceAppManagement/vppTokens';

/** Every v1.0 property of a token but `token`, the secret. */
export const vppTokenSelect =
  'id,organizationName,appleId,countryOrRegion,vppTokenAccountType,state,lastSyncStatus,' +
  'expirationDateTime,lastSyncDateTime,lastModifiedDateTime,automaticallyUpdateApps';

const tokensQuery = { $select: vppTokenSelect };
const betaOptions = { version: 'beta', query: { $select: 'id,displayName,locationName,state' } } as const;

/** All tokens the caller may see, each once, in Graph's order. */
export async function listVppTokens(graph: ReadOnlyGraph, options: VppTokenOptions = {}): Promise<readonly VppToken[]> {
  return (await readVppTokens(graph, options)).tokens;
}

interface VppTokenReading {
  readonly tokens: readonly VppToken[];
  /** Beta was asked and did not answer: what it alone knows is missing. */
  readonly betaMissing: boolean;
}

/** The same list, for whoever must tell a name that is gone from one that could not be read. */
export async function readVppTokens(graph: ReadOnlyGraph, options: VppTokenOptions = {}): Promise<VppTokenReading> {
  const { beta = false, signal } = options;
  const [rows, betaRows] = await readWithBeta(
    () => graph.listPages(tokensPath, { query: tokensQuery, ...(signal && { signal }) }),
    beta ? (within) => graph.listPages(tokensPath, { ...betaOptions, signal: within }) : undefined,
  );
  const tokens = byId(rows);
  if (rows.length > 0 && tokens.size === 0) throw wrongShape();
  const additions = byId(betaRows ?? []);
  return {
    tokens: [...tokens.values()].map((token) => withBeta(token, additions.get(token.id))),
    betaMissing: beta && betaRows === undefined,
  };
}

/** Rejects with `notFound` when Graph knows no such token or hides it from the caller. */
export async function getVppToken(
  graph: ReadOnlyGraph,
  id: string,
  { beta = false, signal }: VppTokenOptions = {},
): Promise<VppToken> {
  const one = `${tokensPath}/${toPathSegment(id)}`;
  const [row, betaRow] = await readWithBeta(
    () => graph.get(one, { query: tokensQuery, ...(signal && { signal }) }),
    beta ? (within) => graph.get(one, { ...betaOptions, signal: within }) : undefined,
  );
  const token = parseVppToken(row);
  if (!token || !isSameId(token.id, id)) throw wrongShape();
  const addition = parseVppToken(betaRow);
  return withBeta(token, addition && isSameId(addition.id, id) ? addition : undefined);
}

/**
 * Asks Intune to start a sync. Resolving means that it was accepted, never that it is done; the token is what the answer
 * showed, if it showed one: bare as the schema says, or under `value` as the documentation says.
 */
export async function syncLicenses(
  graph: DelegatedGraph,
  id: string,
  options: PostOptions = {},
): Promise<VppToken | undefined> {
  const body = await graph.post(`${tokensPath}/${toPathSegment(id)}/syncLicenses`, options);
  const token = parseVppToken(isJsonObject(body) && isJsonObject(body.value) ? body.value : body);
  return token && isSameId(token.id, id) ? token : undefined;
}

/**
 * At most 50 syncs in any 20 s of one tenant. Graph takes 100 writes of one app in one tenant in 20 s, from everybody together:
 * half of them are left to others. Source: learn.microsoft.com/graph/throttling-limits, Intune service limits.
 */
export const writePace = { burst: 10, everyMs: 500 } as const;

function byId(rows: readonly unknown[]): Map<string, VppToken> {
  const tokens = rows.map(parseVppToken).filter((token) => token !== undefined);
  return new Map(tokens.map((token) => [token.id, token]));
}

function withBeta(token: VppToken, addition: VppToken | undefined): VppToken {
  if (!addition) return token;
  const { displayName, locationName, state } = addition;
  return {
    ...token,
    ...(displayName && { displayName }),
    ...(locationName && { locationName }),
    ...(state === 'duplicateLocationId' && { state }),
  };
}

function wrongShape(): GraphError {
  return new GraphError('unreadable', { clientRequestId: 'unknown', detail: 'The answer holds no token.' });
}

/**
 * Reads one token of Graph's, property by property, so that `token` and whatever else comes along is left behind.
 * Undefined without a usable id. A missing state or status reads `unknown`; an unreadable or year-1 date is left out.
 */
export function parseVppToken(value: unknown): VppToken | undefined {
  if (!isJsonObject(value) || typeof value.id !== 'string' || !isPlausibleId(value.id)) return undefined;
  return {
    id: value.id,
    ...texts(value, 'displayName', 'locationName', 'organizationName', 'appleId', 'countryOrRegion'),
    ...texts(value, 'vppTokenAccountType'),
    state: graphText(value.state) ?? 'unknown',
    lastSyncStatus: graphText(value.lastSyncStatus) ?? 'unknown',
    ...dates(value, 'expirationDateTime', 'lastSyncDateTime', 'lastModifiedDateTime'),
    ...(typeof value.automaticallyUpdateApps === 'boolean' && {
      automaticallyUpdateApps: value.automaticallyUpdateApps,
    }),
  };
}

function texts<Name extends string>(from: JsonObject, ...names: Name[]): Partial<Record<Name, string>> {
  return pick(names, (name) => graphText(from[name]));
}

function dates<Name extends string>(from: JsonObject, ...names: Name[]): Partial<Record<Name, string>> {
  return pick(names, (name) => {
    const value = graphText(from[name]);
    return value !== undefined && isDate(value) ? value : undefined;
  });
}

function pick<Name extends string>(names: Name[], find: (name: Name) => string | undefined) {
  const found = names.map((name) => [name, find(name)] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found) as Partial<Record<Name, string>>;
}

/** Intune's names have 256 characters at most; a longer text is no name, and processing it would take time with its length. */
const longestText = 1_000;

/** A text of Graph's that is not blank, in a form that every store and message takes; undefined for anything else. */
export function graphText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.slice(0, longestText).toWellFormed().replaceAll('\0', '');
  return text.trim() === '' ? undefined : text;
}

// Graph writes a date that was never set as the first moment of year 1.
function isDate(value: string): boolean {
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(value);
  return isIso && !value.startsWith('0001-') && !Number.isNaN(Date.parse(value));
}

const appsPath = '/deviceAppManagement/mobileApps';
// No $select: the properties wanted belong to the derived type, which the collection's $select does not know.
const appsQuery = { $filter: "isof('microsoft.graph.iosVppApp')" };

/**
 * All iOS and iPadOS VPP apps. With `beta` each also names its token; without an answer of beta's v1.0 stands alone.
 * macOS VPP apps exist in beta alone and are not listed, so that a failing beta never makes apps vanish.
 */
export async function listVppApps(
  graph: ReadOnlyGraph,
  { beta = false, signal }: { readonly beta?: boolean; readonly signal?: AbortSignal } = {},
): Promise<readonly VppApp[]> {
  const [rows, betaRows] = await readWithBeta(
    () => graph.listPages(appsPath, { query: appsQuery, ...(signal && { signal }) }),
    beta ? (within) => graph.listPages(appsPath, { version: 'beta', query: appsQuery, signal: within }) : undefined,
  );
  const apps = appsById(rows);
  if (rows.length > 0 && apps.size === 0) {
    throw new GraphError('unreadable', { clientRequestId: 'unknown', detail: 'The answer holds no app.' });
  }
  const betaApps = appsById(betaRows ?? []);
  return [...apps.values()].map((app) => {
    const vppTokenId = betaApps.get(app.id)?.vppTokenId;
    return vppTokenId ? { ...app, vppTokenId } : app;
  });
}

/**
 * The apps bought with a token. Exact where an app names its token; else joined by Apple ID and organisation, which is
 * `approximate` as soon as the token has no Apple ID or shares both with another one.
 */
export function appsOfToken(
  apps: readonly VppApp[],
  token: VppToken,
  allTokens: readonly VppToken[],
): { readonly apps: readonly VppApp[]; readonly approximate: boolean } {
  const account = accountOf(token.appleId, token.organizationName);
  const unnamed = apps.filter((app) => app.vppTokenId === undefined);
  const joined = new Set(
    account === undefined
      ? []
      : unnamed.filter((app) => accountOf(app.vppTokenAppleId, app.vppTokenOrganizationName) === account),
  );
  const isShared = allTokens.some(
    (other) => other.id !== token.id && accountOf(other.appleId, other.organizationName) === account,
  );
  const isUncertain = account === undefined ? unnamed.length > 0 : joined.size > 0 && isShared;
  return { apps: apps.filter((app) => app.vppTokenId === token.id || joined.has(app)), approximate: isUncertain };
}

/** One text for one Apple ID in one organisation; undefined without an Apple ID. */
export function accountOf(appleId: string | undefined, organizationName: string | undefined): string | undefined {
  return appleId && JSON.stringify([appleId.trim().toLowerCase(), organizationName?.trim() ?? '']);
}

function appsById(rows: readonly unknown[]): Map<string, VppApp> {
  const apps = rows.map(parseVppApp).filter((app) => app !== undefined);
  return new Map(apps.map((app) => [app.id, app]));
}

function parseVppApp(value: unknown): VppApp | undefined {
  if (!isJsonObject(value) || typeof value.id !== 'string' || value.id === '') return undefined;
  const type = value['@odata.type'] ?? '#microsoft.graph.iosVppApp';
  const { usedLicenseCount, totalLicenseCount } = value;
  if (type !== '#microsoft.graph.iosVppApp' || !isCount(usedLicenseCount) || !isCount(totalLicenseCount)) {
    return undefined;
  }
  return {
    id: value.id,
    displayName: graphText(value.displayName) ?? graphText(value.bundleId) ?? value.id,
    usedLicenseCount,
    totalLicenseCount,
    ...optional('bundleId', value.bundleId),
    ...optional('vppTokenAppleId', value.vppTokenAppleId),
    ...optional('vppTokenOrganizationName', value.vppTokenOrganizationName),
    ...optional('vppTokenId', value.vppTokenId),
  };
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

function optional<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  const found = graphText(value);
  return (found === undefined ? {} : { [name]: found }) as Partial<Record<Name, string>>;
}

/**
 * Asks v1.0 and, when `askBeta` is given, beta at the same time. What beta adds may neither break nor hold up what v1.0
 * answers: any failure of it, or 5 s without an answer, gives undefined. A failure of v1.0 is the whole's, and ends beta's call.
 */
export async function readWithBeta<Answer, Addition>(
  askV1: () => Promise<Answer>,
  askBeta: ((signal: AbortSignal) => Promise<Addition>) | undefined,
  longestMs = 5000,
): Promise<readonly [Answer, Addition | undefined]> {
  const answered = new AbortController();
  const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(longestMs)]);
  const addition = askBeta?.(signal).catch(() => undefined);
  try {
    return [await askV1(), await addition];
  } finally {
    answered.abort();
  }
}

/** Least permissions in every source read (facts of devx-content permissions.json and Microsoft Learn). */
export const delegatedPermissions = [
  'DeviceManagementServiceConfig.ReadWrite.All',
  'DeviceManagementApps.Read.All',
] as const;

/** Roles the app's own, read-only token needs for monitoring. */
export const monitoringRoles = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementApps.Read.All'] as const;

/** What a person's on-behalf-of token asks for, with the cloud's Graph root whatever address Graph is reached at. */
export function delegatedScopes(cloud: Cloud): string[] {
  return delegatedPermissions.map((permission) => `${cloud.graphRoot}/${permission}`);
}
