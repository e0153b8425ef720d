import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSourceFiles, readText } from '../support/source-files.ts';

const files = new Map(listSourceFiles('test/**/*.test.ts').map(({ path, text }) => [path, text]));
const rows = readText('docs/store-rules.md')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, rule = '']) => /^V\d+$/.test(rule));

test('all 21 rules of the store are there, in order, each with what it asks', () => {
  assert.deepEqual(
    rows.map(([, rule]) => rule),
    Array.from({ length: 21 }, (_, index) => `V${index + 1}`),
  );
  for (const [, rule, asks = ''] of rows) assert.ok(asks.length > 10, `${rule}: say what it asks`);
});

test('each is kept by tests that are there, or says why by none', () => {
  for (const [, rule, , keptBy = ''] of rows) {
    if (/^none: .{30,}/.test(keptBy)) continue;
    for (const each of keptBy.split(' · ')) {
      const { path = '', title = '' } = /^`(?<path>test\/[\w/.-]+)` “(?<title>[^”]+)”$/.exec(each)?.groups ?? {};
      assert.ok(path !== '', `${rule}: “${each}” is neither \`path\` “title” nor “none: why”`);
      assert.ok(files.get(path)?.includes(`'${title}'`), `${rule}: ${path} has no test “${title}”`);
    }
  }
});
