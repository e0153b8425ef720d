// Keeps a PostgreSQL for whoever started this process, and takes it away when they are gone, however they went: their end of the
// pipe closes even if they were killed. It leads a group of its own, so that killing theirs does not kill it.
// Says one line of JSON when it is ready, and one after each command (`start`, `stop`) that it reads.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type PostgresPrograms, preparePrograms } from './programs.ts';
import { createPostgresServer, type PostgresServer } from './server.ts';

const [programFolder] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-postgres-'));
// The server may run as another user, who must be able to pass and not to look around.
await chmod(folder, 0o711);

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');

async function startServer(): Promise<PostgresServer> {
  const own = (name: string) => join(programFolder ?? '', name);
  const programs: PostgresPrograms = programFolder
    ? { initdb: own('initdb'), postgres: own('postgres') }
    : await preparePrograms(folder);
  const server = await createPostgresServer(programs, folder);
  await server.start();
  return server;
}

// Nobody may end this before the server has ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.stdin.destroy());
process.stdout.on('error', () => undefined);

const left = new Promise((resolve) => process.stdin.once('close', resolve));
const starting = startServer();
starting.then(
  ({ url, dataFolder }) => say({ url, dataFolder }),
  (error: unknown) => say({ missing: reasonOf(error) }),
);
createInterface(process.stdin).on('line', async (line) => {
  try {
    const server = await starting;
    if (line === 'start') await server.start();
    if (line === 'stop') await server.stop();
    say({ done: line });
  } catch (error) {
    say({ failed: reasonOf(error) });
  }
});

await left;
await starting.then((server) => server.stop()).catch(() => undefined);
await rm(folder, { recursive: true, force: true });
process.exit(0);
