import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  type CountedApp,
  type CountHistory,
  type DayCount,
  daysLeftOf,
  findDaysLeft,
  toCounted,
  withCount,
} from '../../src/domain/license-runway.ts';
import { createRandom } from '../support/random.ts';

/** An app's count at every day of a simulated year; undefined where nobody counted. */
type Year = (day: number) => Omit<DayCount, 'day'> | undefined;

/** What was said at the end of each day of the year, as a pass over the tenant every day would have said it. */
function live(year: Year, days = 365): (number | undefined)[] {
  let history: CountHistory = [];
  return Array.from({ length: days }, (_, day) => {
    const count = year(day);
    if (!count) return undefined;
    history = withCount(history, { day, ...count });
    return findDaysLeft(history);
  });
}

/** The first day at which the year has nothing left, from a day on. */
function usedUpOn(year: Year, from: number): number {
  for (let day = from; day < 2_000; day += 1) {
    const count = year(day);
    if (count && count.used >= count.total) return day;
  }
  return Number.POSITIVE_INFINITY;
}

/** Noise of each day, from `-size` to `size`, the same however often it is asked for. */
function noise(seed: number, size: number): (day: number) => number {
  const random = createRandom(seed);
  const of = Array.from({ length: 2_000 }, () => random.below(2 * size + 1) - size);
  return (day) => of[day] ?? 0;
}

suite('simulated years', () => {
  test('steady use: right to the day from the seventh day on, and not a day before', () => {
    const year: Year = (day) => ({ used: Math.min(60, 10 + 2 * day), total: 60 });
    const said = live(year, 30);
    assert.deepEqual(said.slice(0, 8), [...Array(6).fill(undefined), 19, 18]);
    assert.deepEqual(said.slice(20, 27), [5, 4, 3, 2, 1, undefined, undefined]);
  });

  test('use with ups and downs: within three days or a third of the truth, and each stage comes before the end', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const ups = noise(seed, 2);
      const year: Year = (day) => ({ used: Math.min(150, Math.max(1, 20 + day + ups(day))), total: 150 });
      const end = usedUpOn(year, 30);
      const said = live(year, end);
      for (let day = 28; day < end; day += 1) {
        const truth = end - day;
        const days = said[day];
        if (days === undefined) assert.ok(truth > 40 || truth < 3, `seed ${seed}: nothing said ${truth} days before`);
        else assert.ok(Math.abs(days - truth) <= Math.max(4, truth / 3), `seed ${seed}: ${days} in place of ${truth}`);
      }
    }
  });

  test('ups and downs alone are no trend: at most one warning in a thousand days', () => {
    let warned = 0;
    for (let seed = 1; seed <= 50; seed += 1) {
      const ups = noise(seed, 3);
      const said = live((day) => ({ used: 90 + ups(day), total: 100 }));
      warned += said.filter((days) => days !== undefined && days <= 14).length;
    }
    assert.ok(warned <= 18, `${warned} of 18,250 days`);
  });

  test('a school’s start: said late and mildly while it lasts, and quiet a week after its end', () => {
    const year: Year = (day) => ({ used: 200 + 20 * Math.min(14, Math.max(0, day - 100)), total: 600 });
    const said = live(year);
    assert.deepEqual(new Set(said.slice(0, 105)), new Set([undefined]));
    assert.deepEqual(said.slice(112, 114), [21, 15]);
    assert.deepEqual(new Set(said.slice(121)), new Set([undefined]));
  });

  test('a purchase: nothing for three days, then the end as it is with what was bought', () => {
    const year: Year = (day) => ({ used: 20 + day, total: day < 60 ? 90 : 120 });
    const said = live(year, 90);
    assert.deepEqual(said.slice(58, 66), [12, 11, undefined, undefined, undefined, 37, 36, 35]);
  });

  test('licenses that are taken away bring the end nearer at once', () => {
    const said = live((day) => ({ used: 20 + day, total: day < 50 ? 110 : 80 }), 60);
    assert.deepEqual(said.slice(48, 52), [42, 41, 10, 9]);
  });

  test('a gap: nothing until the days after it show the same pace', () => {
    const year: Year = (day) => (day >= 40 && day < 60 ? undefined : { used: 40 + 3 * day, total: 400 });
    const said = live(year, 100);
    assert.deepEqual(said.slice(60, 66), [undefined, undefined, undefined, undefined, 56, 55]);
  });

  test('an app that nobody uses, and one that has nothing left, run out of nothing', () => {
    assert.deepEqual(new Set(live(() => ({ used: 0, total: 20 }), 60)), new Set([undefined]));
    assert.deepEqual(new Set(live((day) => ({ used: 20 + day, total: 20 }), 60)), new Set([undefined]));
    assert.deepEqual(new Set(live((day) => ({ used: Math.max(0, 40 - day), total: 50 }), 60)), new Set([undefined]));
  });
});

