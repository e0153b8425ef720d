// Runs every test file with node:test; arguments narrow it to the files or folders named. Tests that ask for PostgreSQL share one.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { offerPostgres, offerVariable } from '../test/postgres/offer-postgres.ts';

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
const postgres = await offerPostgres();
const child = spawn(process.execPath, ['--test', '--test-concurrency=2', ...options, ...files], {
  stdio: 'inherit',
  env: { ...process.env, NODE_NO_WARNINGS: '1', [offerVariable]: postgres.address },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', async (code) => {
  await postgres.close();
  process.exit(code ?? 1);
});
