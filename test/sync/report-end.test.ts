import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type SendingDetails, SendingError } from '../../src/domain/turn.ts';
import { dayMs } from '../../src/lib/time.ts';
import { type KeepTryingOptions, keepTrying } from '../../src/sync/report-end.ts';
import { createClock } from '../support/clock.ts';
import { createRuntime } from '../support/runtime.ts';

suite('keep trying', () => {
  const passing = (details?: SendingDetails) => new SendingError('passing', '500', details);

  /** Tries work that fails as given, each failure once, over a clock that can be moved. */
  function startTrying(failures: readonly Error[], trying: Partial<KeepTryingOptions> = {}) {
    const clock = createClock();
    const left = [...failures];
    const triedAt: number[] = [];
    const result: { done?: boolean; error?: unknown } = {};
    const work = async () => {
      triedAt.push(clock.at);
      const failure = left.shift();
      if (failure) throw failure;
    };
    const whole = { until: dayMs, signal: new AbortController().signal, ...trying };
    const settled = keepTrying(work, whole, createRuntime(clock)).then(
      (done) => void Object.assign(result, { done }),
      (error: unknown) => void Object.assign(result, { error }),
    );
    return { clock, triedAt, result, settled };
  }

  test('what fails is tried again after 5 s, then twice as long each time, up to a quarter of an hour', async () => {
    const rig = startTrying(Array.from({ length: 11 }, () => passing()));
    await rig.clock.advance(dayMs);
    const gaps = rig.triedAt.map((at, index) => (at - (rig.triedAt[index - 1] ?? 0)) / 1000);
    assert.deepEqual(gaps, [0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]);
    assert.deepEqual(rig.result, { done: true });
  });

  test('many that fail together do not come back together', async () => {
    const times = await Promise.all(
      [0, 0.99].map(async (dice) => {
        const clock = createClock();
        let failures = 1;
        const work = async () => {
          failures -= 1;
          if (failures >= 0) throw passing();
        };
        const trying = { until: dayMs, signal: new AbortController().signal };
        const done = keepTrying(work, trying, createRuntime({ ...clock, random: () => dice })).then(() => clock.at);
        await clock.advance(10_000);
        return done;
      }),
    );
    assert.deepEqual(times, [3750, 6225]);
  });

  test('Teams’ own time is kept when it is longer', async () => {
    const rig = startTrying([passing({ retryAfterMs: 60_000 }), passing({ retryAfterMs: 1 })]);
    await rig.clock.advance(dayMs);
    assert.deepEqual(rig.triedAt, [0, 60_000, 70_000]);
  });

  test('a refusal for good ends it at once, and so does a failure once the time is over', async () => {
    const terminal = new SendingError('refused', '400');
    const refused = startTrying([passing(), terminal]);
    await refused.clock.advance(dayMs);
    assert.deepEqual(refused.triedAt, [0, 5000]);
    assert.equal(refused.result.error, terminal);
    const last = passing();
    const late = startTrying([passing(), passing(), passing(), last], { until: 20_000 });
    await late.clock.advance(dayMs);
    assert.deepEqual(late.triedAt, [0, 5000, 15_000, 20_000]);
    assert.equal(late.result.error, last);
  });

  test('a Retry-After of 31 days does not lose it: it is tried once more before the time is over', async () => {
    const rig = startTrying([passing({ retryAfterMs: 31 * dayMs })]);
    await rig.clock.advance(dayMs);
    assert.deepEqual([rig.triedAt, rig.result], [[0, dayMs], { done: true }]);
  });

  test('what is too late is still tried once', async () => {
    const rig = startTrying([], { until: -1 });
    await rig.settled;
    assert.deepEqual(rig.result, { done: true });
  });

  test('what may have been taken is not said twice where once is the most; a failure of our own never is', async () => {
    const maybe = passing({ mayBeTaken: true });
    const line = startTrying([new Error('database is locked'), passing(), maybe], { isOnceAtMost: true });
    await line.clock.advance(dayMs);
    assert.equal(line.triedAt.length, 3);
    assert.equal(line.result.error, maybe);
    const edit = startTrying([maybe]);
    await edit.clock.advance(dayMs);
    assert.deepEqual(edit.result, { done: true });
  });

  test('stopping ends it at once, in the midst of a wait or of a try, and nothing is given up', async () => {
    const stopping = new AbortController();
    const waiting = startTrying([passing(), passing()], { signal: stopping.signal });
    await waiting.clock.advance(1000);
    stopping.abort();
    await waiting.settled;
    assert.deepEqual([waiting.triedAt, waiting.result], [[0], { done: false }]);
    const again = startTrying([], { signal: stopping.signal });
    await again.settled;
    assert.deepEqual([again.triedAt, again.result], [[], { done: false }]);
  });
});
