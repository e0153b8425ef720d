import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackground } from '../../src/lib/async.ts';

function createWork() {
  let finish: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { promise, finish: () => finish(), fail: (error: Error) => fail(error) };
}

test('draining waits for all work, also for what begins meanwhile', async () => {
  const background = createBackground({ error: () => assert.fail('nothing fails here') });
  const [first, second] = [createWork(), createWork()];
  background.run(first.promise.then(() => background.run(second.promise)));
  let drained = false;
  const draining = background.drain().then(() => {
    drained = true;
  });
  first.finish();
  await new Promise(setImmediate);
  assert.equal(drained, false);
  second.finish();
  await draining;
});

test('a failure is logged, reaches nobody and holds nothing up', async () => {
  const logged: object[] = [];
  const background = createBackground({ error: (fields) => void logged.push(fields) });
  const work = createWork();
  background.run(work.promise);
  const error = new Error('the store is gone');
  work.fail(error);
  await background.drain();
  assert.deepEqual(logged, [{ err: error }]);
  await background.drain();
});
