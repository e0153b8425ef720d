import { foldName } from '../lib/text.ts';
import { createWordMatch } from './resolve-token.ts';
import type { VppToken } from './token.ts';

/** One app of one token. An app bought with two tokens is two of these, so their counts must not be added up blindly. */
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

/** Levels of license use, the worst first. `over`: more in use than bought. `none`: none bought and none in use. */
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

/**
 * The worst first, then by the share in use, then by name. `daysLeft`, where it is known that an app runs out soon: before those of
 * which there are few left, the soonest first.
 */
export function sortByLicenses<App extends Named>(
  apps: readonly App[],
  locale: string,
  daysLeft: (app: App) => number | undefined = () => undefined,
): App[] {
  const names = collatorOf(locale);
  const ranked = apps.map((app) => {
    const level = licenseLevels.indexOf(licenseLevelOf(app));
    const days = daysLeft(app);
    const isSoon = days !== undefined && level >= licenseLevels.indexOf('low');
    const share = app.usedLicenseCount / Math.max(1, app.totalLicenseCount);
    return { app, rank: isSoon ? licenseLevels.indexOf('usedUp') + 0.5 : level, days: isSoon ? days : 0, share };
  });
  return ranked
    .sort(
      (a, b) =>
        a.rank - b.rank || a.days - b.days || b.share - a.share || names.compare(a.app.displayName, b.app.displayName),
    )
    .map(({ app }) => app);
}

/** Apps that a name means: those called exactly so, else those whose name begins so, else those that have all its words. */
export function listAppsNamed<App extends Named>(apps: readonly App[], asked: string): App[] {
  const wanted = foldName(asked);
  if (wanted === '') return [];
  // An app bought with many tokens has one name.
  const byName = [...Map.groupBy(apps, ({ displayName }) => displayName)].map(([name, own]) => ({
    name: foldName(name),
    own,
  }));
  const steps = [(name: string) => name === wanted, (name: string) => name.startsWith(wanted), createWordMatch(wanted)];
  for (const matches of steps) {
    const found = byName.filter(({ name }) => matches(name));
    if (found.length > 0) return found.flatMap(({ own }) => own);
  }
  return [];
}

/** Making a collator is slow, and there are few locales. */
const collators = new Map<string, Intl.Collator>();

function collatorOf(locale: string): Intl.Collator {
  const known = collators.get(locale) ?? new Intl.Collator(locale, { numeric: true });
  collators.set(locale, known);
  return known;
}

/**
 * The apps bought with a token. Certain where an app names its token; otherwise matched by Apple ID and organization, which is
 * `approximate` as soon as the token has no Apple ID or shares both with another token.
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

/** The same text for the same Apple ID in the same organization; undefined without an Apple ID. */
export function accountOf(appleId: string | undefined, organizationName: string | undefined): string | undefined {
  return appleId && `${appleId.trim().toLowerCase()}\0${organizationName?.trim() ?? ''}`;
}

/** Licenses of one app: how many are in use, and how many there are. */
export interface LicenseCounts {
  readonly used: number;
  readonly total: number;
}

/** A change that a sync made on its token. Values are Graph's own, as they came; absent means Graph had none. */
export interface TokenChange {
  readonly what: 'state' | 'expiry' | 'organization' | 'appleId' | 'location';
  readonly before?: string;
  readonly after?: string;
}

/** A change that a sync made on one app of its token. Without `before` the app is new, without `after` it is gone. */
export interface AppChange {
  readonly what: 'app';
  readonly id: string;
  readonly name: string;
  readonly before?: LicenseCounts;
  readonly after?: LicenseCounts;
}

export type Change = TokenChange | AppChange;

/** The reason why the licenses before and after a sync were not compared. */
export type Uncompared =
  | 'forbidden'
  | 'missingScope'
  | 'slow'
  | 'unavailable'
  /** The token has no Apple ID by which its apps could be found among Graph's. */
  | 'noAccount'
  /** The token's apps could not be separated from other tokens' apps in the same way before and after. */
  | 'ambiguous'
  /** The sync was already running when it was requested. */
  | 'joined'
  /** The sign-in ended, was held by another process only, or is refused by now. */
  | 'signInEnded'
  /** The process that requested the sync ended before the sync did, and lost what it had read. */
  | 'stopped';

