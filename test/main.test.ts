import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { startSandbox } from '../sandbox/sandbox.ts';
import { leastEnvironment } from './support/environment.ts';
import { wordsOf } from './support/rehearsal.ts';
import { type StartedProcess, startProcess, startProgram } from './support/started-process.ts';

const main = 'src/main.ts';
const production = leastEnvironment as Readonly<Record<string, string>>;
const canaries = ['canary-of-the-bot-password', 'canary-of-the-client-secret'];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-main-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A rehearsal of its own and a real bot process that takes part in it. */
async function startBot(args: readonly string[] = [main], env: Readonly<Record<string, string>> = {}) {
  const sandbox = await startSandbox({ syncDurationMs: 60_000 });
  after(() => sandbox.stop());
  const bot = startProcess(args, sandbox.env(env));
  const { port } = await bot.logged('listening');
  const url = `http://127.0.0.1:${port}`;
  sandbox.connectBot(url);
  return { sandbox, bot, url };
}

async function probe(url: string, path: string) {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}

/** Asks until the answer has this status; every path here settles within a second or two. */
async function probeUntil(url: string, path: string, status: number) {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await probe(url, path);
    if (answer.status === status) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail(`${path} did not become ${status}`);
}

function saysJsonAlone({ stdout }: StartedProcess) {
  for (const line of stdout) assert.doesNotThrow(() => JSON.parse(line), `not JSON on stdout: ${line}`);
}

async function isRefused(bot: StartedProcess): Promise<readonly string[]> {
  const { code, ms } = await bot.ended;
  assert.ok(code !== undefined && code > 0, `exit code ${code}`);
  assert.ok(ms < 30_000, `it took ${ms} ms`);
  saysJsonAlone(bot);
  const said = [...bot.stdout, ...bot.stderr].join('\n');
  for (const canary of canaries) assert.ok(!said.includes(canary), said);
  return bot.stderr.map((line) => line.split(' ')[0] ?? '').toSorted();
}

suite('a start is refused, non-zero, each problem on a line of stderr that names its variable:', {
  concurrency: 2,
}, () => {
  test('with nothing configured, and no file is made', async () => {
    const folder = temporaryFolder();
    const together = ['AAD_APP_CLIENT_SECRET', 'BOT_PASSWORD', 'BOT_TENANT_ID'];
    const alone = ['AAD_APP_CLIENT_ID', 'ALLOWED_TENANTS', 'BOT_ID', 'BOT_TYPE', 'PUBLIC_URL'];
    const bot = startProcess([main], {}, folder);
    assert.deepEqual(await isRefused(bot), [...together, ...alone].toSorted());
    assert.deepEqual(bot.stdout, []);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('with an empty BOT_ID or a mistyped BOT_TYPE, which would open the door of others', async () => {
    const bot = startProcess([main], { ...production, BOT_ID: '', BOT_TYPE: 'SingelTenant' }, temporaryFolder());
    assert.deepEqual(await isRefused(bot), ['BOT_ID', 'BOT_TYPE']);
  });

  test('with addresses of a rehearsal that are not on this machine', async () => {
    const folder = temporaryFolder();
    const bot = startProcess([main], { ...production, GRAPH_URL: 'https://graph.evil.example' }, folder);
    const others = ['AUTHORITY_URL', 'BOT_OPENID_METADATA_URL', 'EXTRA_SERVICE_URLS'];
    assert.deepEqual(await isRefused(bot), [...others, 'GRAPH_URL'].toSorted());
    assert.deepEqual(readdirSync(folder), []);
  });

  test('with a certificate file that is not there', async () => {
    const { AAD_APP_CLIENT_SECRET: _, ...rest } = production;
    const bot = startProcess(
      [main],
      { ...rest, AAD_APP_CERTIFICATE_PATH: 'nowhere.pem', PORT: '0' },
      temporaryFolder(),
    );
    assert.deepEqual(await isRefused(bot), ['AAD_APP_CERTIFICATE_PATH']);
  });

  test('with a database that cannot be opened', async () => {
    const bot = startProcess(
      [main],
      { ...production, DATABASE_URL: 'sqlite:/dev/null/bot.db', PORT: '0' },
      temporaryFolder(),
    );
    assert.deepEqual(await isRefused(bot), ['DATABASE_URL']);
  });

  test('with a PostgreSQL that is not there', async () => {
    const env = { ...production, DATABASE_URL: 'postgres://u:canary-of-the-bot-password@127.0.0.1:1/x', PORT: '0' };
    const bot = startProcess([main], env, temporaryFolder());
    assert.deepEqual(await isRefused(bot), ['DATABASE_URL']);
    // What several processes need is recommended as well.
    assert.match(bot.stdout.join('\n'), /"level":"warn".*TOKEN_CACHE_KEY is not set/);
  });

  test('with a port that somebody else has', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, resolve));
    after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const env = { ...production, DATABASE_URL: 'sqlite::memory:', PORT: String(port) };
    assert.deepEqual(await isRefused(startProcess([main], env, temporaryFolder())), ['PORT']);
  });
});

