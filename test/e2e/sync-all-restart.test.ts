import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createApp, createLog, createRuntime, readConfig } from '../support/bot-code.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';

test('a batch that outlives its process is reported to its end by the next one, which starts nothing of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-'));
  const sandbox = await startSandbox({ syncDurationMs: 2000 });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });
  const startBot = async () => {
    const read = readConfig(sandbox.env({ LOG_LEVEL: 'fatal', DATABASE_URL: `sqlite:${join(folder, 'bot.db')}` }));
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const app = await createApp(read.config, createRuntime(createLog('fatal')));
    sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
    return app;
  };
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const posts = () => sandbox.graph.requests.filter(({ method }) => method === 'POST').length;
  const cards = () =>
    sandbox.client.messages(chat).filter((each) => each.author === 'bot' && /tokens/.test(wordsOf(each)));
  const card = () => cards()[0] ?? assert.fail('no card');

  const first = await startBot();
  await sandbox.client.say(ada, chat, 'sync vpp all');
  await sandbox.client.waitFor(() => cards().length > 0, 5000, 'the plan');
  sandbox.graph.controls.setLatency(100);
  await sandbox.client.press(ada, chat, card().id, buttonOn(card(), 'Apply'));
  while (posts() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await first.stop();
  const begun = posts();
  assert.ok(begun >= 1 && begun <= 8, `${begun} of 12 were asked for`);
  assert.match(wordsOf(card()), /Sync of 12 tokens/);

  sandbox.graph.controls.setLatency(undefined);
  const second = await startBot();
  after(() => second.stop());
  await sandbox.client.waitFor(() => / synced in /.test(wordsOf(card())), 10_000, 'the receipt');
  const receipt = wordsOf(card());
  assert.match(receipt, new RegExp(`${begun} of 12 tokens synced in`));
  assert.match(receipt, new RegExp(`Not started: ${12 - begun}.*The bot restarted.*Say “sync all”`, 's'));
  assert.equal(cards().length, 1);
  assert.equal(posts(), begun);
  // Nobody is signed in to the new process: the app's own token read.
  assert.equal(sandbox.graph.requests.at(-1)?.personOid, 'app');
});
