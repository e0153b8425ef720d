import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createApp, createLog, createRuntime, readConfig } from '../support/bot-code.ts';
import { startLocalServer, withJson } from '../support/local-server.ts';
import { wordsOf } from '../support/rehearsal.ts';

/** A bot that is stopped and started again over one file, into which another hand writes meanwhile; and Ada in her chat with it. */
async function start() {
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
  const { client, conversations, person } = sandbox;
  const ada = person('ada');
  const chat = conversations.personal(ada);

  async function startBot(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const read = readConfig(sandbox.env({ DATABASE_URL: `sqlite:${file}`, MONITOR_INTERVAL_S: '1', ...env }));
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const app = await createApp(read.config, createRuntime(createLog('fatal')));
    sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
    stop = () => app.stop();
  }
  function find(sql: string): Record<string, unknown> | undefined {
    const db = new DatabaseSync(file, { readOnly: true });
    const row = db.prepare(sql).get();
    db.close();
    return row;
  }
  await startBot();
  return {
    sandbox,
    evil,
    ada,
    chat,
    startBot,
    async stopBot() {
      await stop();
      stop = async () => {};
    },
    say: (text: string) => client.say(ada, chat, text),
    said: (words: RegExp) =>
      client.waitFor(
        () => client.messages(chat).some((each) => each.author === 'bot' && words.test(wordsOf(each))),
        8_000,
        String(words),
      ),
    sentToTeams: () => sandbox.connector.requests.length,
    write(sql: string, ...values: readonly SQLInputValue[]) {
      const db = new DatabaseSync(file);
      const { changes } = db.prepare(sql).run(...values);
      db.close();
      assert.equal(changes, 1);
    },
    async until(sql: string) {
      for (let times = 0; !find(sql); times += 1) {
        assert.ok(times < 800, sql);
        await wait(10);
      }
    },
  };
}

test('an address that was written into the store by another hand is sent nothing, and the rest goes on', async () => {
  const { sandbox, evil, startBot, stopBot, say, said, write, until } = await start();
  await say('sync vpp adatum');
  await said(/Syncing/);
  await stopBot();
  const address = `${evil.url}/connector/`;
  write("UPDATE sync_runs SET conversation_json = json_set(conversation_json, '$.serviceUrl', ?)", address);

  await startBot();
  await until("SELECT 1 FROM sync_runs WHERE outcome = 'completed'");
  await say('status vpp adatum');
  await said(/Adatum/);
  await stopBot();
  assert.deepEqual(evil.seen, [], 'something was sent to an address that is not Teams’');
  assert.ok(
    sandbox.graph.requests.some(({ personOid }) => personOid === 'app'),
    'the run was followed to its end',
  );
});

test('an alert is led to no address that another hand wrote, and comes once its conversation is heard from', async () => {
  const { sandbox, evil, ada, startBot, stopBot, say, said, write, until } = await start();
  await say('alerts on adatum');
  await said(/Alerts are on/);
  await stopBot();
  const address = `${evil.url}/connector/`;
  write("UPDATE conversations SET reference_json = json_set(reference_json, '$.serviceUrl', ?)", address);

  await startBot();
  const adatum = sandbox.graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === 'Adatum');
  sandbox.graph.controls.expireToken(adatum?.id ?? assert.fail());
  await until("SELECT 1 FROM alert_subscriptions WHERE suspended_reason = 'addressRefused'");
  assert.deepEqual(evil.seen, []);
  await say('help');
  await said(/1 open alert/);
  assert.deepEqual(evil.seen, []);
});

test('where a tenant was left out of the configuration no alert is sent any more; what waits comes when it is back', async () => {
  const { startBot, stopBot, say, said, sentToTeams, write, until } = await start();
  await say('alerts on adatum');
  await said(/Alerts are on/);
  await stopBot();
  write('UPDATE alert_subscriptions SET weekly_at = 1');
  const before = sentToTeams();

  await startBot({ ALLOWED_TENANTS: '00000000-0000-4000-8000-00000000abcd' });
  await until('SELECT 1 FROM alert_deliveries WHERE attempts > 0');
  await stopBot();
  assert.equal(sentToTeams(), before);
  await startBot();
  await said(/Your week with/);
});
