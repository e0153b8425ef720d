// Checks what the bot needs before its first start: npm run preflight, in an image node dist/preflight.js. See docs/operate.md.
import { parseArgs } from 'node:util';
import { printFindings, runPreflight } from '../src/doctor/preflight.ts';
import { createRuntime } from '../src/lib/runtime.ts';

const silent = () => undefined;
const log = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent };

function readArguments(): { readonly manifest?: string | undefined } {
  try {
    return parseArgs({ options: { manifest: { type: 'string' } } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\nnpm run preflight -- [--manifest FILE]\n`);
    process.exit(2);
  }
}

const { manifest } = readArguments();
const findings = await runPreflight({ env: process.env, manifestPath: manifest, runtime: createRuntime(log) });
process.stdout.write(printFindings(findings));
// MSAL may still be trying again; nobody waits for it.
process.exit(findings.some(({ finding }) => finding.tone === 'attention') ? 1 : 0);
