import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { nextWeekly, quietUntil } from '../../src/domain/subscription.ts';
import { dayMs, hourMs, minuteMs } from './alert-of.ts';

const clock = (time: string) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

/** The end of quiet hours such as `22:00-07:00`, in UTC to the minute; `-` outside them. */
function endOf(hours: string, now: string, timeZone: string): string {
  const [from = '', to = ''] = hours.split('-');
  const end = quietUntil(Date.parse(now), { from: clock(from), to: clock(to) }, timeZone);
  return end === undefined ? '-' : new Date(end).toISOString().replace(':00.000Z', 'Z');
}

suite('quiet hours', () => {
  const cases: readonly [what: string, hours: string, now: string, zone: string, end: string][] = [
    ['begin to the minute', '22:00-07:00', '2026-11-23T20:59:59.999Z', 'Europe/Berlin', '-'],
    ['last over midnight', '22:00-07:00', '2026-11-23T21:00:00Z', 'Europe/Berlin', '2026-11-24T06:00Z'],
    ['end to the minute', '22:00-07:00', '2026-11-24T05:59:59.999Z', 'Europe/Berlin', '2026-11-24T06:00Z'],
    ['are over at their end', '22:00-07:00', '2026-11-24T06:00:00Z', 'Europe/Berlin', '-'],
    ['may lie within one day', '12:00-13:30', '2026-11-24T07:00:00Z', 'Asia/Kathmandu', '2026-11-24T07:45Z'],
    ['that end as they begin are none', '07:00-07:00', '2026-11-24T07:00:00Z', 'UTC', '-'],
    [
      'are an hour shorter when clocks go forward',
      '22:00-07:00',
      '2026-03-28T21:00:00Z',
      'Europe/Berlin',
      '2026-03-29T05:00Z',
    ],
    [
      'are an hour longer when clocks go back',
      '22:00-07:00',
      '2026-10-24T20:00:00Z',
      'Europe/Berlin',
      '2026-10-25T06:00Z',
    ],
    [
      'end where clocks leap over their end',
      '22:00-02:30',
      '2026-03-28T22:00:00Z',
      'Europe/Berlin',
      '2026-03-29T01:00Z',
    ],
    [
      'end there also with clocks that leap over half an hour',
      '23:00-02:15',
      '2026-10-03T15:00:00Z',
      'Australia/Lord_Howe',
      '2026-10-03T15:30Z',
    ],
    [
      'end the first time that clocks show their end',
      '22:00-02:30',
      '2026-10-24T23:00:00Z',
      'Europe/Berlin',
      '2026-10-25T00:30Z',
    ],
    [
      'are quiet again while clocks show them again',
      '22:00-02:30',
      '2026-10-25T01:10:00Z',
      'Europe/Berlin',
      '2026-10-25T01:30Z',
    ],
    ['are not quiet between the two', '22:00-02:30', '2026-10-25T00:40:00Z', 'Europe/Berlin', '-'],
    [
      'end the second time for who is past the first',
      '02:40-02:20',
      '2026-10-25T00:45:00Z',
      'Europe/Berlin',
      '2026-10-25T01:20Z',
    ],
    [
      'reach over a whole day that a place skipped',
      '22:00-07:00',
      '2011-12-30T09:00:00Z',
      'Pacific/Apia',
      '2011-12-30T17:00Z',
    ],
    [
      'end where clocks leap over midnight',
      '20:00-00:00',
      '2018-11-03T23:30:00Z',
      'America/Sao_Paulo',
      '2018-11-04T03:00Z',
    ],
    [
      'of a zone this machine does not know are those of UTC',
      '22:00-07:00',
      '2026-11-23T23:00:00Z',
      'Mars/Olympus',
      '2026-11-24T07:00Z',
    ],
  ];
  for (const [what, hours, now, zone, end] of cases) {
    test(`${what}: ${hours} at ${now} in ${zone}`, () => assert.equal(endOf(hours, now, zone), end));
  }
});

const zones = [
  ...['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'],
  ...['America/Sao_Paulo', 'Africa/Casablanca', 'America/St_Johns', 'UTC'],
];
const [firstDay, lastDay] = [Date.UTC(2010, 0), Date.UTC(2028, 0)];

/** What clocks in a zone show, minute by minute; written apart from the code that it checks. */
function createWallClock(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (at: number) => clock(format.format(at));
}

