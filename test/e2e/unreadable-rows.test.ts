import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { mainScript } from '../support/bot-code.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';
import { runSql } from '../support/run-sql.ts';
import { startProcess } from '../support/started-process.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

test('a bot whose stored records are damaged starts, logs each, and syncs the same token anew', async () => {
  const database = { kind: 'sqlite', path: join(temporaryFolder(), 'bot.db') } as const;
  const sandbox = await startSandbox({ syncDurationMs: 1_000 });
  after(() => sandbox.stop());
  const startBot = async () => {
    const env = sandbox.env({ DATABASE_URL: `sqlite:${database.path}`, SYNC_COOLDOWN_S: '0' });
    const bot = startProcess([mainScript], env);
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
  await runSql(database, `update card_records set payload_json = '${damage}' returning 1`);
  await runSql(database, `update sign_in_requests set owner_json = '${damage}', used_at = null returning 1`);
  await runSql(
    database,
    `insert into sync_batches (id, tenant_id, requester_json, conversation_json, locale, correlation_id, started_at)
     values ('damaged', '${ada.tenantId}', '${damage}', '{}', 'en', 'c', 1) returning 1`,
  );

  const second = await startBot();
  await second.logged('a stored row cannot be read; it is passed over and left as it is');
  assert.match((await client.press(ada, chat, question.id, buttonOn(question, 'Show status'))).text ?? '', /\w/);
  const tokens = () => sandbox.graph.listTokens(ada.tenantId);
  const isSyncing = () =>
    tokens().some((each) => each.organizationName === 'Adatum' && each.lastSyncStatus === 'inProgress');
  await client.waitFor(() => !isSyncing(), 8_000, 'the end of the sync that the damaged run stood for');
  await client.say(ada, chat, 'sync vpp adatum');
  await says(/Sync completed in/);
  assert.equal(sandbox.graph.requests.filter(({ method }) => method === 'POST').length, 2);
  const logged = second.stdout.filter((line) => line.includes('cannot be read')).map((line) => JSON.parse(line).table);
  assert.deepEqual(logged.toSorted(), ['card_records', 'sign_in_requests', 'sync_batches', 'sync_runs']);
  assert.ok(!second.stdout.join().includes('in the middle'));
});

test('a bot whose monitoring and alerts are damaged still reads the tenant, and notifies everybody it can', async () => {
  const database = { kind: 'sqlite', path: join(temporaryFolder(), 'bot.db') } as const;
  const sandbox = await startSandbox();
  after(() => sandbox.stop());
  const { client, conversations, graph } = sandbox;
  const ada = sandbox.person('ada');
  const chat = conversations.personal(ada);
  const { channel } = conversations;
  const idOf = (name: string) =>
    graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === name)?.id ?? assert.fail(name);
  const startBot = async () => {
    const env = sandbox.env({ DATABASE_URL: `sqlite:${database.path}`, MONITOR: 'on', MONITOR_INTERVAL_S: '1' });
    const bot = startProcess([mainScript], env);
    const url = `http://127.0.0.1:${(await bot.logged('listening')).port}`;
    sandbox.connectBot(url);
    return { ...bot, url };
  };
  const waitFor = (place: typeof chat, words: RegExp, from = 0) =>
    client.waitFor(
      () =>
        client
          .messages(place)
          .slice(from)
          .find((each) => each.author === 'bot' && words.test(wordsOf(each))),
      10_000,
      String(words),
    );
  const ask = async (place: typeof chat, line: string, words: RegExp) => {
    const from = client.messages(place).length;
    await client.say(ada, place, line, { mention: place === channel });
    await waitFor(place, words, from);
  };

  const first = await startBot();
  await ask(chat, 'status adatum', /Adatum/);
  for (const place of [chat, channel]) {
    await ask(place, 'alerts on all', /Alerts are on/);
    await waitFor(place, /Wingtip/);
  }
  first.child.kill('SIGTERM');
  await first.ended;

  const change = (sql: string) => runSql(database, `${sql} returning 1`);
  await change(`update watched_tenants set failed_passes = 1, failure_json = '{"half":'`);
  await change(`update token_snapshots set token_json = '{}' where token_id = '${idOf('Fabrikam Logistics')}'`);
  await change(`update alerts set state_json = '{}' where id = (select min(id) from alerts where ended_at is null)`);
  await change(`update alert_subscriptions set events_json = '{}' where conversation_id = '${channel.id}'`);
  await change(`update alert_subscriptions set quiet_json = '7' where conversation_id = '${chat.id}'`);

  const second = await startBot();
  graph.controls.expireToken(idOf('Adatum'));
  await waitFor(chat, /Adatum[\s\S]*expired/i);
  assert.equal((await fetch(`${second.url}/readyz`)).status, 200);
  await ask(channel, 'alerts', /No alerts are on here/);
  await ask(chat, 'status litware', /Litware/);
  await ask(channel, 'alerts on all', /Alerts are on here/);
  const [tenant] = await runSql<{ failure_json: unknown; passed_at: number }>(
    database,
    `select failure_json, passed_at from watched_tenants where tenant_id = '${ada.tenantId}'`,
  );
  assert.equal(tenant?.failure_json, null);
  const lines = second.stdout.map((line) => JSON.parse(line));
  const shown = lines.filter(({ msg }) => /stored row cannot be read/.test(msg)).map(({ table }) => table);
  assert.deepEqual(new Set(shown), new Set(['watched_tenants', 'token_snapshots', 'alerts', 'alert_subscriptions']));
  assert.deepEqual(
    lines.filter(({ level, msg }) => level === 'error' || level >= 50 || /broke off|could not be/.test(msg)),
    [],
  );
});
