const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** What the clocks of one time zone show. Instants are epoch milliseconds, times of day minutes after midnight. */
export interface LocalTime {
  minuteOfDayAt(at: number): number;
  /** 0 is Sunday. */
  weekdayAt(at: number): number;
  /**
   * The first instant at `from` or later when the clocks show this time of day. Where they leap over it, that is the instant at
   * which they leap; where they show it twice, the first of both. A leap by whole days, as over the date line, leaps over no time of day.
   */
  nextAt(from: number, minuteOfDay: number): number;
}

/** A zone that this machine does not know counts as UTC: told at the wrong hour is better than not told. */
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

  /** Between two instants, the first of which has this offset and the last of which has not. */
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

/** How far a zone's clocks are ahead of UTC, in milliseconds. */
function createOffsets(timeZone: string): (at: number) => number {
  const format = createFormat(timeZone);
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
}

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
