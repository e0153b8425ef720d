import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSourceFiles, readText } from '../support/source-files.ts';

const document = readText('docs/threat-model.md');
const files = new Map(listSourceFiles('test/**/*.test.ts').map(({ path, text }) => [path, text]));

/** Lines of the tables: kind, attack, defense, tests. */
const threats = document
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, kind = '']) => /^[STRIDE]$/.test(kind));

test('every threat names a test that shows what stops it, and each of them is there', () => {
  assert.ok(threats.length > 40, `only ${threats.length} were read`);
  for (const [, kind, threat = '', stop = '', shown = ''] of threats) {
    assert.ok(threat !== '' && stop !== '', `${kind} ${threat}: say what stops it`);
    const named = [...shown.matchAll(/`(?<path>test\/[\w/.-]+)` “(?<title>[^”]+)”/g)];
    assert.ok(named.length > 0, `${threat}: name its test as \`path\` “title”`);
    assert.equal(named.length, shown.split(' · ').length, `${threat}: every test is \`path\` “title”`);
    for (const { groups: { path = '', title = '' } = {} } of named) {
      const text = files.get(path);
      assert.ok(text, `${threat}: there is no ${path}`);
      assert.ok(text.includes(`'${title}'`), `${threat}: ${path} has no test “${title}”`);
    }
  }
});

test('every flow has its spoofing, tampering, repudiation and disclosure', () => {
  for (const flow of document.split('\n## ').slice(1, -1)) {
    const [title = ''] = flow.split('\n');
    for (const kind of 'STRI') assert.match(flow, new RegExp(`^\\| ${kind} \\|`, 'm'), `${title} has no ${kind}`);
  }
});

test('every test file that the document mentions outside of its tables is there, too', () => {
  for (const [path] of document.matchAll(/test\/[\w/.-]+\.test\.ts/g)) assert.ok(files.has(path), path);
});
