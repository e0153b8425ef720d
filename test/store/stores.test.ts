import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPruning } from '../../src/store/stores.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { at } from '../support/stored.ts';

const hourMs = 60 * 60 * 1000;

test('erases at the start and every hour, until it is stopped', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const times: number[] = [];
  const store = { prune: async (now: number) => void times.push(now) };
  const pruning = createPruning({
    stores: { one: store, other: store },
    runtime: createRuntime({ now: () => at }),
  });
  pruning.start();
  assert.deepEqual(times, [at, at]);
  t.mock.timers.tick(hourMs);
  assert.equal(times.length, 4);
  pruning.stop();
  t.mock.timers.tick(3 * hourMs);
  assert.equal(times.length, 4);
});

test('one store that fails is logged and keeps no other from being erased', async () => {
  const { lines, log } = createLines();
  const erased: number[] = [];
  const pruning = createPruning({
    stores: {
      full: { prune: () => Promise.reject(new Error('disk full')) },
      fine: { prune: async (now) => void erased.push(now) },
    },
    runtime: createRuntime({ now: () => at, log }),
  });
  pruning.start();
  pruning.stop();
  await new Promise(setImmediate);
  assert.equal(erased.length, 1);
  assert.deepEqual(
    lines.map(({ fields }) => 'store' in fields && fields.store),
    ['full'],
  );
});
