import type { MonitoringFailure } from '../domain/alert.ts';
import { type FailedReading, isRefusal, toFailedReading } from '../domain/alert-observations.ts';
import { type ConnectorKind, kindOf, otherKinds } from '../domain/connector.ts';
import { GraphError, type ReadOnlyGraph } from '../domain/graph.ts';
import { accountOf, appsOfToken, type LicensedApp, type VppApp } from '../domain/licenses.ts';
import type { ConnectorReading, VppToken } from '../domain/token.ts';
import { getConnector, readConnectors } from '../graph/connectors.ts';
import { listVppApps, readVppTokens } from '../graph/vpp.ts';
import { pauseInTime, untilAborted } from '../lib/async.ts';
import type { Runtime } from '../lib/runtime.ts';

export type TenantReading =
  | ({ readonly kind: 'failed' } & FailedReading)
  | {
      readonly kind: 'seen';
      /** The VPP tokens and every other connector that could be read. */
      readonly tokens: readonly VppToken[];
      /** How the other kinds were found, if they were asked for. */
      readonly others?: readonly ConnectorReading[];
      /** Beta did not answer, so the fields that it alone has are missing. */
      readonly betaMissing: boolean;
      /** Ids of missing tokens that Graph, asked for each by its id, answers 404. */
      readonly notFound?: ReadonlySet<string>;
      /** By token id; absent unless licenses were read. */
      readonly apps?: AppsOfTokens;
      /** Reason why licenses could not be read. */
      readonly licenses?: FailedReading;
    };

/** By token id. */
export type AppsOfTokens = ReadonlyMap<string, TokenApps>;

/** The licenses of one token's apps. */
interface TokenApps {
  readonly apps: readonly LicensedApp[];
  /** They may be another token's with the same Apple ID. */
  readonly isApproximate: boolean;
}

export interface ReadTenantRequest {
  readonly tenantId: string;
  /** True to read licenses too. */
  readonly licenses: boolean;
  readonly lastFailure?: MonitoringFailure;
  /** Ids of tokens that earlier lists did not have. */
  readonly missing?: readonly string[];
  readonly signal: AbortSignal;
}

/** Every failure is part of the reading; rejects only when the signal aborts, with its reason. */
export type ReadTenant = (request: ReadTenantRequest) => Promise<TenantReading>;

export interface ReadTenantParts {
  readonly runtime: Runtime;
  readonly forApp: (tenantId: string) => ReadOnlyGraph;
  readonly renewAppToken: (tenantId: string) => Promise<unknown>;
  readonly beta: boolean;
  /** Deadline for the tokens, and another one for the licenses. */
  readonly readWithinMs: number;
}

/** In one pass; the others are asked for at the next ones. */
const mostAsked = 50;

