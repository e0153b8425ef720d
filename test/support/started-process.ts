import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The test run's: one process compiles for all. */
const { NODE_COMPILE_CACHE } = process.env;
const compileCache = NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly ms: number;
}

export interface StartedProcess {
  readonly child: ChildProcess;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of stdout, as JSON, whose `msg` is this; rejects when the process ends without it. */
  logged(message: string): Promise<Readonly<Record<string, unknown>>>;
}

/** Runs a script of this project on this Node, with exactly this environment (and the run's compile cache). Ended after the tests if it has not by itself. */
export function startProcess(
  [script = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string = root,
): StartedProcess {
  return startProgram(process.execPath, [join(root, script), ...args], env, cwd);
}

/** The same for any program, such as npm. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string = root,
): StartedProcess {
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    stdout.push(line);
    for (const look of waiting) look();
  });
  createInterface(child.stderr).on('line', (line) => stderr.push(line));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined, ms: performance.now() - startedAt }),
    );
  });
  after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });

  return {
    child,
    stdout,
    stderr,
    ended,
    logged: (message) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = stdout.map(parsed).find((each) => each?.msg === message);
          if (!line) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        look();
        ended.then(
          () => reject(new Error(`It ended before "${message}": ${[...stdout, ...stderr].join('\n')}`)),
          reject,
        );
      }),
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
