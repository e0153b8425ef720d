// Runs every test file with node:test; arguments narrow it to the files or folders named.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

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
const child = spawn(process.execPath, ['--test', '--test-concurrency=2', ...options, ...files], {
  stdio: 'inherit',
  env: { ...process.env, NODE_NO_WARNINGS: '1' },
});
child.on('exit', (code) => process.exit(code ?? 1));
