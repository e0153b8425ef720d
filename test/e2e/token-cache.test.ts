import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { findOAuthCard, openSignInWindow } from '../../sandbox/teams/sign-in.ts';
import { createApp, createLog, createRuntime, readConfig } from '../support/bot-code.ts';
import { wordsOf } from '../support/rehearsal.ts';

const someKey = () => randomBytes(32).toString('base64');

/** Several processes' worth of bots over one store, each answering when Teams' next activity is sent to it. */
async function startReplicas({ syncDurationMs = 300 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-'));
  const sandbox = await startSandbox({ syncDurationMs });
  const stops = new Map<string, () => Promise<void>>();
  after(async () => {
    for (const stop of stops.values()) await stop();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const exchanges = () => sandbox.entra.requests.filter(({ grant }) => grant.endsWith('jwt-bearer')).length;
  return {
    sandbox,
    ada,
    chat,
    folder,
    exchanges,
    async startBot(key: string) {
      const DATABASE_URL = `sqlite:${join(folder, 'bot.db')}`;
      const env = { LOG_LEVEL: 'fatal', MONITOR: 'off', DATABASE_URL, TOKEN_CACHE_KEY: key };
      const read = readConfig(sandbox.env(env));
      if ('problems' in read) throw new Error(read.problems.join('\n'));
      const app = await createApp(read.config, createRuntime(createLog('fatal')));
      const url = `http://127.0.0.1:${await app.start()}`;
      stops.set(url, app.stop);
      return url;
    },
    async stop(url: string) {
      await stops.get(url)?.();
      stops.delete(url);
    },
    async say(botUrl: string, text: string, words: RegExp) {
      sandbox.connectBot(botUrl);
      const before = sandbox.client.messages(chat).length;
      await sandbox.client.say(ada, chat, text);
      return sandbox.client.waitFor(
        () =>
          sandbox.client
            .messages(chat)
            .slice(before)
            .find((message) => message.author === 'bot' && words.test(wordsOf(message))),
        6_000,
        String(words),
      );
    },
  };
}

test('a sign-in made in one process serves in the others, and ends in all of them', async () => {
  const { sandbox, ada, startBot, say, exchanges, folder } = await startReplicas();
  const key = someKey();
  const [first, second] = [await startBot(key), await startBot(key)];
  await say(first, 'status vpp adatum', /Adatum/);
  assert.equal(exchanges(), 1);
  await say(second, 'status vpp adatum', /Adatum/);
  const third = await startBot(key);
  await say(third, 'status vpp adatum', /Adatum/);
  assert.equal(exchanges(), 1, 'nobody was asked to sign in again');

  await say(third, 'sign out', /signed out/);
  sandbox.client.setSso(ada, 'off');
  await say(first, 'status vpp adatum', /^$/);
  await say(second, 'status vpp adatum', /^$/);
  assert.equal(exchanges(), 1);

  for (const name of await readdir(folder)) {
    assert.ok(!(await readFile(join(folder, name))).includes('eyJ'), `a token in ${name}`);
  }
});

test('a stored sign-in that is put back after its person signed out is not used: they are asked to sign in', async () => {
  const { sandbox, ada, chat, startBot, say, exchanges, folder } = await startReplicas();
  const key = someKey();
  const bot = await startBot(key);
  await say(bot, 'status vpp adatum', /Adatum/);
  const db = new DatabaseSync(join(folder, 'bot.db'));
  after(() => db.close());
  db.exec('create table copy as select * from sealed_secrets');
  await say(bot, 'sign out', /signed out/);
  db.exec('insert into sealed_secrets select * from copy');
  sandbox.client.setSso(ada, 'off');
  for (const process of [bot, await startBot(key)]) {
    await say(process, 'status vpp adatum', /^$/);
    const message = sandbox.client.messages(chat).findLast(({ author }) => author === 'bot') ?? assert.fail();
    assert.ok(findOAuthCard(message), 'a sign-in card');
  }
  assert.equal(exchanges(), 1);
});

test('a sync that another process follows on is read as the person who asked until they sign out, in whichever process', async () => {
  const { sandbox, ada, chat, startBot, say, stop } = await startReplicas({ syncDurationMs: 8_000 });
  const key = someKey();
  const first = await startBot(key);
  await say(first, 'sync vpp adatum', /Syncing/);
  await startBot(key);
  const lists = () => sandbox.graph.requests.filter(({ path }) => path.endsWith('/mobileApps')).length;
  const reads = () => sandbox.graph.requests.filter(({ path }) => /vppTokens\/[^/]+$/.test(path));
  const listed = lists();
  await stop(first);
  const before = reads().length;
  const latest = performance.now() + 7_000;
  for (; reads().length === before; await wait(20)) assert.ok(performance.now() < latest, 'nobody reads');
  assert.equal(reads().at(-1)?.personOid, ada.aadObjectId);
  await say(await startBot(key), 'sign out', /signed out/);
  const receipt = await sandbox.client.waitFor(
    () =>
      sandbox.client
        .messages(chat)
        .find((message) => message.author === 'bot' && /Sync completed(?!.*being compared)/s.test(wordsOf(message))),
    15_000,
  );
  assert.match(wordsOf(receipt), /weren’t compared: the sign-in of the person who asked had ended/);
  assert.equal(lists(), listed, 'nothing more was read in their name');
  assert.equal(reads().at(-1)?.personOid, 'app');
});

test('after a change of the key people sign in anew, and those with the old key stay as they are meanwhile', async () => {
  const { startBot, say, exchanges } = await startReplicas();
  const oldKey = someKey();
  const old = await startBot(oldKey);
  await say(old, 'status vpp adatum', /Adatum/);
  const renewed = await startBot(someKey());
  await say(renewed, 'status vpp adatum', /Adatum/);
  assert.equal(exchanges(), 2);
  await say(old, 'status vpp adatum', /Adatum/);
  await say(renewed, 'status vpp adatum', /Adatum/);
  assert.equal(exchanges(), 2);
});

test('the sign-in window may end in one process and its code come back to another', async () => {
  const { sandbox, ada, chat, startBot, say } = await startReplicas();
  const key = someKey();
  const [first, second] = [await startBot(key), await startBot(key)];
  sandbox.client.setSso(ada, 'off');
  await say(first, 'status vpp adatum', /^$/);
  const message = sandbox.client.messages(chat).findLast(({ author }) => author === 'bot') ?? assert.fail();
  const address = findOAuthCard(message)?.buttons?.[0]?.value ?? assert.fail();
  // The window's pages are the first's; the code is typed to the second.
  const { code = assert.fail() } = await openSignInWindow(address, ada);
  await say(second, code, /Adatum/);
  assert.match(wordsOf(await say(first, code, /.+/)), /code/i);
});
