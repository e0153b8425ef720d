import { remember } from './remember.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Graph's date-time as epoch milliseconds; undefined when it is missing, unreadable or outside years 1900–9998. */
export function findInstant(dateTime: string | undefined): number | undefined {
  const at = dateTime === undefined ? Number.NaN : Date.parse(dateTime);
  return at >= Date.UTC(1900, 0) && at < Date.UTC(9999, 0) ? at : undefined;
}

/** Whole days from `now` to `at`, rounded towards zero. */
export const daysBetween = (now: number, at: number): number => Math.trunc((at - now) / dayMs) + 0;

/** Days as a calendar of that zone counts them: from Monday to Wednesday it is 2, whatever the hours. An unknown zone counts as UTC. */
export function calendarDaysBetween(from: number, to: number, timeZone = 'UTC'): number {
  const offsetAt = createOffsets(timeZone);
  const dayOf = (at: number) => Math.floor((at + offsetAt(at)) / dayMs);
  return dayOf(to) - dayOf(from);
}

/** Minutes after midnight as a clock shows them: `07:05`. */
export const clockTime = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

const zoneName = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)+$/;

/**
 * A time zone by its IANA name (`Europe/Berlin`, or `UTC`), in its usual spelling; undefined for an unknown name. Offsets and bare
 * abbreviations are refused: they do not say when clocks change.
 */
export function findTimeZone(name: string): string | undefined {
  if (/^(?:etc\/)?(?:utc|gmt)$/i.test(name)) return 'UTC';
  const known = zoneName.test(name) && name.length <= 64 ? resolve(name) : undefined;
  if (known === undefined || known.toLowerCase() === name.toLowerCase()) return known;
  // An old name and its successor are one zone to Intl, which may answer with either; people keep the one they wrote.
  if (/[A-Z]/.test(name) && /[a-z]/.test(name)) return name;
  return name.toLowerCase().replace(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase());
}

/** The zone whose name ends in this city, for a person who left out the region; undefined when no zone or several do. */
export function findTimeZoneOfCity(city: string): string | undefined {
  const wanted = `/${city.trim().replace(/ /g, '_').toLowerCase()}`;
  const found = Intl.supportedValuesOf('timeZone').filter((zone) => zone.toLowerCase().endsWith(wanted));
  return found.length === 1 ? found[0] : undefined;
}

/** Every message names its sender's zone, and Intl takes long to know one. */
const resolve = remember(1_000, (name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
});

/** The clocks of one time zone. Instants are epoch milliseconds, times of day minutes after midnight. */
interface LocalTime {
  minuteOfDayAt(at: number): number;
  /** 0 is Sunday. */
  weekdayAt(at: number): number;
  /**
   * The first instant at `from` or later at which the clocks show this time of day: the leap itself where they leap over it, the first
   * of both where they show it twice. A leap by whole days, as over the date line, skips no time of day.
   */
  nextAt(from: number, minuteOfDay: number): number;
}

/** A zone that this machine does not know counts as UTC: a message at the wrong hour is better than none. */
export function createLocalTime(timeZone: string): LocalTime {
  const offsetAt = createOffsets(timeZone);

  function nextAt(from: number, minuteOfDay: number): number {
    const offset = offsetAt(from);
    const at = from + withinDay(minuteOfDay * minuteMs - from - offset);
    if (offsetAt(at) === offset) return at;
    const change = firstWithout(offset, from, at);
    const leap = withinDay(offsetAt(change) - offset);
    const isForward = leap < dayMs / 2;
    return isForward && at - change < leap ? change : nextAt(change, minuteOfDay);
  }

  /** The first instant after `from`, which has this offset, and until `to`, which has not, that has another offset. */
  function firstWithout(offset: number, from: number, to: number): number {
    let [last, first] = [from, to];
    while (first - last > 1) {
      const middle = Math.floor((last + first) / 2);
      if (offsetAt(middle) === offset) last = middle;
      else first = middle;
    }
    return first;
  }

  return {
    minuteOfDayAt: (at) => Math.floor(withinDay(at + offsetAt(at)) / minuteMs),
    weekdayAt: (at) => new Date(at + offsetAt(at)).getUTCDay(),
    nextAt,
  };
}

const withinDay = (ms: number) => ((ms % dayMs) + dayMs) % dayMs;

/** Milliseconds by which a zone's clocks are ahead of UTC at an instant. */
function createOffsets(timeZone: string): (at: number) => number {
  if (timeZone === 'UTC') return () => 0;
  const format = formatOf(timeZone);
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
}

/** A list counts days for each of its tokens, and Intl takes long to make one of these. */
const formatOf = remember(100, createFormat);

function createFormat(timeZone: string): Intl.DateTimeFormat {
  const date = { calendar: 'gregory', year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  const time = { hourCycle: 'h23', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const zoned = (zone: string) => new Intl.DateTimeFormat('en-US', { ...date, ...time, timeZone: zone });
  try {
    return zoned(timeZone);
  } catch {
    return zoned('UTC');
  }
}
