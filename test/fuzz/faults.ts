import assert from 'node:assert/strict';

const faults: unknown[] = [];
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (error) => faults.push(error));
}

/** Fails when a promise was rejected that nobody handled, or something was thrown that nobody caught. */
export async function nothingWasUncaught(): Promise<void> {
  await new Promise(setImmediate);
  assert.deepEqual(faults, []);
  assert.deepEqual(Object.keys(Object.prototype), [], 'every object has something it should not');
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
}
