import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveToken } from '../../src/domain/resolve-token.ts';
import { parseVppToken } from '../../src/graph/vpp.ts';
import { graphText } from '../../src/lib/text.ts';

test('a text comes as it is', () => {
  for (const text of ['Contoso', ' Schule Süd ', '学校 🎒', 'x'.repeat(1_000)]) assert.equal(graphText(text), text);
});

test('no text, an empty one and anything else is none', () => {
  for (const value of ['', ' ', '\0', undefined, null, 5, true, {}, ['x'], { toString: 1 }]) {
    assert.equal(graphText(value), undefined, JSON.stringify(value));
  }
});

test('what a store or a message could not take is left out: NUL, half characters, and all after a thousand characters', () => {
  assert.equal(graphText('a\0b'), 'ab');
  assert.equal(graphText('a\ud800b'), 'a\ufffdb');
  assert.equal(graphText('x'.repeat(1_000_000)), 'x'.repeat(1_000));
  assert.ok(graphText('👩‍👩‍👧'.repeat(1_000))?.isWellFormed());
});

test('a token whose name is a book is found by its other names, and asked for by wrong ones, in no time', () => {
  const token = parseVppToken({ id: '1', organizationName: 'word '.repeat(400_000), displayName: 'Contoso' });
  assert.ok(token);
  const startedAt = process.cpuUsage();
  assert.equal(resolveToken('contoso', [token]).kind, 'one');
  assert.equal(resolveToken('fabrikam', [token]).kind, 'none');
  assert.ok(process.cpuUsage(startedAt).user < 500_000, 'it took half a second of computing');
});
