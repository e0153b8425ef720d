import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formats } from '../../src/i18n/formats.ts';

test('writes a duration in its two largest units', () => {
  const cases: [number, string, string][] = [
    [0, '1 second', '1 秒'],
    [42_400, '42 seconds', '42 秒'],
    [60_000, '1 minute', '1 分钟'],
    [125_000, '2 minutes, 5 seconds', '2 分钟 5 秒'],
    [3_605_000, '1 hour', '1 小时'],
    [93_600_000, '1 day, 2 hours', '1 天 2 小时'],
  ];
  for (const [ms, en, zh] of cases) {
    assert.equal(formats.en.duration(ms), en);
    assert.equal(formats['zh-CN'].duration(ms), zh);
  }
});

test('rounds a wait up, so that waiting that long is enough', () => {
  assert.equal(formats.en.wait(1), '1 second');
  assert.equal(formats.en.wait(29_001), '30 seconds');
  assert.equal(formats.en.wait(61_000), '2 minutes');
});

test('writes one day and several', () => {
  assert.deepEqual([formats.en.days(1), formats.en.days(12), formats['zh-CN'].days(12)], ['1 day', '12 days', '12 天']);
});

test('says that its dates are in UTC', () => {
  assert.equal(formats.en.dateTime(Date.UTC(2026, 10, 23, 14, 3)), '23 Nov 2026, 14:03 UTC');
  assert.equal(formats['zh-CN'].dateTime(Date.UTC(2026, 10, 23, 14, 3)), '2026年11月23日 14:03 UTC');
});

test('joins lists as each language does', () => {
  assert.equal(formats.en.or(['a', 'b', 'c']), 'a, b or c');
  assert.equal(formats['zh-CN'].or(['a', 'b', 'c']), 'a、b或c');
  assert.equal(formats.en.and(['a', 'b']), 'a and b');
});
