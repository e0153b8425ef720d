import type { Cloud } from '../clouds.ts';
import {
  type DelegatedGraph,
  GraphError,
  type PostOptions,
  type ReadOnlyGraph,
  type ReadOptions,
} from '../domain/graph.ts';
import type { VppApp } from '../domain/licenses.ts';
import type { VppToken } from '../domain/token.ts';
import { isSameId } from '../lib/ids.ts';
import { isJsonObject, type JsonObject, toJsonObject } from '../lib/json.ts';
import { isPlausibleId, toPathSegment } from './client.ts';

/** Least permissions for reading tokens and apps and for syncing. Source: learn.microsoft.com/graph/permissions-reference. */
export const delegatedPermissions = [
  'DeviceManagementServiceConfig.ReadWrite.All',
  'DeviceManagementApps.Read.All',
] as const;

/** Roles that the app's own, read-only token needs for monitoring. */
export const monitoringRoles = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementApps.Read.All'] as const;

/** Scopes of a person's on-behalf-of token. They begin with the cloud's Graph root, whatever address Graph is reached at. */
export function delegatedScopes(cloud: Cloud): string[] {
  return delegatedPermissions.map((permission) => `${cloud.graphRoot}/${permission}`);
}

interface VppTokenOptions {
  /** Also asks beta for displayName, locationName and the duplicateLocationId state; when it fails, v1.0's answer alone is used. */
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
  /** Beta was asked and did not answer: properties that exist in beta only are missing. */
  readonly betaMissing: boolean;
}

