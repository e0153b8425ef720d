import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { findOAuthCard } from '../../sandbox/teams/sign-in-cards.ts';
import { openSignInWindow } from '../../sandbox/teams/sign-in-window.ts';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { wordsOf } from '../rehearsal.ts';

const someKey = () => randomBytes(32).toString('base64');

/** Several processes' worth of bots over one store, each answering when Teams' next activity is sent to it. */
async function startReplicas() {
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-'));
  const sandbox = await startSandbox({ syncDurationMs: 300 });
  const stops: (() => Promise<void>)[] = [];
  after(async () => {
    for (const stop of stops) await stop();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const exchanges = () => sandbox.entra.requests.filter(({ grant }) => grant.endsWith('jwt-bearer')).length;
  return {
    ...{ sandbox, ada, chat, folder, exchanges },
    async startBot(key: string) {
      const DATABASE_URL = `sqlite:${join(folder, 'bot.db')}`;
      const env = { LOG_LEVEL: 'fatal', MONITOR: 'off', DATABASE_URL, TOKEN_CACHE_KEY: key };
      const read = readConfig(sandbox.env(env));
      if ('problems' in read) throw new Error(read.problems.join('\n'));
      const app = await createApp(read.config, { log: createLog('fatal') });
      const url = `http://127.0.0.1:${await app.start()}`;
      stops.push(app.stop);
      return url;
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
