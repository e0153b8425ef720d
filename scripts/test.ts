// Runs every test file with node:test; arguments narrow it to the files or folders named. What passed between the bot and the
// rehearsals meanwhile is judged at the end.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, type Record } from '../test/recorder/verdict.ts';

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const patterns =
  named.length > 0
    ? named.map((name) => (name.endsWith('.ts') ? name : `${name}/**/*.test.ts`))
    : ['test/**/*.test.ts'];
const files = patterns.flatMap((pattern) => globSync(pattern)).sort();
if (files.length === 0) {
  process.stderr.write(`No test file matches ${patterns.join(', ')}.\n`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-record-'));
const recorder = new URL('../test/recorder/record.ts', import.meta.url).href;
const child = spawn(process.execPath, ['--import', recorder, '--test', '--test-concurrency=2', ...options, ...files], {
  stdio: 'inherit',
  env: { ...process.env, NODE_NO_WARNINGS: '1', RECORD_FOLDER: folder },
});
child.on('exit', (code) => {
  const records = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record);
  rmSync(folder, { recursive: true });
  const { breaches, requests, writes } = judge(records);
  if (breaches.length > 0) process.stderr.write(`Least privilege is broken:\n${breaches.join('\n')}\n`);
  const sawNothing = named.length === 0 && writes === 0;
  if (sawNothing) process.stderr.write('The recorder saw no write to Graph in a whole run: it does not listen.\n');
  if (requests > 0) process.stderr.write(`Recorded ${requests} requests to Graph, ${writes} of them writes.\n`);
  process.exit(code || (breaches.length > 0 || sawNothing ? 1 : 0));
});