/** As `listVppTokens`, for callers that must distinguish a name that was removed from one that could not be read. */
export async function readVppTokens(graph: ReadOnlyGraph, options: VppTokenOptions = {}): Promise<VppTokenReading> {
  const { beta = false, signal } = options;
  const list = listEach(graph, tokensPath, parseVppToken);
  const [listed, additions] = await readWithBeta(
    () => list({ query: tokensQuery, ...(signal && { signal }) }),
    beta ? (within) => list({ ...betaOptions, signal: within }) : undefined,
  );
  const tokens = [...listed.items.values()];
  if (listed.rows > 0 && tokens.length === 0) throw wrongShape('token');
  return {
    tokens: tokens.map((token) => withBeta(token, additions?.items.get(token.id))),
    betaMissing: beta && additions === undefined,
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
  if (!token || !isSameId(token.id, id)) throw wrongShape('token');
  const addition = parseVppToken(betaRow);
  return withBeta(token, addition && isSameId(addition.id, id) ? addition : undefined);
}

/**
 * Asks Intune to start a sync. Resolves when it was accepted, which does not mean done; to the token in the answer, if there is one:
 * bare as in Graph's metadata, or under `value` as in the documentation's example.
 * Source: learn.microsoft.com/graph/api/intune-onboarding-vpptoken-synclicenses.
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
 * At most 50 syncs in any 20 s of one tenant. Graph accepts 100 writes of one app in one tenant in 20 s, from all its users together:
 * half of them are left to others. Source: learn.microsoft.com/graph/throttling-limits, Intune service limits.
 */
export const writePace = { burst: 10, everyMs: 500 } as const;

/** Lists what `parse` makes of each row, by id; a row that it cannot read is counted alone. `hasOthers`: some name a type of their own. */
const listEach =
  <Item extends { readonly id: string }>(
    graph: ReadOnlyGraph,
    path: string,
    parse: (row: unknown) => Item | undefined,
  ) =>
  async (options: ReadOptions) => {
    const items = new Map<string, Item>();
    let hasOthers = false;
    const read = (row: unknown) => {
      const item = parse(row);
      if (item) items.set(item.id, item);
      else hasOthers ||= typeof toJsonObject(row)['@odata.type'] === 'string';
    };
    const rows = await graph.listPages(path, { ...options, toItem: read });
    return { items, rows: rows.length, hasOthers };
  };

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

const wrongShape = (what: 'token' | 'app') =>
  new GraphError('unreadable', { clientRequestId: 'unknown', detail: `The answer holds no ${what}.` });

/**
 * Reads a token property by property, so that `token`, the secret, and anything unexpected is left behind.
 * Undefined without a usable id. A missing state or status reads `unknown`; an unreadable or year-1 date is left out.
 */
export function parseVppToken(value: unknown): VppToken | undefined {
  if (!isJsonObject(value) || typeof value.id !== 'string' || !isPlausibleId(value.id)) return undefined;
  return {
    id: value.id,
    ...texts(
      value,
      'displayName',
      'locationName',
      'organizationName',
      'appleId',
      'countryOrRegion',
      'vppTokenAccountType',
    ),
    state: graphText(value.state) ?? 'unknown',
    lastSyncStatus: graphText(value.lastSyncStatus) ?? 'unknown',
    ...dates(value, 'expirationDateTime', 'lastSyncDateTime', 'lastModifiedDateTime'),
    ...(typeof value.automaticallyUpdateApps === 'boolean' && {
      automaticallyUpdateApps: value.automaticallyUpdateApps,
    }),
  };
}

const appsPath = '/deviceAppManagement/mobileApps';
// No $select: the properties belong to the derived type, which the collection's $select does not accept.
const appsQuery = { $filter: "isof('microsoft.graph.iosVppApp')" };

/**
 * All iOS and iPadOS VPP apps. With `beta` each also names its token; when beta fails, v1.0's answer alone is used.
 * macOS VPP apps exist in beta only and are not listed, so that a failing beta never makes apps vanish.
 */
export async function listVppApps(graph: ReadOnlyGraph, options: VppAppsOptions = {}): Promise<readonly VppApp[]> {
  return (await readVppApps(graph, options)).apps;
}

interface VppAppsOptions {
  readonly beta?: boolean;
  readonly signal?: AbortSignal;
}

/** `uncounted`: apps for which Intune gives no usable numbers (null or negative); theirs are 0. */
export interface VppAppReading {
  readonly apps: readonly VppApp[];
  readonly uncounted: readonly VppApp[];
}

/** The same list, with the apps whose licenses cannot be counted beside it. */
export async function readVppApps(
  graph: ReadOnlyGraph,
  { beta = false, signal }: VppAppsOptions = {},
): Promise<VppAppReading> {
  const list = listEach(graph, appsPath, parseVppApp);
  const [listed, additions] = await readWithBeta(
    () => list({ query: appsQuery, ...(signal && { signal }) }),
    beta ? (within) => list({ version: 'beta', query: appsQuery, signal: within }) : undefined,
  );
  if (listed.items.size === 0 && listed.rows > 0 && !listed.hasOthers) throw wrongShape('app');
  const apps: VppApp[] = [];
  const uncounted: VppApp[] = [];
  for (const { isCounted, ...app } of listed.items.values()) {
    const vppTokenId = additions?.items.get(app.id)?.vppTokenId;
    (isCounted ? apps : uncounted).push(vppTokenId ? { ...app, vppTokenId } : app);
  }
  return { apps, uncounted };
}

function parseVppApp(value: unknown): (VppApp & { readonly isCounted: boolean }) | undefined {
  if (!isJsonObject(value) || typeof value.id !== 'string' || value.id === '') return undefined;
  const isCounted = isCount(value.usedLicenseCount) && isCount(value.totalLicenseCount);
  const type = value['@odata.type'] ?? (isCounted ? '#microsoft.graph.iosVppApp' : undefined);
  if (type !== '#microsoft.graph.iosVppApp') return undefined;
  const [usedLicenseCount, totalLicenseCount] = isCounted
    ? [Number(value.usedLicenseCount), Number(value.totalLicenseCount)]
    : [0, 0];
  return {
    isCounted,
    id: value.id,
    displayName: graphText(value.displayName) ?? graphText(value.bundleId) ?? value.id,
    usedLicenseCount,
    totalLicenseCount,
    ...texts(value, 'bundleId', 'vppTokenAppleId', 'vppTokenOrganizationName', 'vppTokenId'),
  };
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

function texts<Name extends string>(from: JsonObject, ...names: Name[]): Partial<Record<Name, string>> {
  return pick(names, (name) => graphText(from[name]));
}

export function dates<Name extends string>(from: JsonObject, ...names: Name[]): Partial<Record<Name, string>> {
  return pick(names, (name) => {
    const value = graphText(from[name]);
    return value !== undefined && isDate(value) ? value : undefined;
  });
}

function pick<Name extends string>(names: Name[], find: (name: Name) => string | undefined) {
  const found = names.map((name) => [name, find(name)] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found) as Partial<Record<Name, string>>;
}

/** Intune's names have 256 characters at most; a longer text is no name, and processing it would take long. */
const longestText = 1_000;

/** A text of Graph's that is not blank, in a form that every store and message accepts; undefined for anything else. */
export function graphText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  // Copying every text of a long list takes longer than parsing it, and nearly none needs it.
  const isClean = value.length <= longestText && value.isWellFormed() && !value.includes('\0');
  const text = isClean ? value : value.slice(0, longestText).toWellFormed().replaceAll('\0', '');
  return text.trim() === '' ? undefined : text;
}

// Graph writes a date that was never set as the first moment of year 1.
function isDate(value: string): boolean {
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(value);
  return isIso && !value.startsWith('0001-') && !Number.isNaN(Date.parse(value));
}

/**
 * Asks v1.0 and, when `askBeta` is given, beta at the same time. Beta may neither fail nor delay the answer of v1.0: any failure of
 * it, or 5 s without an answer, gives undefined. A failure of v1.0 rejects at once and aborts beta's call.
 */
export async function readWithBeta<Answer, Addition>(
  askV1: () => Promise<Answer>,
  askBeta: ((signal: AbortSignal) => Promise<Addition>) | undefined,
  longestMs = 5000,
): Promise<readonly [Answer, Addition | undefined]> {
  if (!askBeta) return [await askV1(), undefined];
  const answered = new AbortController();
  const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(longestMs)]);
  const addition = askBeta(signal).catch(() => undefined);
  try {
    return [await askV1(), await addition];
  } finally {
    answered.abort();
  }
}
