import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from '../support/source-files.ts';
import { openStore } from '../support/temporary-store.ts';

const fix = 'Fix: docs/data.md has a line for each table of src/store/schema.ts: what, why, how long, how it is erased';
const lines = readText('docs/data.md')
  .split('\n')
  .filter((line) => /^\| `/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('docs/data.md lists every table that is stored, and no other', async () => {
  const documented = lines.map(([, table]) => table?.replaceAll('`', ''));
  const db = await openStore(':memory:');
  const stored = (await db.introspection.getTables()).map(({ name }) => name);
  assert.deepEqual(documented.toSorted(), stored.toSorted(), fix);
  const schema = readText('src/store/schema.ts').split('export interface Database {')[1]?.split('\n}')[0] ?? '';
  const typed = [...schema.matchAll(/^ {2}(?<table>\w+):/gm)].map(({ groups }) => groups?.table);
  assert.deepEqual(
    typed.toSorted(),
    stored.toSorted(),
    'Fix: src/store/schema.ts names the tables that the migrations make',
  );
});

test('docs/data.md leaves no cell of the table open', () => {
  assert.ok(lines.length > 10);
  for (const cells of lines) assert.ok(cells.slice(1, 6).every((cell) => cell.length > 2) && cells.length === 7, fix);
});
