import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { timeoutWhileFree, untilAborted, wait, within } from '../../src/lib/async.ts';
import { createClock } from '../support/clock.ts';

suite('within', () => {
  const never = new Promise<string>(() => undefined);

  test('gives the value of what is done in time', async () => {
    assert.equal(await within(1_000, Promise.resolve('done')), 'done');
  });

  test('gives nothing for late work, which goes on', async () => {
    const clock = createClock();
    const work = Promise.withResolvers<string>();
    const waiting = within(1_000, work.promise, clock.wait);
    await clock.advance(1_000);
    assert.equal(await waiting, undefined);
    work.resolve('late');
    assert.equal(await work.promise, 'late');
  });

  test('passes a failure on', async () => {
    await assert.rejects(within(1_000, Promise.reject(new Error('no'))), /no/);
  });

  test('leaves no timer behind', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const wait = async (_: number, signal?: AbortSignal) => {
      signals.push(signal);
      await never;
    };
    await within(1_000, Promise.resolve(1), wait);
    await within(1_000, Promise.reject(new Error('no')), wait).catch(() => undefined);
    assert.deepEqual(
      signals.map((signal) => signal?.aborted),
      [true, true],
    );
  });
});

suite('wait', () => {
  test('ends at once when its signal aborts, before or during it, and never rejects', async () => {
    await wait(60_000, AbortSignal.abort());
    const stopping = new AbortController();
    const waiting = wait(60_000, stopping.signal);
    stopping.abort();
    await waiting;
  });
});

suite('until aborted', () => {
  test('settles like its promise, or at once with the reason of the signal', async () => {
    const stopping = new AbortController();
    assert.equal(await untilAborted(Promise.resolve(1), stopping.signal), 1);
    const waiting = untilAborted(new Promise(() => undefined), stopping.signal);
    stopping.abort(new Error('the process stops'));
    await assert.rejects(waiting, /the process stops/);
    await assert.rejects(untilAborted(new Promise(() => undefined), stopping.signal), /the process stops/);
  });
});

suite('a timeout that counts only time in which the process is free', () => {
  test('lets an answer win that came while the process was busy', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const signal = timeoutWhileFree(10_000);
    // After a block of any length, an interval's timer has run once.
    t.mock.timers.tick(1_000);
    assert.equal(signal.aborted, false);
    t.mock.timers.tick(8_999);
    assert.equal(signal.aborted, false);
    t.mock.timers.tick(1);
    assert.equal(signal.reason.name, 'TimeoutError');
  });
});
