import { isLow, licenseLevelOf, sortByLicenses } from '../sync/license-level.ts';
import { absent, present, type Sight, type TokenFacts, unknown } from './observed.ts';

/** The worst app decides; the detail lists every app at 95 % or more, the worst first. */
export function observeLicenses({ apps: read }: TokenFacts): Sight {
  if (!read) return unknown;
  const counted = read.apps.map(({ name, used, total }) => ({
    displayName: name,
    usedLicenseCount: used,
    totalLicenseCount: total,
  }));
  const [worst, ...others] = sortByLicenses(counted.filter(isLow), 'en');
  if (!worst) return absent('resolved');
  const apps = [worst, ...others].map(({ displayName: name, usedLicenseCount: used, totalLicenseCount: total }) => ({
    name,
    used,
    total,
  }));
  const stage = licenseLevelOf(worst) === 'low' ? 'low' : 'usedUp';
  return present(stage, { apps, ...(read.isApproximate && { isApproximate: true }) });
}
