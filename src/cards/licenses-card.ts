import { warnedDays } from '../domain/license-runway.ts';
import { type LicenseLevel, licenseLevelOf, licenseLevels, type VppApp } from '../domain/licenses.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { type ListButton, type Paged, pageButtons, pageLine, rowsOfPage } from './paging.ts';
import {
  appleIdFor,
  bandOf,
  barOf,
  clientDateTime,
  header,
  line,
  lineWithSymbol,
  render,
  type Tone,
} from './render.ts';
import { tokenNames } from './token-parts.ts';

export interface LicensesCardData extends Paged {
  readonly locale: Locale;
  readonly conversationKind: ConversationKind;
  /** Absent for the apps of several tokens. */
  readonly token?: VppToken;
  /** The app that was asked for, over all tokens. */
  readonly appName?: string;
  /** Each app's token by the app's id, as far as that is certain. */
  readonly tokenTitles?: ReadonlyMap<string, string>;
  /** Until an app's licences run out at the present pace, by its id. */
  readonly daysLeft: ReadonlyMap<string, number>;
  /** At least one, in the order shown, of all pages. */
  readonly apps: readonly VppApp[];
  /** Apps of the token, low on licences or not. */
  readonly total: number;
  /** Apps of the token for which Intune gives no numbers. */
  readonly uncounted: number;
  /** Apps of the token at 95 % or more. */
  readonly lowTotal: number;
  /** True when `apps` has only those. */
  readonly low: boolean;
  /** True when some of the apps may be another token's. */
  readonly approximate: boolean;
  readonly readAt: number;
}

const longestBundleId = 60;

const tones: Readonly<Record<LicenseLevel, Tone>> = {
  over: 'attention',
  usedUp: 'attention',
  low: 'warning',
  fine: 'good',
  none: 'plain',
};

/** Licences of one token, one row per app: what is left, and how many of how many are in use. */
export function licensesCard(data: LicensesCardData): CardContent {
  const { locale, token, apps, approximate, page } = data;
  const { licenses, card } = textsFor(locale);
  const { title, others } = namesOf(data);
  const account = token?.appleId ? [appleIdFor(token.appleId, data.conversationKind)] : [];
  const hasOver = apps.some((app) => licenseLevelOf(app) === 'over');
  return render('licenses-card', locale, summaryOfLicensesCard(data), {
    ...header(licenses.heading(title), [...others, ...account]),
    band: [bandOf(toneOf(data), countsOf(data).join(' · '))],
    notices: [
      ...(data.uncounted > 0 ? [lineWithSymbol('warning', licenses.uncounted(data.uncounted))] : []),
      ...(approximate ? [lineWithSymbol('warning', licenses.approximate)] : []),
      ...(hasOver ? [lineWithSymbol('attention', licenses.overAssigned)] : []),
    ],
    appLabel: licenses.label.app,
    leftLabel: licenses.label.left,
    rows: rowsOfPage(apps, page).map((app) => appRow(app, data)),
    page: pageLine(data, apps.length, locale),
    footer: [line(`${card.asOf} ${clientDateTime(data.readAt)}`)],
    actions: [...pageButtons('licenses', data, apps.length, locale), ...filterButton(data)],
  });
}

const namesOf = ({ token, appName, locale }: LicensesCardData) =>
  token
    ? tokenNames(token, locale)
    : { title: appName === undefined ? textsFor(locale).card.allTokens : safeLine(appName), others: [] };

/** The other view of the list, unless it would show the same apps or none. */
function filterButton({ locale, token, low, lowTotal, total, recordId: id }: LicensesCardData): ListButton[] {
  const { filter } = textsFor(locale).licenses;
  if (!token || lowTotal === 0 || lowTotal === total) return [];
  return [
    low
      ? { title: filter.all(total), verb: 'licenses/all', id }
      : { title: filter.low(lowTotal), verb: 'licenses/low', id },
  ];
}

/** One line for toasts: the token, and how many apps are short of licences. */
export function summaryOfLicensesCard(data: LicensesCardData): string {
  const { licenses, card, list } = textsFor(data.locale);
  const { title } = namesOf(data);
  return card.summary(licenses.heading(title), countsOf(data).join(list.separator));
}

function countsOf(data: LicensesCardData): string[] {
  const { locale, apps, total, low } = data;
  const { licenses } = textsFor(locale);
  const soon = apps.filter((app) => isSoon(app, data)).length;
  const levels = licenseLevels
    .map((level) => ({ level, found: apps.filter((app) => licenseLevelOf(app) === level).length }))
    .filter(({ found }) => found > 0);
  const all = low ? licenses.lowOf(apps.length, total) : licenses.apps(total);
  const counts = levels.map(({ level, found }) => licenses.count[level](found));
  return [all, ...(soon > 0 ? [licenses.count.soon(soon)] : []), ...counts];
}

/** As serious as the worst of them. */
function toneOf(data: LicensesCardData): Tone {
  const worst = licenseLevels.find((level) => data.apps.some((app) => licenseLevelOf(app) === level)) ?? 'none';
  return tones[worst] === 'good' && data.apps.some((app) => isSoon(app, data)) ? 'warning' : tones[worst];
}

const isSoon = ({ id }: VppApp, { daysLeft }: LicensesCardData): boolean =>
  (daysLeft.get(id) ?? Number.POSITIVE_INFINITY) <= warnedDays;

function appRow(app: VppApp, data: LicensesCardData) {
  const { locale, apps, token, tokenTitles } = data;
  const { licenses } = textsFor(locale);
  const { usedLicenseCount: used, totalLicenseCount: total } = app;
  const level = licenseLevelOf(app);
  const tone = level === 'fine' && isSoon(app, data) ? 'warning' : tones[level];
  const owner = tokenTitles?.get(app.id) ?? app.vppTokenOrganizationName;
  const where = !token && owner ? [line(safeLine(owner))] : [];
  const hasNamesake = token && apps.some((other) => other.id !== app.id && other.displayName === app.displayName);
  const left = level === 'over' ? licenses.over(used - total) : licenses.left(total - used);
  const remaining = lineWithSymbol(tone, level === 'none' ? licenses.none : left);
  const days = data.daysLeft.get(app.id);
  return {
    name: safeLine(app.displayName) || safeLine(app.id),
    details: [...where, ...(hasNamesake && app.bundleId ? [line(safeLine(app.bundleId, longestBundleId))] : [])],
    left: remaining.text,
    color: remaining.color,
    used: [
      ...(level === 'none' ? [] : [line(licenses.used(used, total))]),
      ...(days === undefined ? [] : [line(licenses.runsOut(days))]),
    ],
    bar: barOf(tone, used, total),
  };
}
