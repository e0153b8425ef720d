import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { startProgram } from '../support/started-process.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { wholeFile } from './run-record.ts';

async function runTestFile(text: string) {
  const file = join(temporaryFolder(), 'made.test.mjs');
  writeFileSync(file, `import { test } from 'node:test';\n${text}`);
  const { stderr, ended } = startProgram(process.execPath, ['--import', wholeFile, file], {});
  return { code: (await ended).code, said: stderr.join('\n') };
}

suite('a test file', () => {
  test('that ends its process before its tests are over fails', async () => {
    const { code, said } = await runTestFile("test('ends', () => process.exit(0));\ntest('is lost', () => undefined);");
    assert.equal(code, 1);
    assert.match(said, /made\.test\.mjs ended its process before its tests were over/);
  });

  test('whose tests pass and leave nothing open passes', async () => {
    assert.deepEqual(await runTestFile("test('passes', () => undefined);"), { code: 0, said: '' });
  });

  test('that leaves something open fails, and what it is is named', async () => {
    const { code, said } = await runTestFile(
      "test('listens', async () => (await import('node:http')).createServer().listen(0));",
    );
    assert.equal(code, 1);
    assert.match(said, /keeps its process open after its tests: .*TCPServerWrap/);
  });
});
