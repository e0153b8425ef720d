import { GraphError, type GraphErrorReason, type ReadOnlyGraph } from '../domain/graph.ts';
import { type CountedApp, type CountedApps, dayOf, daysLeftOf, warnedDays } from '../domain/license-runway.ts';
import {
  appChangesBetween,
  appsOfToken,
  type LicensedApp,
  type LicensesBefore,
  type LicensesCompared,
  type RunsOut,
  type Uncompared,
  type VppApp,
} from '../domain/licenses.ts';
import type { EndedRun, SyncRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import { listVppTokens, readVppApps, type VppAppReading } from '../graph/vpp.ts';
import { untilAborted } from '../lib/async.ts';
import type { Runtime } from '../lib/runtime.ts';

/** Every app that a person may see, or the reason why they are not known. Never rejects. */
export type AppsRead = Promise<VppAppReading | { readonly why: Uncompared }>;

interface LicensesParts {
  readonly runtime: Runtime;
  /** Graph with the requester's own rights, while they are signed in: apps that others may see are not theirs to compare with. */
  readonly findReader: (run: SyncRun) => Promise<ReadOnlyGraph | undefined>;
  readonly countedApps: Pick<CountedApps, 'listRunningOut'>;
  readonly beta: boolean;
  readonly beforeWithinMs?: number;
  readonly listWithinMs?: number;
}

/** Nothing here rejects: licenses that cannot be read are shown as not compared, and no sync waits or fails for them. */
export interface Licenses {
  /** Begins to list all apps, for the tokens of a batch to share. */
  list(graph: ReadOnlyGraph): AppsRead;
  /** A token's apps right before its POST. Resolves within about 2 s whatever Graph does. */
  before(graph: ReadOnlyGraph, token: VppToken, shared?: AppsRead): Promise<LicensesBefore>;
  /** Changes since `before`, by run id. All runs are one person's, whose apps are listed once. */
  compare(runs: readonly EndedRun[], signal: AbortSignal): Promise<ReadonlyMap<string, LicensesCompared>>;
}

export function createLicenses(parts: LicensesParts): Licenses {
  const { beta, beforeWithinMs = 2_000, listWithinMs = 30_000 } = parts;

  async function list(graph: ReadOnlyGraph, signal: AbortSignal): AppsRead {
    try {
      return await untilAborted(readVppApps(graph, { beta, signal }), signal);
    } catch (error) {
      const why = signal.aborted ? 'slow' : whyOf(error);
      parts.runtime.log.info({ err: error, why }, 'apps could not be listed for a receipt');
      return { why };
    }
  }

  /** Undefined when they cannot be read; then no comparison is called exact. */
  async function listTokens(graph: ReadOnlyGraph, signal: AbortSignal): Promise<readonly VppToken[] | undefined> {
    return untilAborted(listVppTokens(graph, { signal }), signal).catch(() => undefined);
  }

  /** A receipt does without them rather than fail. */
  async function listRunningOut(tenantId: string): Promise<readonly CountedApp[]> {
    const today = dayOf(parts.runtime.now());
    return parts.countedApps.listRunningOut(tenantId, today, warnedDays).catch((error: unknown) => {
      parts.runtime.log.warn({ err: error, tenantId }, 'apps that run out could not be listed for a receipt');
      return [];
    });
  }

  return {
    list: (graph) => list(graph, AbortSignal.timeout(listWithinMs)),
    async before(graph, token, shared) {
      const read = await (shared ? inTime(shared, beforeWithinMs) : list(graph, AbortSignal.timeout(beforeWithinMs)));
      if (!('apps' in read)) return { kind: 'unread', ...read };
      const own = appsOfToken(read.apps, token, []);
      if (own.approximate) return { kind: 'unread', why: 'noAccount' };
      return { kind: 'read', exact: isExact(own.apps, token), apps: own.apps.map(toLicensed) };
    },
    async compare(runs, stopped) {
      const first = runs.find(isComparable);
      const graph = first && (await parts.findReader(first));
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(listWithinMs)]);
      const read = graph && (await Promise.all([list(graph, signal), listTokens(graph, signal)]));
      const counted = read && (await listRunningOut(first.tenantId));
      return new Map(runs.map((run) => [run.id, compareOne(run, read, counted)]));
    },
  };
}

const isComparable = ({ joined, licensesBefore }: EndedRun) => !joined && licensesBefore?.kind === 'read';

function compareOne(
  run: EndedRun,
  read: readonly [Awaited<AppsRead>, readonly VppToken[] | undefined] | undefined,
  counted: readonly CountedApp[] = [],
): LicensesCompared {
  const { licensesBefore: before, after } = run;
  if (run.joined) return { kind: 'notCompared', why: 'joined' };
  if (before?.kind !== 'read') return { kind: 'notCompared', ...(before && { why: before.why }) };
  if (!read) return { kind: 'notCompared', why: 'signInEnded' };
  const [listed, tokens] = read;
  if (!('apps' in listed)) return { kind: 'notCompared', why: listed.why };
  const own = appsOfToken(listed.apps, after, tokens ?? []);
  // An app whose numbers are missing this time is still there.
  const isCounted = ({ id }: LicensedApp) => !listed.uncounted.some((app) => app.id === id);
  const exact = isExact(own.apps, after);
  const isMixed = before.exact !== exact && before.apps.length > 0 && own.apps.length > 0;
  if (isMixed || (own.approximate && own.apps.length === 0)) return { kind: 'notCompared', why: 'ambiguous' };
  const runsOut = listSoon(own.apps, counted, dayOf(run.endedAt));
  return {
    kind: 'compared',
    approximate: own.approximate || (!exact && tokens === undefined),
    apps: appChangesBetween(before.apps.filter(isCounted), own.apps.map(toLicensed)),
    ...(runsOut.length > 0 && { runsOut }),
  };
}

/** Of apps that the person sees, with the numbers after the sync: what was bought with it ends the shortage. */
function listSoon(apps: readonly VppApp[], counted: readonly CountedApp[], today: number): RunsOut[] {
  const own = new Map(apps.map((app) => [app.id, app]));
  return counted.flatMap((each) => {
    const app = own.get(each.id);
    if (!app) return [];
    const daysLeft = daysLeftOf(each, toLicensed(app), today);
    return daysLeft === undefined || daysLeft > warnedDays ? [] : [{ name: app.displayName, daysLeft }];
  });
}

const isExact = (apps: readonly VppApp[], token: VppToken) =>
  apps.length > 0 && apps.every(({ vppTokenId }) => vppTokenId === token.id);

const toLicensed = ({ id, displayName, usedLicenseCount, totalLicenseCount }: VppApp): LicensedApp => ({
  id,
  name: displayName,
  used: usedLicenseCount,
  total: totalLicenseCount,
});

const inTime = (apps: AppsRead, ms: number): AppsRead =>
  untilAborted(apps, AbortSignal.timeout(ms)).catch(() => ({ why: 'slow' }));

const whys: Readonly<Partial<Record<GraphErrorReason, Uncompared>>> = {
  forbidden: 'forbidden',
  missingScope: 'missingScope',
  tokenRejected: 'signInEnded',
  claimsChallenge: 'signInEnded',
  timedOut: 'slow',
};
const whyOf = (error: unknown): Uncompared => (error instanceof GraphError && whys[error.reason]) || 'unavailable';
