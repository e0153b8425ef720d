import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startProcess } from '../support/started-process.ts';

async function runTests(...args: readonly string[]) {
  const { stdout, stderr, ended } = startProcess(['scripts/test.ts', ...args], {});
  return { code: (await ended).code, closing: [...stdout, ...stderr].at(-1) ?? '' };
}

suite('npm test', () => {
  test('refuses a name that fits no test file, also beside others', async () => {
    const { code, closing } = await runTests(
      'test/domain/licenses.test.ts',
      'test/domain/license.test.ts',
      'test/nowhere',
    );
    assert.deepEqual([code, closing], [1, 'No test file matches test/domain/license.test.ts, test/nowhere.']);
  });

  test('ends with the number of tests, each of them reported', async () => {
    const { code, closing } = await runTests('test/domain/licenses.test.ts', 'test/domain/resolve-token.test.ts');
    assert.equal(code, 0);
    const [, passed] = /^(\d+) passed, 0 failed, 0 skipped in 0 min \d+ s\.$/.exec(closing) ?? [];
    assert.ok(Number(passed) > 40, closing);
  });
});
