import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findUsualMs } from '../../src/domain/sync-run.ts';

test('what is usual is the middle of at least three, whatever the outliers', () => {
  assert.equal(findUsualMs([]), undefined);
  assert.equal(findUsualMs([40_000, 41_000]), undefined);
  assert.equal(findUsualMs([900_000, 41_000, 39_000]), 41_000);
  assert.equal(findUsualMs([1, 900_000, 41_000, 40_001]), 40_501);
});
