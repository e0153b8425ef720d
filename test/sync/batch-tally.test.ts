import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tallyOf } from '../../src/sync/batch-card.ts';

const item = (name: string, outcome?: string) => ({
  tokenId: name,
  name,
  joined: false,
  ...(outcome !== undefined && { outcome }),
});

test('every token is counted once, and joined ones beside that', () => {
  const { counts } = tallyOf([
    item('a'),
    { ...item('b'), running: true, joined: true },
    { ...item('c', 'completed'), joined: true },
    item('d', 'failed'),
    item('e', 'noResult'),
    item('f', 'notAsked'),
  ]);
  assert.deepEqual(counts, {
    ...{ waiting: 1, running: 1, completed: 1, failed: 1, noResult: 1, notStarted: 1 },
    joined: 2,
  });
});

test('the largest trouble comes first, else the order of the plan holds; what completed is none', () => {
  const { troubles } = tallyOf([
    item('a', 'notAsked'),
    item('b', 'stuck'),
    item('c', 'forbidden'),
    item('d', 'completed'),
    item('e', 'aReasonNobodyKnows'),
    item('f', 'coolingDown'),
    item('g', 'lost'),
    { ...item('h', 'failed'), detail: 'expired' },
  ]);
  assert.deepEqual(
    troubles.map(({ name, kind }) => `${name} ${kind}`),
    ['c failed', 'e failed', 'h failed', 'b noResult', 'g noResult', 'a notStarted', 'f notStarted'],
  );
  assert.equal(troubles[2]?.detail, 'expired');
});
