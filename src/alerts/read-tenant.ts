import type { MonitoringFailure } from '../domain/alert.ts';
import { type FailedReading, isRefusal, toFailedReading } from '../domain/alert-observations.ts';
import type { ReadOnlyGraph } from '../domain/graph.ts';
import { accountOf, appsOfToken, type VppApp } from '../domain/licenses.ts';
import type { VppToken } from '../domain/token.ts';
import { listVppApps, readVppTokens } from '../graph/vpp.ts';
import { untilAborted } from '../lib/async.ts';

export type TenantReading =
  | ({ readonly kind: 'failed' } & FailedReading)
  | {
      readonly kind: 'seen';
      readonly tokens: readonly VppToken[];
      /** Beta did not answer this time, so that what it alone knows is missing. */
      readonly betaMissing: boolean;
      /** By token; absent unless licences were read. */
      readonly apps?: ReadonlyMap<string, TokenApps>;
      /** Why licences could not be read. */
      readonly licenses?: FailedReading;
    };

export interface ReadTenantRequest {
  readonly tenantId: string;
  readonly licenses: boolean;
  readonly lastFailure?: MonitoringFailure;
  readonly signal: AbortSignal;
}

export interface ReadTenantParts {
  readonly forApp: (tenantId: string) => ReadOnlyGraph;
  readonly renewAppToken: (tenantId: string) => Promise<unknown>;
  readonly beta: boolean;
  /** Deadline for the tokens, and another one for the licences. */
  readonly readWithinMs: number;
  readonly log: { error(fields: object, message: string): void };
}

/**
 * Looks at a tenant with the app's own read-only token. Whatever goes wrong is part of the answer; rejects only when the signal is
 * aborted, with its reason.
 */
export function createReadTenant(parts: ReadTenantParts): (asked: ReadTenantRequest) => Promise<TenantReading> {
  const { beta } = parts;
  const owners = createAppOwners();

  async function tryReading<T>(
    { tenantId, signal }: ReadTenantRequest,
    part: MonitoringFailure['part'],
    read: (within: AbortSignal) => Promise<T>,
  ): Promise<{ readonly read: T } | FailedReading> {
    try {
      return { read: await read(AbortSignal.any([signal, AbortSignal.timeout(parts.readWithinMs)])) };
    } catch (error) {
      signal.throwIfAborted();
      const failed = toFailedReading(part, error);
      if (failed.failure.reason === 'unexpected') parts.log.error({ err: error, tenantId, part }, 'a look broke off');
      return failed;
    }
  }

  return async (asked) => {
    const { tenantId, lastFailure } = asked;
    const graph = parts.forApp(tenantId);
    const listed = await tryReading(asked, 'tokens', async (signal) => {
      if (lastFailure && isRefusal(lastFailure)) await untilAborted(parts.renewAppToken(tenantId), signal);
      return readVppTokens(graph, { beta, signal });
    });
    if ('failure' in listed) return { kind: 'failed', ...listed };
    const { tokens } = listed.read;
    if (!asked.licenses) return { kind: 'seen', ...listed.read };
    const apps = await tryReading(asked, 'licenses', (signal) => listVppApps(graph, { beta, signal }));
    if ('failure' in apps) return { kind: 'seen', ...listed.read, licenses: apps };
    return { kind: 'seen', ...listed.read, apps: attributeApps(owners.complete(tenantId, apps.read), tokens) };
  };
}

/**
 * Remembers which token each app named. Beta alone tells; without this, a look at which it does not answer would take an app's
 * shortage from its token and give it to another one.
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

/** The licences of one token's apps. */
interface TokenApps {
  readonly apps: readonly { readonly name: string; readonly used: number; readonly total: number }[];
  /** They may be another token's of the same account. */
  readonly isApproximate: boolean;
}

/**
 * Whose apps are whose, each app of one token at most. Where several tokens share an account and an app names none of them,
 * the token with the lowest id stands for all, so that one shortage is one alert.
 */
export function attributeApps(apps: readonly VppApp[], tokens: readonly VppToken[]): ReadonlyMap<string, TokenApps> {
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
      const candidates = [...(named.get(token.id) ?? []), ...(token.id === lowest ? shared : [])];
      const { apps: own, approximate } = appsOfToken(candidates, token, group);
      attributed.set(token.id, { apps: own.map(toCounts), isApproximate: approximate });
    }
  }
  return attributed;
}

const toCounts = (app: VppApp) => ({
  name: app.displayName,
  used: app.usedLicenseCount,
  total: app.totalLicenseCount,
});
