import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOffMs, mostAttempts, retryAfterToMs, retryDelayMs, withJitter } from '../../src/lib/retry.ts';
import { dayMs, minuteMs } from '../../src/lib/time.ts';

test('a back-off doubles with every failure up to its longest, however many there were', () => {
  const limits = { firstMs: 1_000, longestMs: 30_000 };
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 10_000].map((failures) => backOffMs(failures, limits)),
    [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
  );
});

test('jitter spreads by a quarter to either side', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((chance) => withJitter(1_000, () => chance)),
    [750, 1_000, 1_250],
  );
});

test('retries wait longer each time, half an hour at most, and never for less than Teams asks', () => {
  const delays = Array.from({ length: mostAttempts - 1 }, (_, n) => retryDelayMs(n, undefined, () => 0.5));
  assert.deepEqual(delays.slice(0, 4), [2_000, 4_000, 8_000, 16_000]);
  assert.equal(Math.max(...delays), 30 * minuteMs);
  const hours = delays.reduce((sum, ms) => sum + ms) / (60 * minuteMs);
  assert.ok(hours > 23.5 && hours < 24.5, `${hours} h`);
  assert.notEqual(
    retryDelayMs(0, undefined, () => 0),
    retryDelayMs(0, undefined, () => 0.9),
  );
  assert.ok(retryDelayMs(0, 60_000, () => 0) >= 60_000);
  assert.ok(retryDelayMs(0, 900 * dayMs, () => 1) <= 2 * dayMs);
  assert.equal(
    retryDelayMs(10_000, undefined, () => 0.5),
    30 * minuteMs,
  );
});

const now = Date.UTC(2026, 10, 23, 9, 0, 0);
const inMs = (ms: number) => new Date(now + ms).toUTCString();

test('a Retry-After is read in seconds or as a date, and is never longer than a day', () => {
  const cases: readonly [header: string | null, ms: number | undefined][] = [
    ['0', 0],
    ['7', 7_000],
    [' 1.5 ', 1_500],
    [String(31 * 24 * 3_600), dayMs],
    ['999999999', dayMs],
    [inMs(minuteMs), minuteMs],
    [inMs(-minuteMs), 0],
    [inMs(31 * dayMs), dayMs],
    ['Fri, 31 Dec 9999 23:59:59 GMT', dayMs],
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['1e9', undefined],
  ];
  for (const [header, ms] of cases) assert.equal(retryAfterToMs(header, now), ms, String(header));
});
