import type { VppApp } from '../graph/vpp-apps.ts';

/** How an app stands for licences, the worst first. `over`: more in use than bought. `none`: none bought and none in use. */
export const licenseLevels = ['over', 'usedUp', 'low', 'fine', 'none'] as const;
export type LicenseLevel = (typeof licenseLevels)[number];

type Counts = Pick<VppApp, 'usedLicenseCount' | 'totalLicenseCount'>;
type Named = Counts & Pick<VppApp, 'displayName'>;

const lowFrom = 0.95;

export function licenseLevelOf({ usedLicenseCount: used, totalLicenseCount: total }: Counts): LicenseLevel {
  if (used > total) return 'over';
  if (total === 0) return 'none';
  if (used === total) return 'usedUp';
  return used / total >= lowFrom ? 'low' : 'fine';
}

/** 95 % or more in use. */
export const isLow = (app: Counts): boolean => ['over', 'usedUp', 'low'].includes(licenseLevelOf(app));

/** The worst first, then by the share in use, then by name. */
export function sortByLicenses<App extends Named>(apps: readonly App[], locale: string): App[] {
  const names = new Intl.Collator(locale, { numeric: true });
  const rank = (app: App) => licenseLevels.indexOf(licenseLevelOf(app));
  const share = (app: App) => app.usedLicenseCount / Math.max(1, app.totalLicenseCount);
  return apps.toSorted(
    (a, b) => rank(a) - rank(b) || share(b) - share(a) || names.compare(a.displayName, b.displayName),
  );
}
