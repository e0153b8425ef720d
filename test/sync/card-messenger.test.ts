import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createCardSent } from '../../src/sync/card-messenger.ts';
import { createRuntime } from '../support/runtime.ts';

suite('card sent', () => {
  test('a receipt waits for its card, and its timer ends with the wait', async () => {
    let timer: AbortSignal | undefined;
    const sent = createCardSent(
      createRuntime({
        wait: (_, signal) => {
          timer = signal;
          return new Promise(() => undefined);
        },
      }),
    );
    const steps: string[] = [];
    const waiting = sent.waitFor('run').then(() => steps.push('went on'));
    await Promise.resolve();
    steps.push('sent');
    sent.record('run');
    await waiting;
    assert.deepEqual(steps, ['sent', 'went on']);
    assert.equal(timer?.aborted, true);
  });

  test('a card that was sent before anybody waited is not waited for', async () => {
    const sent = createCardSent(createRuntime({ wait: () => new Promise(() => undefined) }));
    sent.record('run', 'card-1');
    assert.equal(await sent.waitFor('run'), 'card-1');
  });

  test('a card that nobody will wait for is forgotten', async () => {
    const sent = createCardSent(createRuntime());
    sent.record('run', 'card-1');
    sent.forget('run');
    assert.equal(await sent.waitFor('run'), undefined);
  });

  test('a card that never comes is waited for 20 s and no longer', async () => {
    const waits: number[] = [];
    const sent = createCardSent(createRuntime({ wait: async (ms) => void waits.push(ms) }));
    await sent.waitFor('run');
    assert.deepEqual(waits, [20_000]);
  });
});
