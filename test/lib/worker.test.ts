import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createBackground, createTakeoverGrace, createWorkerLoop, whileLeased } from '../../src/lib/worker.ts';
import { createClock, settle } from '../support/clock.ts';
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

suite('worker loop', () => {
  function startLoop(pass: (now: number) => Promise<number>) {
    const clock = createClock();
    const failures: unknown[] = [];
    const loop = createWorkerLoop({
      pass: () => pass(clock.at),
      wait: clock.wait,
      onFailure: (error) => void failures.push(error),
    });
    loop.start();
    return { clock, failures, loop };
  }

  test('rests after each pass for as long as the pass says, and a wake ends the rest', async () => {
    let passes = 0;
    const { clock, loop } = startLoop(async () => {
      passes += 1;
      return 5_000;
    });
    await clock.advance(4_999);
    assert.equal(passes, 1);
    await clock.advance(1);
    assert.equal(passes, 2);
    loop.wake();
    await settle();
    assert.equal(passes, 3);
    await loop.stop();
  });

  test('a wake during a pass brings another one right after it', async () => {
    let passes = 0;
    const first = Promise.withResolvers<void>();
    const { loop } = startLoop(async () => {
      passes += 1;
      if (passes === 1) await first.promise;
      return 60_000;
    });
    loop.wake();
    await settle();
    assert.equal(passes, 1, 'never two at once');
    first.resolve();
    await settle();
    assert.equal(passes, 2);
    await loop.stop();
  });

  test('failures in a row are rested for ever longer, 30 s at most, and end nothing', async () => {
    const at: number[] = [];
    const { clock, failures, loop } = startLoop((now) => {
      at.push(now);
      return Promise.reject(new Error('the database is down'));
    });
    await clock.advance(100_000);
    assert.deepEqual(at, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
    assert.equal(failures.length, at.length);
    await loop.stop();
  });

  test('stopping waits for the running pass and starts no other', async () => {
    let passes = 0;
    const running = Promise.withResolvers<void>();
    const { clock, loop } = startLoop(async () => {
      passes += 1;
      await running.promise;
      return 0;
    });
    let stopped = false;
    const stopping = loop.stop().then(() => {
      stopped = true;
    });
    await settle();
    assert.deepEqual([loop.stopping.aborted, stopped], [true, false]);
    running.resolve();
    await stopping;
    await clock.advance(60_000);
    assert.equal(passes, 1);
  });
});

suite('while leased', () => {
  function startWork(renew: () => Promise<boolean>) {
    const clock = createClock();
    const lost: number[] = [];
    const work = Promise.withResolvers<string>();
    const lease = { renew, everyMs: 5_000, wait: clock.wait, onLost: () => void lost.push(clock.at) };
    const done = whileLeased(lease, () => work.promise);
    return { clock, lost, work, done };
  }

  test('the lease is renewed until the work has ended, and not after it', async () => {
    let renewals = 0;
    const { clock, lost, work, done } = startWork(async () => {
      renewals += 1;
      return true;
    });
    await clock.advance(15_000);
    work.resolve('done');
    assert.equal(await done, 'done');
    await clock.advance(60_000);
    assert.deepEqual([renewals, lost], [3, []]);
  });

  test('a lease that somebody else holds is reported once; one that cannot be renewed for a moment is not lost', async () => {
    const answers = [() => Promise.reject(new Error('the database is down')), async () => true, async () => false];
    const { clock, lost, work, done } = startWork(() => (answers.shift() ?? assert.fail('it was asked again'))());
    await clock.advance(60_000);
    assert.deepEqual(lost, [15_000]);
    work.reject(new Error('it broke off'));
    await assert.rejects(done, /it broke off/);
  });
});

test('after the database was down, two passes leave the work of others alone', () => {
  const grace = createTakeoverGrace();
  assert.equal(grace.coversPass(), false);
  grace.begin();
  assert.deepEqual(
    [1, 2, 3].map(() => grace.coversPass()),
    [true, true, false],
  );
});
