import { createLocalTime } from './local-time.ts';
import type { QuietHours } from './subscription.ts';

/**
 * When quiet hours that `now` lies in end; undefined outside them. Clocks on the wall decide: an hour that they show twice is quiet both
 * times, and where they leap over the end it is there that they leap. Hours that end as they begin are none.
 */
export function quietUntil(now: number, { from, to }: QuietHours, timeZone: string): number | undefined {
  const local = createLocalTime(timeZone);
  const minute = local.minuteOfDayAt(now);
  const isQuiet = from <= to ? from <= minute && minute < to : minute >= from || minute < to;
  return isQuiet ? local.nextAt(now, to) : undefined;
}

const monday = 1;
const eightOClock = 8 * 60;

/** The next Monday 08:00 there, later than `now`. */
export function nextWeekly(now: number, timeZone: string): number {
  const local = createLocalTime(timeZone);
  let at = local.nextAt(now + 1, eightOClock);
  while (local.weekdayAt(at) !== monday) at = local.nextAt(at + 1, eightOClock);
  return at;
}