/** An app whose licenses run out in so many days, at the present pace. */
export interface RunsOut {
  readonly name: string;
  readonly daysLeft: number;
}

/** Result of the comparison once a sync has ended. `pending`: licenses are still being read. */
export type LicensesShown =
  | { readonly kind: 'pending' }
  /** `approximate`: some of the apps may be another token's. `runsOut`: apps that do so soon, the soonest first. */
  | { readonly kind: 'compared'; readonly approximate: boolean; readonly runsOut?: readonly RunsOut[] }
  | { readonly kind: 'notCompared'; readonly why?: Uncompared };

const compared = [
  { what: 'state', of: 'state' },
  { what: 'expiry', of: 'expirationDateTime' },
  { what: 'organization', of: 'organizationName' },
  { what: 'appleId', of: 'appleId' },
  { what: 'location', of: 'locationName' },
] as const;

/**
 * The differences of the token itself between before and after a sync, in the order people care about.
 * Properties that exist in beta only count when beta answered both times: a missing answer is no change.
 */
export function changesBetween(before: VppToken, after: VppToken): TokenChange[] {
  const bothNamed = hasBetaNames(before) && hasBetaNames(after);
  const isKnown = (what: TokenChange['what']) =>
    bothNamed || (what === 'state' ? ![before.state, after.state].includes(betaState) : what !== 'location');
  return compared
    .filter(({ what, of }) => isKnown(what) && !isSame(before[of], after[of]))
    .map(({ what, of }) => ({
      what,
      ...(before[of] !== undefined && { before: before[of] }),
      ...(after[of] !== undefined && { after: after[of] }),
    }));
}

/** The present token, with its earlier names where beta did not answer this time. */
export function withKnownNames(before: VppToken, after: VppToken): VppToken {
  if (hasBetaNames(after)) return after;
  const { displayName, locationName } = before;
  return { ...after, ...(displayName && { displayName }), ...(locationName && { locationName }) };
}

const betaState = 'duplicateLocationId';
const hasBetaNames = ({ displayName, locationName }: VppToken) =>
  displayName !== undefined || locationName !== undefined;

/** One moment may be written in several ways. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  const [a, b] = [one, other].map((value) =>
    /^\d{4}-\d\d-\d\dT/.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN,
  );
  return a === b;
}

/** The differences of a token's apps between before and after, the largest change first. */
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
    what: 'app',
    id,
    name,
    ...(before && { before: countsOf(before) }),
    ...(after && { after: countsOf(after) }),
  };
}

const countsOf = ({ used, total }: LicensedApp): LicenseCounts => ({ used, total });

const isUnchanged = ({ before, after }: AppChange) =>
  before !== undefined && before.used === after?.used && before.total === after.total;

const differenceIn = (of: keyof LicenseCounts, { before, after }: AppChange) =>
  Math.abs((after?.[of] ?? 0) - (before?.[of] ?? 0));

/** An app of a token with its licenses, as stored. */
export interface LicensedApp extends LicenseCounts {
  readonly id: string;
  readonly name: string;
}

/** A token's apps right before its sync, or the reason why they are not known. */
export type LicensesBefore =
  /** `exact`: each app named its token, so that none of them can be another token's. */
  | { readonly kind: 'read'; readonly exact: boolean; readonly apps: readonly LicensedApp[] }
  | { readonly kind: 'unread'; readonly why: Uncompared };

/** Stored with a run whose process ended before its POST had an answer: nobody knows whether Intune got the request. */
export const stoppedAsking: LicensesBefore = { kind: 'unread', why: 'stopped' };

export const wasStoppedAsking = (before: LicensesBefore | undefined): boolean =>
  before?.kind === 'unread' && before.why === 'stopped';

/** The comparison after the sync, stored in place of the apps themselves. */
export type LicensesCompared =
  | (Extract<LicensesShown, { kind: 'compared' }> & { readonly apps: readonly AppChange[] })
  | Extract<LicensesShown, { kind: 'notCompared' }>;
