import type { AppChange, LicenseCounts } from '../cards/change.ts';
import type { LicensedApp } from './license-snapshot.ts';

/** What differs between a token's apps before and after, the largest change first. */
export function appChangesBetween(before: readonly LicensedApp[], after: readonly LicensedApp[]): AppChange[] {
  const earlier = new Map(before.map((app) => [app.id, app]));
  const later = new Map(after.map((app) => [app.id, app]));
  return [...new Map([...earlier, ...later]).values()]
    .map(({ id, name }) => changeOf(id, name, earlier.get(id), later.get(id)))
    .filter((change) => !isUnchanged(change))
    .sort(bySize);
}

/** The largest change first: by licences, then by those in use, then by name. */
export const bySize = (one: AppChange, other: AppChange): number =>
  differenceIn('total', other) - differenceIn('total', one) ||
  differenceIn('used', other) - differenceIn('used', one) ||
  one.name.localeCompare(other.name);

function changeOf(id: string, name: string, before?: LicensedApp, after?: LicensedApp): AppChange {
  return {
    ...{ what: 'app', id, name },
    ...(before && { before: countsOf(before) }),
    ...(after && { after: countsOf(after) }),
  };
}

const countsOf = ({ used, total }: LicensedApp): LicenseCounts => ({ used, total });

const isUnchanged = ({ before, after }: AppChange) =>
  before !== undefined && before.used === after?.used && before.total === after.total;

const differenceIn = (of: keyof LicenseCounts, { before, after }: AppChange) =>
  Math.abs((after?.[of] ?? 0) - (before?.[of] ?? 0));
