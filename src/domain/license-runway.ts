import { dayMs } from '../lib/time.ts';
import type { LicenseCounts } from './licenses.ts';

/** Days are those of UTC, counted from 1 January 1970. */
export const dayOf = (at: number): number => Math.floor(at / dayMs);

/** Licenses of one app on one day. */
export interface DayCount extends LicenseCounts {
  readonly day: number;
}

/** Counts of one app, a day each, the oldest first. */
export type CountHistory = readonly DayCount[];

export const keptDays = 35;
const trendDays = 28;
/** Fewer days of data say nothing. */
const fewestDays = 7;
/** So long after a purchase people may be making up for a shortage, or it may be the first part of a larger one. */
const daysAfterPurchase = 3;
/** What lies further ahead than twice the data is guessing. */
const furthestDays = 60;

/** The history with the count of a day, which is its newest from then on. After the clock was set back, days to come are dropped. */
export function withCount(history: CountHistory, count: DayCount): CountHistory {
  return [...history.filter(({ day }) => day > count.day - keptDays && day < count.day), count];
}

/**
 * Whole days after the newest count until an app's licenses are used up, at the pace of the last 28 days: the Theil–Sen slope, the
 * median of the slopes between every two days, which a few odd days do not move. Undefined where the data do not tell: fewer than 7
 * days, a purchase within the last 3, use that does not clearly rise or no longer does, nothing left, or an end too far ahead.
 */
export function findDaysLeft(history: CountHistory): number | undefined {
  const newest = history.at(-1);
  if (!newest || newest.used === 0 || newest.used >= newest.total) return undefined;
  const isBought = ({ day, total }: DayCount, index: number) =>
    newest.day - day < daysAfterPurchase && total > (history[index - 1]?.total ?? total);
  const counts = history.filter(({ day }) => day > newest.day - trendDays);
  if (counts.length < fewestDays || history.some(isBought)) return undefined;
  const slope = findRisingSlope(counts);
  if (slope === undefined || !stillRises(counts, slope)) return undefined;
  const days = Math.round((newest.total - newest.used) / slope);
  return days > furthestDays ? undefined : Math.max(1, days);
}

/**
 * The median of all slopes between two days, if use rises more often than chance would have it: by the Mann–Kendall test, two standard
 * deviations (H. B. Mann 1945, P. K. Sen 1968).
 */
function findRisingSlope(counts: CountHistory): number | undefined {
  // Most apps of most tenants stay as they are for weeks.
  if (counts.every(({ used }) => used === counts[0]?.used)) return undefined;
  const slopes = new Float64Array((counts.length * (counts.length - 1)) / 2);
  let pairs = 0;
  let rises = 0;
  for (const [index, later] of counts.entries()) {
    for (const earlier of counts.slice(0, index)) {
      const slope = (later.used - earlier.used) / (later.day - earlier.day);
      rises += Math.sign(slope);
      slopes[pairs] = slope;
      pairs += 1;
    }
  }
  const n = counts.length;
  if (rises < 2 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) return undefined;
  slopes.sort();
  const middle = pairs / 2;
  const median = ((slopes[Math.ceil(middle) - 1] ?? 0) + (slopes[Math.floor(middle)] ?? 0)) / 2;
  return median > 0 ? median : undefined;
}

/**
 * True unless the rise seems over: two flat weeks with a rush between them, as at the start of a school year, have a slope as well. The
 * last days must show a quarter of what it expects, less one license; medians of three, so that one odd day decides nothing.
 */
function stillRises(counts: CountHistory, slope: number): boolean {
  const since = (counts.at(-1)?.day ?? 0) - 10;
  const used = counts.filter(({ day }) => day > since).map((count) => count.used);
  const middleOf = (three: readonly number[]) => three.toSorted((a, b) => a - b)[Math.floor(three.length / 2)] ?? 0;
  return middleOf(used.slice(-3)) - middleOf(used.slice(0, 3)) >= (slope * 7) / 4 - 1;
}

/** An app as monitoring last counted it. */
export interface CountedApp extends DayCount {
  readonly id: string;
  readonly tokenId: string;
  readonly name: string;
  /** The day on which its licenses are used up, at the present pace. */
  readonly runsOutOn?: number;
}

/** An app as it is counted at `day`, with its history so far. */
export function toCounted(app: Omit<CountedApp, 'runsOutOn'>, history: CountHistory) {
  const { day, used, total } = app;
  const counts = withCount(history, { day, used, total });
  const daysLeft = findDaysLeft(counts);
  return { app: daysLeft === undefined ? app : { ...app, runsOutOn: day + daysLeft }, history: counts };
}

/** Monitoring counts once a day; an older count is one of a time when it did not work, or when the app was not there. */
export const freshDays = 2;

/**
 * Days until the licenses of an app run out, as of today. Undefined when it was not counted lately, when there are more or fewer of
 * them than at the last count, or none left.
 */
export function daysLeftOf(counted: CountedApp | undefined, now: LicenseCounts, today: number): number | undefined {
  if (counted?.runsOutOn === undefined || counted.total !== now.total || now.used >= now.total) return undefined;
  return today - counted.day > freshDays ? undefined : Math.max(1, counted.runsOutOn - today);
}

/** So many days ahead people are warned. */
export const warnedDays = 14;

/** Implemented by src/store over a database or a transaction. */
export interface CountedApps {
  /** Those of these apps that were counted before, in any order. */
  list(tenantId: string, ids: readonly string[]): Promise<CountedApp[]>;
  listHistories(tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, CountHistory>>;
  putAll(tenantId: string, counted: readonly { app: CountedApp; history: CountHistory }[]): Promise<void>;
  /** Apps that run out within so many days from today, the soonest first, up to 100: of all tokens, or of these. */
  listRunningOut(
    tenantId: string,
    today: number,
    withinDays: number,
    tokenIds?: readonly string[],
  ): Promise<CountedApp[]>;
  /** Erases apps that were last counted more than 35 days ago. */
  prune(now: number): Promise<void>;
}
