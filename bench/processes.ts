import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Order, Orders, Outcome } from './driver.ts';
import type { Profile } from './profile.ts';

/** What a bot's process has used since it was started. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

export interface BotProcess {
  readonly botUrl: string;
  /** Epoch milliseconds, before anything of the bot was loaded. */
  readonly startedAt: number;
  getUsage(): Promise<Usage>;
  startProfile(): Promise<void>;
  stopProfile(): Promise<Profile>;
  stop(): Promise<void>;
}

interface BotStart {
  /** The bot's main file, an absolute path. */
  readonly path: string;
  /** Flags of Node with which the bot is started. */
  readonly flags: readonly string[];
  readonly cwd: string;
  /** Without the port, which is chosen here. */
  readonly env: Readonly<Record<string, string>>;
}

/** A load of 10,000 turns takes a minute or two. */
const answersWithinMs = 600_000;
const endsWithinMs = 12_000;
const probe = fileURLToPath(new URL('probe.cjs', import.meta.url));

/** Starts a bot on a free port of 127.0.0.1. What it writes is thrown away, but for its errors. */
export async function startBot({ path, flags, cwd, env }: BotStart): Promise<BotProcess> {
  const port = await findFreePort();
  const startedAt = Date.now();
  const child = fork(path, {
    cwd,
    execArgv: ['--require', probe, ...flags],
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', process.env.BENCH_VERBOSE ? 'inherit' : 'ignore', 'ipc'],
  });
  return {
    botUrl: `http://127.0.0.1:${port}`,
    startedAt,
    getUsage: () => ask<Usage>(child, 'usage'),
    async startProfile() {
      await ask(child, 'startProfile');
    },
    stopProfile: () => ask<Profile>(child, 'stopProfile'),
    stop: () => stop(child),
  };
}

export interface DriverProcess {
  order<Name extends keyof Orders>(name: Name, give: Orders[Name]['give']): Promise<Orders[Name]['back']>;
  stop(): Promise<void>;
}

/** Starts the driver in a process of its own, so that what it uses is not counted with the bot. */
export function startDriver(): DriverProcess {
  const child = fork(fileURLToPath(new URL('driver.ts', import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    async order<Name extends keyof Orders>(name: Name, give: Orders[Name]['give']) {
      const outcome = await ask<Outcome>(child, { name, give } satisfies Order);
      if ('problem' in outcome) throw new Error(outcome.problem);
      return outcome.back as Orders[Name]['back'];
    },
    stop: () => stop(child),
  };
}

/** One question at a time: the next message is the answer. */
async function ask<T>(child: ChildProcess, question: object | string): Promise<T> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(answersWithinMs)]);
  try {
    const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('a process ended by itself')));
    const answer = once(child, 'message', { signal });
    child.send(question);
    const [value] = await Promise.race([answer, ended]);
    return value as T;
  } finally {
    done.abort();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
  await ended;
  clearTimeout(timer);
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
