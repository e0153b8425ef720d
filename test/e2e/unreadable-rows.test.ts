import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { buttonOn, wordsOf } from '../rehearsal.ts';
import { startProcess } from '../started-process.ts';
import { runSql } from '../store/run-sql.ts';
import { temporaryFolder } from '../store/temporary-store.ts';

test('a bot whose stored records are damaged starts, tells of each in its log, and syncs the same token anew', async () => {
  const database = { kind: 'sqlite', path: join(temporaryFolder(), 'bot.db') } as const;
  const sandbox = await startSandbox({ syncDurationMs: 1_000 });
  after(() => sandbox.stop());
  const startBot = async () => {
    const env = sandbox.env({ DATABASE_URL: `sqlite:${database.path}`, SYNC_COOLDOWN_S: '0' });
    const bot = startProcess(['src/main.ts'], env);
    sandbox.connectBot(`http://127.0.0.1:${(await bot.logged('listening')).port}`);
    return bot;
  };
  const { client } = sandbox;
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  const says = (words: RegExp) =>
    client.waitFor(
      () => client.messages(chat).findLast((each) => each.author === 'bot' && words.test(wordsOf(each))),
      8_000,
      String(words),
    );

  const first = await startBot();
  await client.say(ada, chat, 'status vpp contoso');
  const question = await says(/matches 6 tokens/);
  await client.say(ada, chat, 'sync vpp adatum');
  await says(/Syncing/);
  first.child.kill('SIGKILL');
  await first.ended;

  const damage = '{"in the middle';
  await runSql(
    database,
    `update sync_runs set before_json = '${damage}', phase = 'running', outcome = null returning 1`,
  );
  await runSql(database, `update press_records set payload_json = '${damage}' returning 1`);
  await runSql(database, `update sign_in_requests set owner_json = '${damage}', used_at = null returning 1`);
  await runSql(
    database,
    `insert into sync_batches (id, tenant_id, requester_json, conversation_json, locale, correlation_id, started_at)
     values ('damaged', '${ada.tenantId}', '${damage}', '{}', 'en', 'c', 1) returning 1`,
  );

  const second = await startBot();
  await second.logged('a stored row cannot be read; it is passed over and left as it is');
  assert.match((await client.press(ada, chat, question.id, buttonOn(question, 'Refresh'))).text ?? '', /\w/);
  const tokens = () => sandbox.graph.listTokens(ada.tenantId);
  const isSyncing = () =>
    tokens().some((each) => each.organizationName === 'Adatum' && each.lastSyncStatus === 'inProgress');
  await client.waitFor(() => !isSyncing(), 8_000, 'the end of the sync that the damaged run stood for');
  await client.say(ada, chat, 'sync vpp adatum');
  await says(/Sync completed in/);
  assert.equal(sandbox.graph.requests.filter(({ method }) => method === 'POST').length, 2);
  const logged = second.stdout.filter((line) => line.includes('cannot be read')).map((line) => JSON.parse(line).table);
  assert.deepEqual(logged.toSorted(), ['press_records', 'sign_in_requests', 'sync_batches', 'sync_runs']);
  assert.ok(!second.stdout.join().includes('in the middle'));
});
