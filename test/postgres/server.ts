import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../sandbox/bot-process.ts';
import type { PostgresPrograms } from './programs.ts';

export interface PostgresServer {
  /** Address of its database `postgres`, as its superuser. */
  readonly url: string;
  readonly dataFolder: string;
  start(): Promise<void>;
  /** As if the machine had failed: everybody is disconnected at once. What was committed is there after the next start. */
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as the superuser; this user exists on every Unix and owns nothing. */
const nobody = { uid: 65_534, gid: 65_534 };

/** Nothing here need outlive the machine, so nothing waits for the disk. */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
};

const stopWithinMs = 8_000;

/** Makes a new cluster in the folder, which whoever the server runs as must be able to pass. It listens on loopback alone. */
export async function createPostgresServer(programs: PostgresPrograms, folder: string): Promise<PostgresServer> {
  const dataFolder = join(folder, 'data');
  const password = randomBytes(18).toString('base64url');
  const asUser = process.getuid?.() === 0 ? nobody : {};
  const { DYLD_LIBRARY_PATH: _, LD_LIBRARY_PATH: __, ...environment } = process.env;
  const libraries = programs.libraryPath && {
    LD_LIBRARY_PATH: programs.libraryPath,
    DYLD_LIBRARY_PATH: programs.libraryPath,
  };
  const env = { ...environment, ...libraries, LC_ALL: 'C' };
  const run = (program: string, ...args: readonly string[]) =>
    spawn(program, args, { ...asUser, env, cwd: dataFolder, stdio: ['ignore', 'ignore', 'pipe'] });

  await mkdir(dataFolder, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  for (const owned of 'uid' in asUser ? [dataFolder, passwordFile] : []) await chown(owned, nobody.uid, nobody.gid);
  const auth = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await succeeds(run(programs.initdb, `--pgdata=${dataFolder}`, ...auth, '--encoding=UTF8', '--locale=C', '--no-sync'));
  await rm(passwordFile);

  const port = await findFreePort(0);
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let running: ChildProcess | undefined;
  return {
    dataFolder,
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async start() {
      const server = run(programs.postgres, '-D', dataFolder, '-p', String(port), ...options);
      await saysThatItIsReady(server);
      running = server;
    },
    async stop() {
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, 'exit');
      running.kill('SIGQUIT');
      const late = setTimeout(() => running?.kill('SIGKILL'), stopWithinMs);
      await ended;
      clearTimeout(late);
    },
  };
}

async function succeeds(child: ChildProcess): Promise<void> {
  const said: Buffer[] = [];
  child.stderr?.on('data', (part: Buffer) => said.push(part));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${Buffer.concat(said)}`);
}

function saysThatItIsReady(server: ChildProcess): Promise<void> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said.join('\n')}`)));
    if (!server.stderr) return reject(new Error('PostgreSQL says nothing'));
    // Read to its end: a server whose words nobody takes would stop at some point.
    createInterface(server.stderr).on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (line.includes('ready to accept connections')) resolve();
    });
  });
}
