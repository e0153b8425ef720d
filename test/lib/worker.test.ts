import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createBackground } from '../../src/lib/worker.ts';
import { createLines } from '../support/runtime.ts';

suite('background', () => {
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
    const { lines, log } = createLines();
    const background = createBackground(log);
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
    assert.deepEqual(lines, []);
  });

  test('a failure is logged, reaches nobody and holds nothing up', async () => {
    const { lines, log } = createLines();
    const background = createBackground(log);
    const work = createWork();
    background.run(work.promise);
    const error = new Error('the store is gone');
    work.fail(error);
    await background.drain();
    assert.deepEqual(
      lines.map(({ fields }) => fields),
      [{ err: error }],
    );
    await background.drain();
  });
});
