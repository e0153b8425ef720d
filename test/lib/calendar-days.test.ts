import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarDaysBetween } from '../../src/lib/time.ts';

test('days are those of a calendar, in the reader’s zone', () => {
  const at = Date.parse;
  const cases: readonly [string, string, string | undefined, number][] = [
    ['2026-11-30T23:00:00Z', '2026-12-02T01:00:00Z', undefined, 2],
    ['2026-11-30T22:30:00Z', '2026-12-01T23:30:00Z', 'Europe/Berlin', 2],
    ['2026-11-30T22:30:00Z', '2026-12-01T23:30:00Z', undefined, 1],
    ['2026-11-30T10:00:00Z', '2027-11-30T10:00:00Z', undefined, 365],
    ['2026-11-30T10:00:00Z', '2027-11-30T09:00:00Z', 'Pacific/Auckland', 365],
    ['2026-11-30T10:00:00Z', '2027-11-30T09:00:00Z', undefined, 365],
    ['2026-11-30T16:30:00Z', '2026-11-30T15:00:00Z', 'Asia/Shanghai', -1],
    ['2026-11-30T15:30:00Z', '2026-11-30T16:30:00Z', 'Asia/Shanghai', 1],
    ['2026-10-24T22:30:00Z', '2026-10-25T22:30:00Z', 'Europe/Berlin', 0],
  ];
  for (const [from, to, zone, days] of cases)
    assert.equal(calendarDaysBetween(at(from), at(to), zone), days, `${from} ${to} ${zone}`);
});
