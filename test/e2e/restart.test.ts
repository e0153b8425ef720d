import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createApp, createLog, createRuntime, readConfig } from '../support/bot-code.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';

/** A rehearsal whose bot can be started anew over the same store. */
async function startRestarting() {
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-'));
  const sandbox = await startSandbox({ syncDurationMs: 1500 });
  let running: { stop(): Promise<void> } | undefined;
  after(async () => {
    // The bot first: it says its last words to the sandbox.
    await running?.stop();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });
  const startBot = async () => {
    const read = readConfig(sandbox.env({ LOG_LEVEL: 'fatal', DATABASE_URL: `sqlite:${join(folder, 'bot.db')}` }));
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const app = await createApp(read.config, createRuntime(createLog('fatal')));
    sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
    running = {
      stop() {
        running = undefined;
        return app.stop();
      },
    };
    return running;
  };
  return { sandbox, startBot };
}

test('a sync that outlives the process that began it gets its receipt from the next one, on the same card', async () => {
  const { sandbox, startBot } = await startRestarting();
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const cards = () =>
    sandbox.client.messages(chat).filter((each) => /Adatum/.test(wordsOf(each)) && each.author === 'bot');

  const first = await startBot();
  await sandbox.client.say(ada, chat, 'sync vpp adatum');
  await sandbox.client.waitFor(() => cards().length > 0, 5000, 'the card');
  await first.stop();
  assert.match(wordsOf(cards()[0] ?? assert.fail()), /Syncing/);

  await startBot();
  await sandbox.client.waitFor(() => /completed in/.test(wordsOf(cards()[0] ?? assert.fail())), 5000, 'the receipt');
  assert.equal(cards().length, 1);
  assert.equal(sandbox.graph.requests.filter(({ method }) => method === 'POST').length, 1);
  // Nobody is signed in to the new process: the app's own token read.
  assert.equal(sandbox.graph.requests.at(-1)?.personOid, 'app');
});

test('a question and a plan outlive the process that asked them, and a used one stays used', async () => {
  const { sandbox, startBot } = await startRestarting();
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const { client } = sandbox;
  const newest = (words: RegExp) =>
    client.waitFor(
      () => client.messages(chat).findLast((each) => each.author === 'bot' && words.test(wordsOf(each))),
      6000,
      String(words),
    );

  const first = await startBot();
  await client.say(ada, chat, 'status vpp contoso');
  const question = await newest(/matches 6 tokens/);
  await first.stop();

  const second = await startBot();
  const choice = buttonOn(question, 'Show status');
  await client.press(ada, chat, question.id, choice, { choice: '2' });
  await newest(/retail@contoso/);
  await client.say(ada, chat, 'sync vpp all');
  const plan = await newest(/tokens\?/);
  const apply = buttonOn(plan, 'Apply');
  await second.stop();

  await startBot();
  assert.match((await client.press(ada, chat, question.id, choice, { choice: '1' })).text ?? '', /already used/);
  await client.press(ada, chat, plan.id, apply);
  const isAsked = () =>
    sandbox.graph.requests.some(({ method, personOid }) => method === 'POST' && personOid === ada.aadObjectId);
  await client.waitFor(isAsked, 6000, 'a sync that was asked for');
});
