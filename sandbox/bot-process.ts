import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

export interface BotProcess {
  /** Resolves with how the process ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** SIGTERM, and after ten seconds SIGKILL; settles when the process is gone. */
  stop(): Promise<void>;
}

export interface BotProcessOptions {
  /** Of the bot's main file. */
  readonly path: string;
  /** All the process gets, apart from PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

const patienceMs = 10_000;

/** Runs the bot on this same Node in a process of its own; what it writes comes line by line. */
export function startBotProcess({ path, env, onLine }: BotProcessOptions): BotProcess {
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C at a terminal goes to the whole group; the bot is stopped by us, once and in order.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', onLine);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
  });
  return {
    ended,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Settles when the bot answers /healthz; false when it did not within `withinMs`, or `signal` said not to wait. */
export async function isHealthyWithin(url: string, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.any([AbortSignal.timeout(withinMs), signal]);
  while (!deadline.aborted) {
    try {
      if ((await fetch(`${url}/healthz`, { signal: deadline })).ok) return true;
    } catch {
      // Not listening yet.
    }
    await wait(50);
  }
  return false;
}
