import type { VppToken } from '../domain/token.ts';
import { isJsonObject } from '../lib/json.ts';
import { askBesideBeta } from './beside-beta.ts';
import type { DelegatedGraph, PostOptions, ReadOnlyGraph } from './client.ts';
import { GraphError } from './errors.ts';
import { parseVppToken } from './parse-vpp-token.ts';
import { toPathSegment } from './resource-id.ts';

export interface VppTokenOptions {
  /** Also asks beta for displayName, locationName and the duplicateLocationId state; without an answer v1.0 stands alone. */
  readonly beta?: boolean;
  readonly signal?: AbortSignal;
}

const path = '/deviceAppManagement/vppTokens';

/** Every v1.0 property of a token but `token`, the secret. */
export const vppTokenSelect =
  'id,organizationName,appleId,countryOrRegion,vppTokenAccountType,state,lastSyncStatus,' +
  'expirationDateTime,lastSyncDateTime,lastModifiedDateTime,automaticallyUpdateApps';

const query = { $select: vppTokenSelect };
const betaOptions = { version: 'beta', query: { $select: 'id,displayName,locationName,state' } } as const;

/** All tokens the caller may see, each once, in Graph's order. */
export async function listVppTokens(graph: ReadOnlyGraph, options: VppTokenOptions = {}): Promise<readonly VppToken[]> {
  return (await readVppTokens(graph, options)).tokens;
}

export interface VppTokenReading {
  readonly tokens: readonly VppToken[];
  /** Beta was asked and did not answer: what it alone knows is missing. */
  readonly lacksBeta: boolean;
}

/** The same list, for whoever must tell a name that is gone from one that could not be read. */
export async function readVppTokens(graph: ReadOnlyGraph, options: VppTokenOptions = {}): Promise<VppTokenReading> {
  const { beta = false, signal } = options;
  const [rows, betaRows] = await askBesideBeta(
    () => graph.listPages(path, { query, ...(signal && { signal }) }),
    beta ? (within) => graph.listPages(path, { ...betaOptions, signal: within }) : undefined,
  );
  const tokens = byId(rows);
  if (rows.length > 0 && tokens.size === 0) throw wrongShape();
  const additions = byId(betaRows ?? []);
  return {
    tokens: [...tokens.values()].map((token) => withBeta(token, additions.get(token.id))),
    lacksBeta: beta && betaRows === undefined,
  };
}

/** Rejects with `notFound` when Graph knows no such token or hides it from the caller. */
export async function getVppToken(
  graph: ReadOnlyGraph,
  id: string,
  { beta = false, signal }: VppTokenOptions = {},
): Promise<VppToken> {
  const one = `${path}/${toPathSegment(id)}`;
  const [row, betaRow] = await askBesideBeta(
    () => graph.get(one, { query, ...(signal && { signal }) }),
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
  const body = await graph.post(`${path}/${toPathSegment(id)}/syncLicenses`, options);
  const token = parseVppToken(isJsonObject(body) && isJsonObject(body.value) ? body.value : body);
  return token && isSameId(token.id, id) ? token : undefined;
}

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

const isSameId = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

function wrongShape(): GraphError {
  return new GraphError('unreadable', { clientRequestId: 'unknown', detail: 'The answer holds no token.' });
}
