import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { safeLine } from '../../src/lib/text.ts';

test('keeps a name in any script as it is', () => {
  for (const name of ['Contoso (EU) – Werk_2', '联想 上海', 'مدرسة', 'École “A”', '👩‍👩‍👧 Family', 'नमस्ते'])
    assert.equal(safeLine(name), name);
});

test('makes one line of many', () => {
  assert.equal(safeLine('  a\r\nb\tc\u2028d\u0000e  f '), 'a b c d e f');
});

test('drops what turns or hides text', () => {
  assert.equal(safeLine('gpj.\u202eexe\u2066\u200b\ufeff\ufdd0'), 'gpj.exe');
});

test('cuts a long name between characters, with an ellipsis', () => {
  assert.equal(safeLine('a'.repeat(80)), 'a'.repeat(80));
  assert.equal(safeLine('a'.repeat(81)), `${'a'.repeat(79)}…`);
  assert.equal(safeLine('👩‍👩‍👧'.repeat(40)), `${'👩‍👩‍👧'.repeat(9)}…`);
});

test('whatever comes in, one well-formed line of at most 80 units goes out, and it stays so', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const line = safeLine(text);
      assert.ok(line.length <= 80 && line.isWellFormed() && !/[\p{Cc}\u2028\u2029\u202a-\u202e]/u.test(line));
    }),
  );
});

test('takes a text of a megabyte without delay', () => {
  const started = performance.now();
  safeLine('\u0301'.repeat(1_000_000));
  assert.ok(performance.now() - started < 500);
});
