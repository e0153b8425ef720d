import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findCsvRecords, toCsvRecord } from '../../src/audit/export.ts';

const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('=1+1', "'=1", "''", '"', '""', 'a,b', 'a\r\nb', '+x', '-2', '@SUM(A1)', '\t=1', '＝1', ''),
);

test('gives back every cell as it was, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), (records) => {
      assert.deepEqual(findCsvRecords(records.map(toCsvRecord).join('')), records);
    }),
  );
});

test('lets no cell begin a formula, in whatever width or language of sign', () => {
  for (const begin of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
    assert.ok(toCsvRecord([`${begin}HYPERLINK("https://evil.example","x")`]).startsWith(`"'${begin}`), begin);
  }
  assert.equal(toCsvRecord(['plain', '2026-11-23T08:00:00.000Z']), '"plain","2026-11-23T08:00:00.000Z"\r\n');
});

test('reads nothing but what it writes itself', () => {
  for (const text of ['a,b\r\n', '"a', '"a"', '"a" ,"b"\r\n', '"a"\r\n"b', '"a""\r\n', '\r\n', '"a"\r\nx']) {
    assert.equal(findCsvRecords(text), undefined, JSON.stringify(text));
  }
  assert.deepEqual(findCsvRecords('"a","b"\n"c","d"\n'), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
});
