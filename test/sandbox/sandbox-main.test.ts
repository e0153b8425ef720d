import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { findFreePort, readableLog, readSettings } from '../../sandbox/bot-process.ts';
import { readText } from '../support/source-files.ts';

const main = new URL('../../sandbox/main.ts', import.meta.url).pathname;

/** `npm run dev` with ports of its own and a store in memory. */
function startMain(t: TestContext, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SANDBOX_PORT: '0', PORT: '0', DATABASE_URL: 'sqlite::memory:', MONITOR: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const watch of watchers) watch();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const saidMatch = (words: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const watch = () => {
        const match = words.exec(output);
        if (match) resolve(match);
      };
      watchers.add(watch);
      watch();
      ended.then(() => reject(new Error(`It ended without saying ${words}: ${output}`)));
    });
  return { child, ended, saidMatch, output: () => output };
}

test('prints the one address to open and what to type, and ends cleanly on Ctrl-C', { timeout: 60_000 }, async (t) => {
  const { child, ended, saidMatch } = startMain(t);
  const [, address = ''] = await saidMatch(/Open {2}(http:\/\/127\.0\.0\.1:\d+) {2}and type: {2}sync vpp contoso/);
  assert.equal((await fetch(address)).status, 200);
  assert.equal((await fetch(`${address}/privacy`)).status, 200);
  child.kill('SIGINT');
  assert.equal(await ended, 0);
  await assert.rejects(fetch(address));
});

test('says so and fails when the bot does not start', { timeout: 60_000 }, async (t) => {
  const { ended, output } = startMain(t, { LOG_LEVEL: 'shouting' });
  assert.equal(await ended, 1);
  assert.match(output(), /LOG_LEVEL must be/);
  assert.match(output(), /The bot ended with exit code \d+/);
});

test('lets no registration, address or unknown name of its file reach the bot, and the shell differ from the rest', () => {
  const file = 'SANDBOX_PORT=1\nBOT_ID=another\nLOG_LEVEL=info\nGRAPH_BETA=on\nNODE_OPTIONS=--inspect\nPUBLIC_URL=x\n';
  assert.deepEqual(readSettings(file, { LOG_LEVEL: 'debug', BOT_ID: 'shell', MONITOR: 'off' }), {
    settings: { SANDBOX_PORT: '1', LOG_LEVEL: 'debug', GRAPH_BETA: 'on' },
    leftOut: ['BOT_ID', 'NODE_OPTIONS', 'PUBLIC_URL'],
  });
  const { leftOut } = readSettings(readText('env/.env.rehearsal'), {});
  assert.deepEqual(leftOut, []);
});

test('takes the port wished for when it is free, and another when it is not', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const other = await findFreePort(port);
  assert.notEqual(other, port);
  assert.equal(await findFreePort(other), other);
});

test('shortens the bot’s log lines for a terminal and leaves everything else as it is', () => {
  const time = new Date(2026, 10, 23, 9, 5, 7).getTime();
  const line = { level: 40, time, pid: 1, hostname: 'h', msg: 'Graph refused', status: 403, err: { message: 'no' } };
  assert.equal(readableLog(JSON.stringify(line)), '09:05:07 WARN  Graph refused (no) status=403');
  const long = readableLog(JSON.stringify({ level: 30, time, msg: 'm', text: 'x'.repeat(500) }));
  assert.ok(long.length < 100 && long.endsWith('…'));
  for (const other of ['plain words', '{"no":"msg"}', '42', '']) assert.equal(readableLog(other), other);
});
