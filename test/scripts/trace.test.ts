import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { startProcess } from '../support/started-process.ts';

/** The chapters that a trace printed, once the process has ended by itself. */
async function traced(...args: readonly string[]): Promise<string[]> {
  const { stdout, stderr, ended } = startProcess(['scripts/trace.ts', ...args], {});
  assert.deepEqual([(await ended).code, stderr], [0, []]);
  const [title = '', ...lines] = stdout;
  const chapters = lines.map((line) => line.trim().split(/\s+/)[1] ?? '');
  assert.equal(title, `${chapters.length} chapters of src ran, in this order:`);
  assert.equal(new Set(chapters).size, chapters.length);
  for (const path of chapters) assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), path);
  return chapters;
}

/** The wanted chapters as they stand in the trace. */
const inOrder = (chapters: readonly string[], wanted: readonly string[]) =>
  chapters.filter((path) => wanted.includes(path));

suite('npm run trace', () => {
  test('follows a press from the door to the card', async () => {
    const chapters = await traced('--press', 'Sync now');
    const way = ['src/teams/server.ts', 'src/commands/sync.ts', 'src/graph/vpp.ts', 'src/sync/start-sync.ts'];
    assert.deepEqual(inOrder(chapters, way), way);
    assert.equal(chapters[0], way[0]);
    assert.ok(!chapters.some((path) => path.startsWith('src/alerts/monitor')), 'other workers are not part of it');
  });

  test('follows an alert from the reading of the tenant to its card', async () => {
    const chapters = await traced('--alert');
    const way = ['src/alerts/monitor.ts', 'src/graph/vpp.ts', 'src/alerts/notifier.ts', 'src/cards/alert-card.ts'];
    assert.deepEqual(inOrder(chapters, way), way);
    assert.ok(!chapters.includes('src/sync/take-over.ts'), 'other workers are not part of it');
  });
});
