import type { VppToken } from '../domain/token.ts';
import { isJsonObject } from '../lib/json.ts';
import { graphText } from '../lib/text.ts';
import { askBesideBeta } from './beside-beta.ts';
import type { ReadOnlyGraph } from './client.ts';
import { GraphError } from './errors.ts';

/** One app of one token: the same app bought with two tokens is two of these, so do not add them up blindly. */
export interface VppApp {
  readonly id: string;
  readonly displayName: string;
  readonly bundleId?: string;
  readonly usedLicenseCount: number;
  readonly totalLicenseCount: number;
  readonly vppTokenAppleId?: string;
  readonly vppTokenOrganizationName?: string;
  /** Beta only. */
  readonly vppTokenId?: string;
}

const path = '/deviceAppManagement/mobileApps';
// No $select: the properties wanted belong to the derived type, which the collection's $select does not know.
const query = { $filter: "isof('microsoft.graph.iosVppApp')" };

/**
 * All iOS and iPadOS VPP apps. With `beta` each also names its token; without an answer of beta's v1.0 stands alone.
 * macOS VPP apps exist in beta alone and are not listed, so that a failing beta never makes apps vanish.
 */
export async function listVppApps(
  graph: ReadOnlyGraph,
  { beta = false, signal }: { readonly beta?: boolean; readonly signal?: AbortSignal } = {},
): Promise<readonly VppApp[]> {
  const [rows, betaRows] = await askBesideBeta(
    () => graph.listPages(path, { query, ...(signal && { signal }) }),
    beta ? (within) => graph.listPages(path, { version: 'beta', query, signal: within }) : undefined,
  );
  const apps = byId(rows);
  if (rows.length > 0 && apps.size === 0) {
    throw new GraphError('unreadable', { clientRequestId: 'unknown', detail: 'The answer holds no app.' });
  }
  const betaApps = byId(betaRows ?? []);
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

function byId(rows: readonly unknown[]): Map<string, VppApp> {
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
