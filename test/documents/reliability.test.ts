import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readText } from '../support/source-files.ts';

const root = new URL('../../', import.meta.url);
const rows = readText('docs/reliability.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise '));

test('every promise of docs/reliability.md names tests that exist', () => {
  assert.ok(rows.length > 20);
  for (const row of rows) {
    const [promise = '', named = ''] = row.slice(2).split(' | ');
    const tests = [...named.matchAll(/`(?<path>test\/[\w./-]+\.test\.ts)`/g)].map(({ groups }) => groups?.path ?? '');
    assert.ok(tests.length > 0, `docs/reliability.md: no test is named for “${promise}”`);
    for (const path of tests)
      assert.ok(existsSync(fileURLToPath(new URL(path, root))), `docs/reliability.md: there is no ${path}`);
  }
});
