import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { wordsOf } from '../rehearsal.ts';
import { startLocalServer, withJson } from '../teams/local-server.ts';

test('an address that was written into the store by another hand is sent nothing, and the rest goes on', async () => {
  const evil = await startLocalServer(withJson(200, { id: 'taken' }));
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-'));
  const file = join(folder, 'bot.db');
  const sandbox = await startSandbox({ syncDurationMs: 1_500 });
  let stop = async () => {};
  after(async () => {
    await stop();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });
  async function startBot(): Promise<void> {
    const read = readConfig(sandbox.env({ DATABASE_URL: `sqlite:${file}` }));
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const app = await createApp(read.config, { log: createLog('fatal') });
    sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
    stop = () => app.stop();
  }
  const { client, conversations, graph, person } = sandbox;
  const ada = person('ada');
  const chat = conversations.personal(ada);
  const said = (words: RegExp) =>
    client.waitFor(
      () => client.messages(chat).some((each) => each.author === 'bot' && words.test(wordsOf(each))),
      6_000,
      String(words),
    );

  await startBot();
  await client.say(ada, chat, 'sync vpp adatum');
  await said(/Syncing/);
  await stop();

  const db = new DatabaseSync(file);
  const { changes } = db
    .prepare("UPDATE sync_runs SET conversation_json = json_set(conversation_json, '$.serviceUrl', ?)")
    .run(`${evil.url}/connector/`);
  db.close();
  assert.equal(changes, 1);

  await startBot();
  const ended = () => {
    const reading = new DatabaseSync(file, { readOnly: true });
    const row = reading.prepare('SELECT outcome FROM sync_runs').get() as { outcome: string | null };
    reading.close();
    return row.outcome === 'completed';
  };
  for (let times = 0; !ended(); times += 1) {
    assert.ok(times < 600, 'the run did not end');
    await wait(10);
  }
  await client.say(ada, chat, 'status vpp adatum');
  await said(/Adatum/);
  await stop();
  stop = async () => {};
  assert.deepEqual(evil.seen, [], 'something was sent to an address that is not Teams’');
  assert.ok(
    graph.requests.some(({ personOid }) => personOid === 'app'),
    'the run was followed to its end',
  );
});
