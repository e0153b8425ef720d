import type { Locale } from '../domain/turn.ts';
import { remember } from '../lib/remember.ts';
import { dayMs, hourMs, minuteMs } from '../lib/time.ts';

/** Numbers, times and lists as one language writes them. Dates are in UTC and say so: the bot does not know where the reader is. */
interface Formats {
  number(value: number): string;
  days(count: number): string;
  /** Milliseconds in the two largest units, rounded to seconds: "2 minutes, 5 seconds". Under a second is one second. */
  duration(ms: number): string;
  /** The whole minutes or seconds of a wait, rounded up, so that waiting that long is enough. */
  wait(ms: number): string;
  /** Epoch milliseconds. */
  date(at: number): string;
  dateTime(at: number): string;
  /** The month and year of a moment, and the shortest name of its month: "Dec 2026" and "D". */
  month(at: number): string;
  shortMonth(at: number): string;
  and(items: readonly string[]): string;
  or(items: readonly string[]): string;
}

// British English writes licence, organisation and 23 Nov 2026, as the rest of the product does.
const tags: Readonly<Record<Locale, string>> = { en: 'en-GB', 'zh-CN': 'zh-CN' };

// Chinese writes 6 秒; its long form would be 6 秒钟.
const unitDisplays = { en: 'long', 'zh-CN': 'short' } as const;
// A Chinese month is short as a number.
const shortMonths = { en: 'narrow', 'zh-CN': 'numeric' } as const;

function createFormats(locale: Locale): Formats {
  const tag = tags[locale];
  // Each is made at its first use, because Intl takes long to read a language.
  const number = later(() => new Intl.NumberFormat(tag));
  const date = later(() => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone: 'UTC' }));
  const dateTime = later(
    () => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
  );
  const month = later(() => new Intl.DateTimeFormat(tag, { month: 'short', year: 'numeric', timeZone: 'UTC' }));
  const shortMonth = later(() => new Intl.DateTimeFormat(tag, { month: shortMonths[locale], timeZone: 'UTC' }));
  const and = later(() => new Intl.ListFormat(tag, { type: 'conjunction' }));
  const or = later(() => new Intl.ListFormat(tag, { type: 'disjunction' }));
  const units = later(() => new Intl.ListFormat(tag, { type: 'unit', style: 'long' }));
  const countOf = remember(
    10,
    (name) => new Intl.NumberFormat(tag, { style: 'unit', unit: name, unitDisplay: unitDisplays[locale] }),
  );
  const unit = (name: string, value: number) => spaced(countOf(name).format(value));

  const duration = (ms: number) =>
    spaced(units().format(parts(Math.max(1, Math.round(ms / 1000))).map(([n, u]) => unit(u, n))));
  return {
    number: (value) => number().format(value),
    days: (count) => unit('day', count),
    duration,
    wait: (ms) => duration(ms > 60_000 ? Math.ceil(ms / 60_000) * 60_000 : Math.ceil(ms / 1000) * 1000),
    date: (at) => date().format(at),
    dateTime: (at) => `${dateTime().format(at)} UTC`,
    month: (at) => spaced(month().format(at)),
    shortMonth: (at) => shortMonth().format(at).replace('月', ''),
    and: (items) => and().format(items),
    or: (items) => or().format(items),
  };
}

function later<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

// Chinese typography keeps a space between a number and its word; Intl leaves it out.
const spaced = (text: string) => text.replace(/(?<=\d)(?=\p{Script=Han})|(?<=\p{Script=Han})(?=\d)/gu, ' ');

function parts(seconds: number): readonly [number, string][] {
  const all: [number, string][] = [
    [Math.floor(seconds / 86_400), 'day'],
    [Math.floor(seconds / 3_600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ];
  const first = all.findIndex(([value]) => value > 0);
  return all.slice(first, first + 2).filter(([value]) => value > 0);
}

export const formats: Readonly<Record<Locale, Formats>> = { en: createFormats('en'), 'zh-CN': createFormats('zh-CN') };

const secondMs = 1_000;

/** Milliseconds as people say how long something usually takes: the longer, the rounder. */
export function about(ms: number, locale: Locale): string {
  const stepMs = ms < 10 * secondMs ? secondMs : ms < 2 * minuteMs ? 5 * secondMs : minuteMs;
  return formats[locale].duration(Math.max(secondMs, Math.round(ms / stepMs) * stepMs));
}

/** Milliseconds as people say how long ago something was: whole seconds, then minutes, then hours, then from three days on whole days. */
export function roughly(ms: number, locale: Locale): string {
  const short = ms < minuteMs ? secondMs : minuteMs;
  const unit = ms < hourMs ? short : ms < 3 * dayMs ? hourMs : dayMs;
  return formats[locale].duration(Math.floor(ms / unit) * unit);
}
