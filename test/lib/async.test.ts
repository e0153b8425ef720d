import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createBackground, within } from '../../src/lib/async.ts';

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
});

suite('within', () => {
  const never = new Promise<string>(() => undefined);

  test('gives the value of what is done in time', async () => {
    assert.equal(await within(1_000, Promise.resolve('done')), 'done');
  });

  test('gives nothing for what is late, which goes on all the same', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let finish: (value: string) => void = () => undefined;
    const work = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const waiting = within(1_000, work);
    t.mock.timers.tick(1_000);
    assert.equal(await waiting, undefined);
    finish('late');
    assert.equal(await work, 'late');
  });

  test('passes a failure on', async () => {
    await assert.rejects(within(1_000, Promise.reject(new Error('no'))), /no/);
  });

  test('leaves no timer behind', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const cleared = t.mock.method(globalThis, 'clearTimeout');
    await within(1_000, Promise.resolve(1));
    await within(1_000, Promise.reject(new Error('no'))).catch(() => undefined);
    assert.equal(cleared.mock.callCount(), 2);
    const waiting = within(5, never);
    t.mock.timers.tick(5);
    await waiting;
  });
});
