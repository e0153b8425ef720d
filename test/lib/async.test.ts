import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pauseInTime, untilAborted, wait, within, withTimeoutWhileFree } from '../../src/lib/async.ts';
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
  test('lets an answer win that came while the process was busy', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const seen: AbortSignal[] = [];
    const work = withTimeoutWhileFree(10_000, async (signal) => {
      seen.push(signal);
      await new Promise((aborted) => signal.addEventListener('abort', aborted));
    });
    const [signal = assert.fail()] = seen;
    // After a block of any length, an interval's timer has run once.
    t.mock.timers.tick(1_000);
    assert.equal(signal.aborted, false);
    t.mock.timers.tick(8_999);
    assert.equal(signal.aborted, false);
    t.mock.timers.tick(1);
    assert.equal(signal.reason.name, 'TimeoutError');
    await work;
  });

  test('ends with its work', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const signal = await withTimeoutWhileFree(10_000, async (each) => each);
    t.mock.timers.tick(20_000);
    assert.equal(signal.aborted, false);
  });
});

suite('pausing in time', () => {
  const workFor = (ms: number) => {
    for (const from = performance.now(); performance.now() - from < ms; );
  };

  test('lets others run as soon as work in small steps has lasted 10 ms', async () => {
    await nextTurn();
    await pauseInTime();
    let hadTurn = false;
    setImmediate(() => {
      hadTurn = true;
    });
    workFor(11);
    await pauseInTime();
    assert.equal(hadTurn, true);
  });

  test('lets works side by side go on one in each turn, each in its order', async () => {
    await nextTurn();
    const steps: string[] = [];
    let turn = 0;
    let isOver = false;
    const turns = (async () => {
      for (; !isOver; turn += 1) await nextTurn();
    })();
    async function work(name: string): Promise<void> {
      for (let step = 0; step < 3; step += 1) {
        await pauseInTime();
        steps.push(`${name}${step} in turn ${turn}`);
        workFor(11);
      }
    }
    await Promise.all(['a', 'b', 'c'].map(work));
    isOver = true;
    await turns;
    const inTurns = steps.map((step) => step.split(' in ')[1]);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => steps.filter((step) => step.startsWith(name)).map((step) => step.slice(0, 2))),
      [
        ['a0', 'a1', 'a2'],
        ['b0', 'b1', 'b2'],
        ['c0', 'c1', 'c2'],
      ],
    );
    // All three began in one turn, before any of them had worked.
    assert.equal(new Set(inTurns.slice(3)).size, 6, steps.join(', '));
  });
});