suite('any history', () => {
  const histories = fc
    .array(fc.record({ day: fc.nat(60), used: fc.nat(200), total: fc.nat(200) }), { minLength: 1, maxLength: 80 })
    .map((counts) => counts.reduce<CountHistory>(withCount, []));

  test('is sorted, a day each, and spans 35 days at most', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const days = history.map(({ day }) => day);
        assert.deepEqual(
          days,
          [...new Set(days)].sort((a, b) => a - b),
        );
        assert.ok((days.at(-1) ?? 0) - (days[0] ?? 0) < 35);
      }),
    );
  });

  test('gives 1 to 60 whole days, only with 7 days of data, licenses in use and some left', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const days = findDaysLeft(history);
        if (days === undefined) return;
        const newest = history.at(-1);
        assert.ok(newest && newest.used > 0 && newest.used < newest.total);
        assert.ok(Number.isInteger(days) && days >= 1 && days <= 60);
        assert.ok(history.filter(({ day }) => day > newest.day - 28).length >= 7);
      }),
    );
  });

  test('says the same whenever it begins, and sooner or the same with fewer licenses', () => {
    const rising = fc.record({
      pace: fc.integer({ min: 1, max: 9 }),
      days: fc.integer({ min: 7, max: 28 }),
      left: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(rising, fc.nat(30_000), fc.nat(100), ({ pace, days, left }, start, fewer) => {
        const say = (from: number, rest: number) =>
          findDaysLeft(
            Array.from({ length: days }, (_, n) => ({ day: from + n, used: 1 + n * pace, total: days * pace + rest })),
          );
        assert.equal(say(start, left), say(0, left));
        const [all, less] = [say(0, left), say(0, Math.max(1, left - fewer))];
        if (all !== undefined) assert.ok(less !== undefined && less <= all);
      }),
    );
  });
});

suite('an app that was counted', () => {
  const app: CountedApp = {
    id: 'a',
    tokenId: 't',
    name: 'Meadow Notes',
    day: 100,
    used: 40,
    total: 50,
    runsOutOn: 109,
  };

  test('runs out on the day that its history says', () => {
    const history = Array.from({ length: 6 }, (_, n) => ({ day: 94 + n, used: 34 + n, total: 50 }));
    const { runsOutOn: _, ...today } = app;
    const counted = toCounted(today, history);
    assert.deepEqual(counted.app, { ...app, runsOutOn: 110 });
    assert.equal(counted.history.length, 7);
    assert.deepEqual(toCounted(today, []).app, today);
  });

  test('has that many days left, one at least, while the count is fresh and the total the same', () => {
    assert.equal(daysLeftOf(app, app, 100), 9);
    assert.equal(daysLeftOf(app, app, 102), 7);
    assert.equal(daysLeftOf({ ...app, runsOutOn: 101 }, app, 102), 1);
    assert.equal(daysLeftOf(app, app, 103), undefined);
    assert.equal(daysLeftOf(app, { used: 40, total: 90 }, 100), undefined);
    assert.equal(daysLeftOf(app, { used: 50, total: 50 }, 100), undefined);
    assert.equal(daysLeftOf(undefined, app, 100), undefined);
  });
});
