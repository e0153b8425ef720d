import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../../src/lib/async.ts';

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
