import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { wordsOf } from '../rehearsal.ts';

test('a sync that outlives the process that began it gets its receipt from the next one, on the same card', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-'));
  const sandbox = await startSandbox({ syncDurationMs: 1500 });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });
  const startBot = async () => {
    const read = readConfig(sandbox.env({ LOG_LEVEL: 'fatal', DATABASE_URL: `sqlite:${join(folder, 'bot.db')}` }));
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const app = await createApp(read.config, { log: createLog('fatal') });
    sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
    return app;
  };
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const cards = () =>
    sandbox.client.messages(chat).filter((each) => /Adatum/.test(wordsOf(each)) && each.author === 'bot');

  const first = await startBot();
  await sandbox.client.say(ada, chat, 'sync vpp adatum');
  await sandbox.client.waitFor(() => cards().length > 0, 5000, 'the card');
  await first.stop();
  assert.match(wordsOf(cards()[0] ?? assert.fail()), /Syncing/);

  const second = await startBot();
  after(() => second.stop());
  await sandbox.client.waitFor(() => /completed in/.test(wordsOf(cards()[0] ?? assert.fail())), 5000, 'the receipt');
  assert.equal(cards().length, 1);
  assert.equal(sandbox.graph.requests.filter(({ method }) => method === 'POST').length, 1);
  // Nobody is signed in to the new process: the app's own token looked.
  assert.equal(sandbox.graph.requests.at(-1)?.personOid, 'app');
});
