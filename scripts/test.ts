// Runs every test file with node:test; arguments narrow it to the files or folders named. Tests that ask for PostgreSQL share one.
// What passed between the bot and the rehearsals meanwhile is judged at the end.
import { execFileSync, spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offerPostgres, offerVariable } from '../test/postgres/offer-postgres.ts';
import { recorder, startRunRecord } from '../test/recorder/run-record.ts';

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
/** Hundreds of processes begin with the same files: these are compiled once for all of them. For a few it would not pay. */
function compileCommon() {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-compiled-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: folder };
  const common =
    "await Promise.all(['./src/app.ts', './sandbox/sandbox.ts'].map((file) => import(file))); process.exit()";
  execFileSync(process.execPath, ['--input-type=module', '--eval', common], { env });
  return { NODE_COMPILE_CACHE: folder };
}

const compiled = named.length === 0 ? compileCommon() : {};
const postgres = await offerPostgres();
const record = startRunRecord();
const child = spawn(
  process.execPath,
  ['--import', recorder, '--test', '--test-concurrency=2', '--test-force-exit', ...options, ...files],
  {
    stdio: 'inherit',
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...compiled, [offerVariable]: postgres.address, ...record.env },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', async (code) => {
  const isLawful = record.close({ isWholeRun: named.length === 0 });
  await postgres.close();
  // No code: a signal ended the tests, so nobody knows how they would have gone.
  process.exit(code === 0 && !isLawful ? 1 : (code ?? 1));
});
