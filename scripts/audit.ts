// Exports the audit, verifies an export, checks the audit in the database. See docs/audit.md.
import { once } from 'node:events';
import { readArguments, runAuditCommand, usage } from '../src/audit/command-line.ts';
import { readConfig } from '../src/config.ts';

const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);

const command = readArguments(process.argv.slice(2));
if ('problem' in command) {
  say(`${command.problem}\n${usage}`);
  process.exit(2);
}

// The reader of a pipe may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

function getConfig() {
  const read = readConfig(process.env);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.config;
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

try {
  process.exitCode = await runAuditCommand(command, { getConfig, output: { write, say }, now: Date.now });
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
