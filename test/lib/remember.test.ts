import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remember } from '../../src/lib/remember.ts';

test('a function that remembers computes a result once, also when there is none', () => {
  const computed: string[] = [];
  const find = remember(10, (text) => {
    computed.push(text);
    return text === 'known' ? { text } : undefined;
  });
  assert.equal(find('known'), find('known'));
  assert.deepEqual([find('unknown'), find('unknown')], [undefined, undefined]);
  assert.deepEqual(computed, ['known', 'unknown']);
});

test('of more texts than it remembers, it forgets the one used longest ago', () => {
  const computed: string[] = [];
  const find = remember(2, (text) => computed.push(text));
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) find(text);
  assert.deepEqual(computed, ['a', 'b', 'c', 'b']);
});