/** Reads tenants with the app's own read-only token. */
export function createReadTenant(parts: ReadTenantParts): ReadTenant {
  const { runtime, forApp, renewAppToken, beta, readWithinMs } = parts;
  const owners = createAppOwners();

  async function tryReading<T>(
    { tenantId, signal }: ReadTenantRequest,
    part: MonitoringFailure['part'],
    read: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly read: T } | FailedReading> {
    try {
      return { read: await read(AbortSignal.any([signal, AbortSignal.timeout(readWithinMs)])) };
    } catch (error) {
      signal.throwIfAborted();
      const failed = toFailedReading(part, error);
      if (failed.failure.reason === 'unexpected')
        runtime.log.error({ err: error, tenantId, part }, 'reading a tenant failed unexpectedly');
      return failed;
    }
  }

  /** Whatever becomes of them, the VPP tokens are monitored. */
  async function readOthers({ signal }: ReadTenantRequest, graph: ReadOnlyGraph): Promise<readonly ConnectorReading[]> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(readWithinMs)]);
    const others = await readConnectors(graph, otherKinds, { beta, signal: within });
    signal.throwIfAborted();
    return others;
  }

  /** Stops at the first answer that is neither the token nor 404: it decides nothing, and the next pass asks again. */
  async function findDeleted(
    { missing = [], signal }: ReadTenantRequest,
    graph: ReadOnlyGraph,
    { tokens, others = [] }: Pick<Extract<TenantReading, { kind: 'seen' }>, 'tokens' | 'others'>,
  ) {
    const listedIds = new Set(tokens.map(({ id }) => id));
    const readKinds = new Set<ConnectorKind>(others.filter(({ is }) => is === 'read').map(({ kind }) => kind));
    // A list without any VPP token is judged as a whole.
    if (tokens.some((token) => kindOf(token) === 'vpp')) readKinds.add('vpp');
    const asked = missing.filter((id) => !listedIds.has(id) && readKinds.has(kindOf({ id })));
    const within = AbortSignal.any([signal, AbortSignal.timeout(readWithinMs)]);
    const notFound = new Set<string>();
    for (const id of asked.slice(0, mostAsked)) {
      try {
        await getConnector(graph, id, { beta, signal: within });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof GraphError) || error.status !== 404) break;
        notFound.add(id);
      }
    }
    return notFound;
  }

  return async (request) => {
    const { tenantId, lastFailure, licenses } = request;
    const graph = forApp(tenantId);
    const listed = await tryReading(request, 'tokens', async (signal) => {
      if (lastFailure && isRefusal(lastFailure)) await untilAborted(renewAppToken(tenantId), signal);
      return readVppTokens(graph, { beta, signal });
    });
    if ('failure' in listed) return { kind: 'failed', ...listed };
    const { tokens: vppTokens, betaMissing } = listed.read;
    const others = await readOthers(request, graph);
    const tokens = [...vppTokens, ...others.flatMap((each) => (each.is === 'read' ? each.connectors : []))];
    const notFound = await findDeleted(request, graph, { tokens, others });
    const seen = { kind: 'seen', tokens, others, betaMissing, ...(notFound.size > 0 && { notFound }) } as const;
    if (!licenses) return seen;
    const apps = await tryReading(request, 'licenses', (signal) => listVppApps(graph, { beta, signal }));
    if ('failure' in apps) return { ...seen, licenses: apps };
    const attributed = await attributeApps(owners.complete(tenantId, apps.read), vppTokens);
    return { ...seen, apps: attributed };
  };
}

/**
 * Remembers which token each app belongs to. Only beta says so; without this, a reading without beta would move an app's shortage
 * from its token to another one.
 */
export function createAppOwners() {
  const known = new Map<string, ReadonlyMap<string, string>>();
  return {
    complete(tenantId: string, apps: readonly VppApp[]): readonly VppApp[] {
      const before = known.get(tenantId);
      const completed = apps.map((app) => {
        const vppTokenId = app.vppTokenId ?? before?.get(app.id);
        return vppTokenId === undefined ? app : { ...app, vppTokenId };
      });
      const owners = completed.flatMap(({ id, vppTokenId }) => (vppTokenId ? [[id, vppTokenId] as const] : []));
      known.set(tenantId, new Map(owners));
      return completed;
    },
  };
}

/**
 * Assigns each app to one token at most. When several tokens share an Apple ID and an app names none of them, it goes to the token
 * with the lowest id, so that one shortage is one alert.
 */
export async function attributeApps(apps: readonly VppApp[], tokens: readonly VppToken[]): Promise<AppsOfTokens> {
  const named = Map.groupBy(apps, ({ vppTokenId }) => vppTokenId);
  const unnamed = Map.groupBy(named.get(undefined) ?? [], (app) =>
    accountOf(app.vppTokenAppleId, app.vppTokenOrganizationName),
  );
  const groups = Map.groupBy(tokens, (token) => accountOf(token.appleId, token.organizationName));
  const attributed = new Map<string, TokenApps>();
  for (const [account, group] of groups) {
    const [lowest] = group.map(({ id }) => id).sort();
    const shared = account === undefined ? [] : (unnamed.get(account) ?? []);
    for (const token of group) {
      await pauseInTime();
      const candidates = [...(named.get(token.id) ?? []), ...(token.id === lowest ? shared : [])];
      const { apps: own, approximate } = appsOfToken(candidates, token, group);
      attributed.set(token.id, { apps: own.map(toCounts), isApproximate: approximate });
    }
  }
  return attributed;
}

const toCounts = (app: VppApp): LicensedApp => ({
  id: app.id,
  name: app.displayName,
  used: app.usedLicenseCount,
  total: app.totalLicenseCount,
});
