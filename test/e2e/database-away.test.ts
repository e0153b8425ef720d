import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { queryPostgres } from '../postgres/test-database.ts';
import { mainScript } from '../support/bot-code.ts';
import { onPostgres } from '../support/open-store.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';
import { startProcess } from '../support/started-process.ts';

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const latest = performance.now() + 10_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < latest, `it never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A real bot process on a PostgreSQL of its own, which can be taken away from it. */
async function startBot() {
  const postgres = await startPostgres();
  if ('missing' in postgres) throw new Error(postgres.missing);
  after(() => postgres.close());
  const sandbox = await startSandbox({ syncDurationMs: 4_000 });
  after(() => sandbox.stop());
  const bot = startProcess([mainScript], sandbox.env({ DATABASE_URL: postgres.url, SYNC_COOLDOWN_S: '0' }));
  const url = `http://127.0.0.1:${(await bot.logged('listening')).port}`;
  sandbox.connectBot(url);
  const listNotReady = async () => {
    const answer = await fetch(`${url}/readyz`);
    return (((await answer.json()) as { notReady?: string[] }).notReady ?? []).join();
  };
  const becomes = (notReady: string) =>
    until(async () => (await listNotReady()) === notReady, `/readyz says “${notReady}”`);
  return { postgres, sandbox, bot, url, becomes };
}

onPostgres('a bot whose database goes away in the middle of a sync', () => {
  test('stays up, says so to people and probes, and brings the sync to its end when the database is back: once, on the same card', async () => {
    const { postgres, sandbox, bot, url, becomes } = await startBot();
    const { client } = sandbox;
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    const cards = () => client.messages(chat).filter((each) => each.author === 'bot' && /Adatum/.test(wordsOf(each)));
    await client.say(ada, chat, 'sync vpp adatum');
    const kept = "select id from sync_runs where phase = 'running' and activity_id is not null";
    await until(async () => (await queryPostgres(postgres.url, kept)).length === 1, 'the run and its card are kept');

    await postgres.stop();
    await becomes('store');
    const askedAt = performance.now();
    await client.say(ada, chat, 'sync vpp contoso hq');
    const isNotified = () =>
      client.messages(chat).some((each) => /its database right now\. Nothing was done\./.test(wordsOf(each)));
    await client.waitFor(isNotified, 3_000, 'a word that nothing was done');
    const card = cards()[0] ?? assert.fail();
    const pressed = await client.press(ada, chat, card.id, buttonOn(card, 'Refresh'));
    assert.match(pressed.text ?? '', /can’t reach its database/);
    assert.ok(performance.now() - askedAt < 5_000, 'people are kept waiting');
    const count = () => client.messages(chat).filter((each) => /its database/.test(wordsOf(each))).length;
    const invoke = (name: string, value: object) =>
      sandbox.connector.deliver(client.activities.invoke(ada, chat, { conversationId: chat.id, name, value }));
    const id = 'a'.repeat(22);
    for (const _ of [1, 2]) {
      const { status, body } = await invoke('signin/tokenExchange', { id, connectionName: 'c', token: 't' });
      assert.equal(status, 412, 'the client shows its button');
      assert.match(
        JSON.stringify(body),
        new RegExp(`^\\{"id":"${id}","connectionName":"c","failureDetail":".*its database`),
      );
    }
    assert.equal(count(), 1, 'a silent sign-in is reported by their client');
    assert.equal((await invoke('signin/verifyState', { state: '123456' })).status, 200);
    await client.waitFor(() => count() === 2, 3_000, 'a word to who came back from the sign-in window');
    assert.equal((await invoke('signin/failure', { code: 'resourcematchfailed' })).status, 200);
    assert.equal((await invoke('task/fetch', {})).status, 501);
    const moved = await client.install(ada, sandbox.conversations.group);
    assert.deepEqual(
      moved.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(count(), 2);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    // The sync ends while nothing can be kept of it.
    await bot.logged('following a sync failed; it is retried');
    assert.ok(!cards().some((card) => /completed in/.test(wordsOf(card))));

    await postgres.start();
    await becomes('');
    await client.waitFor(() => cards().some((card) => /completed in/.test(wordsOf(card))), 12_000, 'the receipt');
    assert.equal(cards().length, 1);
    assert.equal(sandbox.graph.requests.filter(({ method }) => method === 'POST').length, 1);
    await client.say(ada, chat, 'status vpp adatum');
    await client.waitFor(() => cards().length === 2, 8_000, 'an answer');
    const { group } = sandbox.conversations;
    await client.say(ada, group, 'help', { mention: true });
    const known = 'select conversation_id from conversations';
    const isKnown = async () => JSON.stringify(await queryPostgres(postgres.url, known)).includes(group.id);
    await until(isKnown, 'the installation is made up for by the next activity from there');
    assert.equal(bot.child.exitCode, null);
  });
});
