// Turns of people on PostgreSQL with one or several processes of the bot: throughput, answers given twice, and waits for a connection.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeTestDatabase } from '../test/postgres/test-database.ts';
import { ours } from './bots.ts';
import type { Wording } from './driver.ts';
import { type BotProcess, findFreePort, startBot, startDriver } from './processes.ts';
import { report } from './scale-measure.ts';

interface Replica extends BotProcess {
  readonly metricsUrl: string;
}

const { processes, turns } = JSON.parse(process.argv[2] ?? '{}') as { processes: number; turns: number };
/** A scrape's answer is remembered for 5 s. */
const freshScrapeMs = 5_100;

const database = await makeTestDatabase();
const driver = startDriver();
const places = await driver.order('start', undefined);
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-scale-'));
const shared = {
  ...ours.envOf({ places, folder, cardFile: '' }),
  DATABASE_URL: database.url,
  TOKEN_CACHE_KEY: randomBytes(32).toString('base64'),
};
const replicas: Replica[] = [];
const figures: Record<string, number> = {};

try {
  for (let n = 0; n < processes; n += 1) {
    const metricsPort = await findFreePort();
    const env = { ...shared, METRICS_PORT: String(metricsPort) };
    const started = await startBot({ path: ours.path, flags: ours.flags, cwd: ours.folder, env });
    replicas.push({ ...started, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` });
  }
  await driver.order('connect', { botUrls: replicas.map(({ botUrl }) => botUrl) });
  await driver.order('load', { wording: 'help', turns: 300, atOnce: 16 });
  await driver.order('signIn', undefined);
  for (const atOnce of [16, 64]) {
    for (const wording of ['help', 'status'] as const) await measure(wording, atOnce);
  }
  await measure('help', 64, 2);
} finally {
  await Promise.all(replicas.map((each) => each.stop()));
  await driver.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}
report(figures);
process.disconnect?.();

/** With `times`, every message arrives so often at the same moment, each at another process. */
async function measure(wording: Wording, atOnce: number, times = 1): Promise<void> {
  const before = await readAll();
  const load = await driver.order('load', { wording, turns, atOnce, times });
  // What comes late is a double, too.
  await wait(freshScrapeMs);
  const after = await readAll();
  const name = `${wording}, ${atOnce} at once${times > 1 ? `, each sent ${times} times` : ''}`;
  Object.assign(figures, {
    [`${name}: turns/s`]: turns / load.seconds,
    [`${name}: p95 (ms)`]: load.p95Ms,
    [`${name}: CPU of all processes per turn (ms)`]: (after.cpuMs - before.cpuMs) / turns,
    [`${name}: answers given twice`]: after.answers - before.answers - turns,
    [`${name}: connections taken per turn`]: (after.waits - before.waits) / turns,
    [`${name}: waits for a connection over 100 ms`]: after.longWaits - before.longWaits,
  });
}

async function readAll() {
  const each = await Promise.all(
    replicas.map(async (replica) => ({ ...(await replica.getUsage()), ...(await readWaits(replica)) })),
  );
  const sum = (of: (one: (typeof each)[number]) => number) => each.reduce((total, one) => total + of(one), 0);
  return {
    answers: await driver.order('countAnswers', undefined),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    waits: sum(({ all }) => all),
    longWaits: sum(({ all, short }) => all - short),
  };
}

async function readWaits({ metricsUrl }: Replica) {
  const text = await (await fetch(metricsUrl)).text();
  const readNumber = (line: string) =>
    Number(
      text
        .split('\n')
        .find((each) => each.startsWith(`${line} `))
        ?.split(' ')[1],
    );
  return {
    all: readNumber('vpp_store_wait_seconds_count'),
    short: readNumber('vpp_store_wait_seconds_bucket{le="0.1"}'),
  };
}