test('in a complete rehearsal it is healthy and ready, logs JSON lines alone and no secret, and ends on SIGTERM', async () => {
  const { sandbox, bot, url } = await startBot();
  assert.deepEqual(await probe(url, '/healthz'), { status: 200, body: { status: 'ok' } });
  assert.deepEqual(await probe(url, '/readyz'), { status: 200, body: { status: 'ready' } });
  bot.child.kill('SIGTERM');
  const { code, signal } = await bot.ended;
  assert.deepEqual({ code, signal }, { code: 0, signal: undefined });
  saysJsonAlone(bot);
  assert.deepEqual(bot.stderr, []);
  const { clientSecret } = sandbox.registration();
  const said = bot.stdout.join('\n');
  assert.ok(!said.includes(clientSecret) && !said.includes('rehearsal-password-'), said);
});

suite('on SIGTERM it exits 0 within 10 s', () => {
  test('while a sync is followed', async () => {
    const { sandbox, bot } = await startBot();
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    await sandbox.client.say(ada, chat, 'sync vpp adatum');
    const isFollowed = () => sandbox.client.messages(chat).some((each) => /Syncing/.test(wordsOf(each)));
    await sandbox.client.waitFor(isFollowed, 8_000, 'the card of a running sync');
    const stoppedAt = performance.now();
    bot.child.kill('SIGTERM');
    assert.equal((await bot.ended).code, 0);
    assert.ok(performance.now() - stoppedAt < 10_000);
    saysJsonAlone(bot);
  });

  test('once what is being asked is answered, takes nothing new meanwhile, and stops once however often it is asked', async () => {
    const { bot, url } = await startBot();
    const { port, host } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
    const head = `POST /api/messages HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer some.bodys.token\r\ncontent-type: application/json\r\n`;
    socket.write(`${head}content-length: 2\r\n\r\n{`);
    // Answered over another connection, so the half of a request has arrived by now.
    await probe(url, '/healthz');
    bot.child.kill('SIGTERM');
    await bot.logged('stopping');
    bot.child.kill('SIGTERM');
    bot.child.kill('SIGINT');
    await assert.rejects(fetch(`${url}/healthz`));
    const heard = once(socket, 'data');
    socket.write('}');
    assert.match(String(await heard), /^HTTP\/1\.1 400 /);
    assert.equal((await bot.ended).code, 0);
    assert.equal(bot.stdout.filter((line) => JSON.parse(line).msg === 'stopping').length, 1);
  });

  test('before it has a store to work with, too', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    after(() => silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const sandbox = await startSandbox();
    after(() => sandbox.stop());
    const bot = startProcess([main], sandbox.env({ DATABASE_URL: `postgres://bot@127.0.0.1:${port}/bot` }));
    const [socket] = (await once(silent, 'connection')) as [Socket];
    after(() => socket.destroy());
    bot.child.kill('SIGTERM');
    const { code, signal } = await bot.ended;
    assert.deepEqual([code, signal, bot.stderr], [0, undefined, []]);
  });

  test('through the launcher as well, which passes on the signal and the exit code', async () => {
    const { bot, url } = await startBot(['scripts/run.mjs', 'start']);
    assert.equal((await probe(url, '/healthz')).status, 200);
    bot.child.kill('SIGTERM');
    assert.equal((await bot.ended).code, 0);
    saysJsonAlone(bot);
    await assert.rejects(fetch(`${url}/healthz`), 'nobody listens any more');
  });

  test('and through npm start, when npm alone gets the signal', { skip: process.platform === 'win32' }, async () => {
    const sandbox = await startSandbox();
    after(() => sandbox.stop());
    const { PATH = '', HOME = '' } = process.env;
    const bot = startProgram('npm', ['start'], { ...sandbox.env(), PATH, HOME });
    const { port } = await bot.logged('listening');
    bot.child.kill('SIGTERM');
    assert.equal((await bot.ended).code, 0);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`), 'nobody listens any more');
  });

  test('and the launcher passes on the exit code of a refused start, whatever folder it is called from', async () => {
    const folder = temporaryFolder();
    const bot = startProcess(['scripts/run.mjs', 'start'], {}, folder);
    assert.ok((await isRefused(bot)).includes('PUBLIC_URL'));
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('on SIGTERM it waits for nobody who says nothing, or not all of it, over an open connection', async () => {
  const { bot, url } = await startBot();
  const sockets = ['', 'POST /api/messages HTTP/1.1\r\nhost: bot\r\ncontent-length: 100\r\n\r\n{'].map((said) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
    socket.write(said);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  assert.equal((await probe(url, '/healthz')).status, 200);
  const startedAt = performance.now();
  bot.child.kill('SIGTERM');
  const { code } = await bot.ended;
  assert.equal(code, 0);
  assert.ok(performance.now() - startedAt < 5_000, 'it waited');
  assert.ok(!bot.stdout.some((line) => line.includes('the stop took too long')), bot.stdout.join('\n'));
});

suite('while what it depends on is away', { concurrency: 2 }, () => {
  test('it is healthy, says what is not there, and is ready once that is back', async () => {
    const clientSecret = 'the-same-in-both';
    const away = await startSandbox({ clientSecret });
    const { port } = new URL(away.baseUrl);
    await away.stop();
    const bot = startProcess([main], away.env());
    const url = `http://127.0.0.1:${(await bot.logged('listening')).port}`;
    assert.equal((await probe(url, '/healthz')).status, 200);
    const notReady = ['inboundKeys', 'appToken'];
    assert.deepEqual(await probe(url, '/readyz'), { status: 503, body: { status: 'not ready', notReady } });
    const back = await startSandbox({ clientSecret, port: Number(port) });
    after(() => back.stop());
    assert.equal(((await probeUntil(url, '/readyz', 200)).body as { status: string }).status, 'ready');
  });

  test('it still answers messages when it is not ready', async () => {
    const sandbox = await startSandbox();
    after(() => sandbox.stop());
    sandbox.entra.controls.rotateClientSecret();
    const bot = startProcess([main], sandbox.env());
    const url = `http://127.0.0.1:${(await bot.logged('listening')).port}`;
    sandbox.connectBot(url);
    assert.deepEqual((await probe(url, '/readyz')).body, { status: 'not ready', notReady: ['appToken'] });
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    await sandbox.client.say(ada, chat, 'help');
    assert.ok(sandbox.client.messages(chat).some(({ author }) => author === 'bot'));
    assert.equal((await probe(url, '/readyz')).status, 503);
  });
});