/** Days within which a zone's clocks were put forward or back. */
function listChanges(timeZone: string): number[] {
  const show = createWallClock(timeZone);
  const days = Array.from({ length: (lastDay - firstDay) / dayMs }, (_, index) => firstDay + index * dayMs);
  return days.filter((day) => show(day) !== show(day + dayMs));
}

const changes = zones.flatMap((zone) => listChanges(zone).map((day) => ({ zone, day })));
// A place that skips a day shows the same time of day throughout.
const leaps = [...changes, { zone: 'Pacific/Apia', day: Date.UTC(2011, 11, 30) }];
const moment = fc.oneof(
  fc.record({ zone: fc.constantFrom(...zones), now: fc.integer({ min: firstDay, max: lastDay }) }),
  fc
    .record({ leap: fc.constantFrom(...leaps), ms: fc.integer({ min: -dayMs, max: 2 * dayMs }) })
    .map(({ leap, ms }) => ({ zone: leap.zone, now: leap.day + ms })),
);
const minuteOfDay = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 210 }));

test('quiet hours end at the first instant that shows their end, or that leaps over it, whatever the zone', () => {
  fc.assert(
    fc.property(moment, minuteOfDay, minuteOfDay, ({ zone, now }, from, to) => {
      const show = createWallClock(zone);
      const lasts = (to - from + 1440) % 1440;
      const isQuiet = (show(now) - from + 1440) % 1440 < lasts;
      const end = quietUntil(now, { from, to }, zone);
      assert.equal(end !== undefined, isQuiet);
      if (end === undefined) return;
      assert.ok(end > now && end <= now + 25 * hourMs);
      assert.equal(end, firstShowing(show, to, now));
    }),
    { numRuns: 400 },
  );
});

/** Walks minute by minute: zones of our days change theirs at whole minutes. */
function firstShowing(show: (at: number) => number, wanted: number, now: number): number {
  let shown = show(now);
  for (let at = (Math.floor(now / minuteMs) + 1) * minuteMs; ; at += minuteMs) {
    const next = show(at);
    const steps = (next - shown + 1440) % 1440;
    const passed = (wanted - shown + 1440) % 1440;
    // More than half a day forward is backward.
    if (next === wanted || (steps < 720 && passed > 0 && passed <= steps)) return at;
    shown = next;
  }
}

suite('the weekly digest', () => {
  const cases: readonly [now: string, zone: string, next: string][] = [
    ['2026-11-23T06:59:59.999Z', 'Europe/Berlin', '2026-11-23T07:00:00.000Z'],
    ['2026-11-23T07:00:00.000Z', 'Europe/Berlin', '2026-11-30T07:00:00.000Z'],
    ['2026-11-29T23:30:00.000Z', 'Europe/Berlin', '2026-11-30T07:00:00.000Z'],
    ['2026-10-24T12:00:00.000Z', 'Europe/Berlin', '2026-10-26T07:00:00.000Z'],
    ['2026-03-28T12:00:00.000Z', 'Europe/Berlin', '2026-03-30T06:00:00.000Z'],
    ['2026-11-22T18:00:00.000Z', 'Pacific/Apia', '2026-11-22T19:00:00.000Z'],
    ['2011-12-29T12:00:00.000Z', 'Pacific/Apia', '2012-01-01T18:00:00.000Z'],
  ];
  for (const [now, zone, next] of cases) {
    test(`after ${now} in ${zone} comes at ${next}`, () =>
      assert.equal(new Date(nextWeekly(Date.parse(now), zone)).toISOString(), next));
  }

  test('comes on Monday at 08:00, within eight days, whatever the zone', () => {
    fc.assert(
      fc.property(moment, ({ zone, now }) => {
        const next = nextWeekly(now, zone);
        assert.ok(next > now && next <= now + 7 * dayMs + hourMs);
        const said = new Intl.DateTimeFormat('en-GB', {
          ...{
            timeZone: zone,
            weekday: 'short',
            hour: '2-digit',
            minute: '2-digit',
            second: '2-digit',
            hourCycle: 'h23',
          },
        }).format(next);
        assert.equal(said, 'Mon 08:00:00');
        assert.equal(next % 1000, 0);
      }),
      { numRuns: 200 },
    );
  });
});
