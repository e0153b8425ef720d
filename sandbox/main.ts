import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findFreePort, isHealthyWithin, readableLog, readSettings, startBotProcess } from './bot-process.ts';
import { startSandbox } from './sandbox.ts';
import { seedCounts } from './seed/counts.ts';
import { createSeed } from './seed/seed.ts';

const healthyWithinMs = 30_000;
const root = new URL('../', import.meta.url);
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Begins the file's own store anew, and no other: a store that the shell names may hold anything. */
async function renewStore(databaseUrl = ''): Promise<void> {
  if (process.env.DATABASE_URL !== undefined) return;
  const path = /^sqlite:(?!:)(.+)$/.exec(databaseUrl)?.[1];
  if (!path) return;
  for (const ending of ['', '-wal', '-shm']) rmSync(new URL(path + ending, root), { force: true });
  const now = Date.now();
  await seedCounts(fileURLToPath(new URL(path, root)), createSeed(now), now);
}

async function freePort(name: string, wished: number): Promise<number> {
  const port = await findFreePort(wished);
  if (wished !== 0 && port !== wished) say(`Port ${wished} (${name}) is taken; using ${port}.`);
  return port;
}

const { settings, leftOut } = readSettings(readFileSync(new URL('env/.env.rehearsal', root), 'utf8'), process.env);
if (leftOut.length > 0)
  say(`Left out of env/.env.rehearsal, since a rehearsal has its own or none: ${leftOut.join(', ')}.`);
const { SANDBOX_PORT, PORT, ...variables } = settings;
await renewStore(variables.DATABASE_URL);
const sandbox = await startSandbox({ port: await freePort('SANDBOX_PORT', Number(SANDBOX_PORT)) });
const port = await freePort('PORT', Number(PORT));
const botUrl = `http://127.0.0.1:${port}`;
const bot = startBotProcess({
  path: fileURLToPath(new URL('src/main.ts', root)),
  env: sandbox.env({ ...variables, PORT: String(port) }),
  onLine: (line) => say(readableLog(line)),
});
sandbox.connectBot(botUrl);

let stopping = false;
async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await bot.stop();
  await sandbox.stop();
  process.exit(exitCode);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));

const gone = new AbortController();
bot.ended.then((how) => {
  gone.abort();
  if (stopping) return;
  process.stderr.write(`The bot ${how}. Its last lines are above.\n`);
  stop(1);
});

if (await isHealthyWithin(botUrl, healthyWithinMs, gone.signal)) {
  say(`\nThe rehearsal tenant is ready. Open  ${sandbox.baseUrl}  and type:  sync vpp contoso\nCtrl-C ends it.\n`);
} else if (!stopping && !gone.signal.aborted) {
  process.stderr.write(`The bot did not answer ${botUrl}/healthz within ${healthyWithinMs / 1000} s.\n`);
  stop(1);
}
