import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readText } from '../support/source-files.ts';
import { startProcess } from '../support/started-process.ts';

/** The chapters that a trace printed, once the process has ended by itself. */
async function traced(...args: readonly string[]): Promise<string[]> {
  const { stdout, stderr, ended } = startProcess(['scripts/trace.ts', ...args], {});
  assert.deepEqual([(await ended).code, stderr], [0, []]);
  const [title = '', ...lines] = stdout;
  const chapters = lines.map((line) => line.trim().split(/\s+/)[1] ?? '');
  assert.equal(title, `${chapters.length} chapters of src ran, in this order:`);
  assert.equal(new Set(chapters).size, chapters.length);
  return chapters;
}

/** Files named by the numbered lines of a section, up to where nobody waits any more. */
function namedIn(section: string): string[] {
  const text = readText('docs/architecture.md').split(`\n## ${section}`)[1]?.split('\n## ')[0] ?? '';
  const [awaited = ''] = text.split('From here nobody waits');
  return [...awaited.matchAll(/`(?<path>src\/[\w/-]+\.ts)`/g)].map(({ groups }) => groups?.path ?? '');
}

suite('npm run trace goes through the chapters that docs/architecture.md names:', () => {
  const ways: readonly (readonly [section: string, first: string, args: readonly string[]])[] = [
    ['A message', 'src/teams/server.ts', ['sync vpp adatum']],
    ['A press', 'src/teams/server.ts', ['--press', 'Sync now']],
    ['An alert', 'src/alerts/', ['--alert']],
  ];
  for (const [section, first, args] of ways) {
    test(section.toLowerCase(), async () => {
      const chapters = await traced(...args);
      const named = namedIn(section);
      assert.ok(named.length >= 4);
      assert.deepEqual(
        named.filter((path) => !chapters.includes(path)),
        [],
      );
      assert.ok(chapters[0]?.startsWith(first), chapters[0]);
      assert.ok(!chapters.includes('src/sync/take-over.ts'), 'other workers are not part of it');
    });
  }
});
