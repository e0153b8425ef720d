import { type CountedApp, type CountedApps, dayOf, daysLeftOf, toCounted } from '../domain/license-runway.ts';
import { pauseInTime } from '../lib/async.ts';
import { chunked } from '../lib/json.ts';
import type { AppsOfTokens } from './read-tenant.ts';

interface CountRequest {
  readonly tenantId: string;
  readonly apps: AppsOfTokens;
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Keeps the day's count of each app in use, and resolves to the days until licenses run out, by app id. Writes an app once a day, and
 * again when its numbers changed; a tenant may have hundreds of thousands, so in parts, each a transaction of its own.
 */
export async function countApps(
  counted: CountedApps,
  { tenantId, apps, now, signal }: CountRequest,
): Promise<ReadonlyMap<string, number>> {
  const day = dayOf(now);
  const inUse = [...apps].flatMap(([tokenId, own]) =>
    own.apps.filter(({ used }) => used > 0).map((app) => ({ ...app, tokenId, day })),
  );
  const daysLeft = new Map<string, number>();
  for (const part of chunked(inUse)) {
    signal.throwIfAborted();
    for (const app of await countPart(counted, tenantId, part)) {
      const days = daysLeftOf(app, app, day);
      if (days !== undefined) daysLeft.set(app.id, days);
    }
  }
  return daysLeft;
}

async function countPart(
  counted: CountedApps,
  tenantId: string,
  apps: readonly Omit<CountedApp, 'runsOutOn'>[],
): Promise<CountedApp[]> {
  const known = await counted.list(
    tenantId,
    apps.map(({ id }) => id),
  );
  const before = new Map(known.map((app) => [app.id, app]));
  const changed = apps.filter((app) => !isSame(before.get(app.id), app));
  const histories = await counted.listHistories(
    tenantId,
    changed.map(({ id }) => id),
  );
  const entries: ReturnType<typeof toCounted>[] = [];
  for (const app of changed) {
    await pauseInTime();
    entries.push(toCounted(app, histories.get(app.id) ?? []));
  }
  await counted.putAll(tenantId, entries);
  const after = new Map([...before, ...entries.map(({ app }) => [app.id, app] as const)]);
  return [...after.values()];
}

const isSame = (before: CountedApp | undefined, app: Omit<CountedApp, 'runsOutOn'>): boolean =>
  before?.day === app.day &&
  before.used === app.used &&
  before.total === app.total &&
  before.tokenId === app.tokenId &&
  before.name === app.name;
