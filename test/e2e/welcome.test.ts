import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { currentVersion, findCard } from '../../sandbox/teams/timeline.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { startRehearsal, wordsOf } from '../support/rehearsal.ts';

async function start(options: { readonly now?: () => number } = {}) {
  const { sandbox, answers, ask, waitForWords } = await startRehearsal(options);
  const { client, connector, conversations } = sandbox;
  const [ada, elif, chen] = ['ada', 'elif', 'chen'].map((key) => sandbox.person(key));
  assert.ok(ada && elif && chen);
  const everywhere = conversations.list();
  return {
    ada,
    elif,
    chen,
    client,
    connector,
    conversations,
    sandbox,
    answers,
    ask,
    waitForWords,
    /** How many messages of the bot are in each conversation that has one. */
    said: () =>
      Object.fromEntries(
        everywhere.map((each) => [each.key, answers(each).length] as const).filter(([, count]) => count > 0),
      ),
  };
}

/** The only message of the bot in a conversation, as it was sent. */
function onlyActivity({ answers }: Awaited<ReturnType<typeof start>>, conversation: TeamsConversation) {
  const [message, ...others] = answers(conversation);
  assert.ok(message);
  assert.equal(others.length, 0);
  const { text, summary } = currentVersion(message).activity;
  const card = findCard(message) ?? assert.fail('It has no card.');
  const { entities } = (card.msteams ?? {}) as { readonly entities?: readonly object[] };
  const texts = [...nodesOf(card.body)].filter(({ type }) => type === 'TextBlock').map((block) => block.text);
  return { text, summary, mentions: entities ?? [], texts, words: wordsOf(message) };
}

test('introduces itself once in a team, although Teams reports it twice, and mentions who added it', async () => {
  const bed = await start();
  const { ada, client, conversations, said } = bed;
  const outcomes = await client.install(ada, conversations.channel);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    [200, 200],
  );
  const { words, text, texts, mentions, summary } = onlyActivity(bed, conversations.channel);
  assert.equal(text, undefined, 'clients on iOS may leave out a text beside a card');
  assert.ok(texts.includes('<at>Ada Lindqvist</at> added me here.'));
  assert.deepEqual(mentions, [
    { type: 'mention', text: '<at>Ada Lindqvist</at>', mentioned: { id: ada.teamsId, name: 'Ada Lindqvist' } },
  ]);
  assert.match(String(summary), /ready/);
  assert.match(words, /Hello, I am VPP Sync/);
  assert.match(words, /an administrator must approve this app/);
  assert.match(words, /Three things to try .*status contoso .*sync contoso .*help/);
  assert.deepEqual(said(), { 'channel-general': 1 }, 'and nobody is written to elsewhere');
});

test('introduces itself in a personal chat with the card alone, in that person’s language', async () => {
  const bed = await start();
  const { chen, client, conversations } = bed;
  await client.install(chen, conversations.personal(chen));
  const { words, text, mentions } = onlyActivity(bed, conversations.personal(chen));
  assert.deepEqual([text, mentions], [undefined, []]);
  assert.match(words, /您好，我是 VPP Sync/);
  assert.match(words, /管理员须为整个组织批准/);
});

test('says nothing when members come or go, when a version changes, or when Teams repeats itself', async () => {
  const { ada, elif, client, connector, conversations, said } = await start();
  const { group } = conversations;
  const installed = client.activities.installationUpdate(ada, group, 'add');
  await connector.deliver(installed);
  assert.deepEqual(said(), { group: 1 });
  await connector.deliver(installed);
  await connector.deliver({ ...installed, id: 'f:repeated-under-another-id' });
  await connector.deliver({ ...installed, id: 'f:upgrade', action: 'add-upgrade' });
  await connector.deliver({ ...installed, id: 'f:down', action: 'remove-upgrade' });
  await connector.deliver({ ...installed, id: 'f:other', action: 'anything' });
  await connector.deliver(client.activities.conversationUpdate(ada, group, { added: [client.activities.bot.id] }));
  await client.addMember(elif, group);
  await connector.deliver(client.activities.conversationUpdate(ada, group, { removed: [elif.teamsId] }));
  await connector.deliver({ ...client.activities.conversationUpdate(ada, group, {}), membersAdded: [null, {}] });
  assert.deepEqual(said(), { group: 1 });
});

test('says nothing when a member comes, or a version changes, where Teams never reported an installation', async () => {
  const { elif, client, connector, conversations, said } = await start();
  await client.addMember(elif, conversations.channel);
  const installed = client.activities.installationUpdate(elif, conversations.channel, 'add');
  await connector.deliver({ ...installed, action: 'add-upgrade' });
  assert.deepEqual(said(), {});
});

test('introduces itself anew after it was removed, whichever way Teams reports that, and only there', async () => {
  const { ada, client, connector, conversations, said } = await start();
  const { group, channel } = conversations;
  await client.install(ada, group);
  await client.install(ada, channel);
  await client.uninstall(ada, group);
  await client.install(ada, group);
  await client.install(ada, channel);
  assert.deepEqual(said(), { group: 2, 'channel-general': 1 });
  const { bot } = client.activities;
  await connector.deliver(client.activities.conversationUpdate(ada, group, { removed: [bot.id] }));
  await client.install(ada, group);
  assert.deepEqual(said(), { group: 3, 'channel-general': 1 });
});

test('introduces itself anew in each channel of a team it was removed from, in whichever of them Teams reports that', async () => {
  const { ada, client, connector, conversations, said } = await start();
  const [general, apple] = conversations.channels;
  for (const channel of [apple, general]) await client.install(ada, channel);
  await client.uninstall(ada, general);
  for (const channel of [apple, general]) await client.install(ada, channel);
  assert.deepEqual(said(), { 'channel-general': 2, 'channel-apple': 2 });
  const { bot } = client.activities;
  await connector.deliver(client.activities.conversationUpdate(ada, apple, { removed: [bot.id] }));
  await client.install(ada, general);
  assert.deepEqual(said(), { 'channel-general': 3, 'channel-apple': 2 });
});

test('introduces itself anew when Teams never reported its removal, an hour later', async () => {
  let aheadMs = 0;
  const { ada, client, conversations, said } = await start({ now: () => Date.now() + aheadMs });
  await client.install(ada, conversations.channel);
  aheadMs = 61 * 60_000;
  await client.install(ada, conversations.channel);
  assert.deepEqual(said(), { 'channel-general': 2 });
});

test('says after a reinstall that alerts were on, and that they are off until somebody asks for them', async () => {
  const { ada, elif, client, conversations, ask, waitForWords } = await start();
  const { group } = conversations;
  await client.install(ada, group);
  await ask(ada, group, 'alerts on expired');
  await waitForWords(group, /Alerts are on here/);
  await client.uninstall(elif, group);
  await client.install(elif, group);
  await waitForWords(
    group,
    /Alerts were on here before I was removed.*Ada Lindqvist set them up.*alerts on .*expired/s,
  );
  assert.match(wordsOf(await ask(ada, group, 'alerts')), /No alerts are on here/);
});

test('asks Teams for the name of who added it when the activity has none, and escapes it', async () => {
  const bed = await start();
  const { ada, client, connector, conversations } = bed;
  const { group, channel } = conversations;
  const anonymous = { id: ada.teamsId, aadObjectId: ada.aadObjectId };
  await connector.deliver({ ...client.activities.installationUpdate(ada, group, 'add'), from: anonymous });
  assert.ok(onlyActivity(bed, group).texts.includes('<at>Ada Lindqvist</at> added me here.'));
  const odd = { ...anonymous, name: 'A <b>*&*</b>\n</at> {{DATE(2020-01-01T00:00:00Z)}}' };
  await connector.deliver({ ...client.activities.installationUpdate(ada, channel, 'add'), from: odd });
  const { texts, mentions } = onlyActivity(bed, channel);
  const [mention] = mentions as { text: string }[];
  assert.match(
    mention?.text ?? '',
    /^<at>A [^<>*{]+ \{\u2060\{DATE[^<>*]+<\/at>$/,
    'nothing of it is Markdown, or a macro',
  );
  assert.ok(texts.includes(`${mention?.text} added me here.`));
});

test('introduces itself without a mention when nobody can say who added it', async () => {
  const bed = await start();
  const { ada, client, connector, conversations } = bed;
  const { group } = conversations;
  await connector.deliver({ ...client.activities.installationUpdate(ada, group, 'add'), from: { id: '29:gone' } });
  const { mentions, words } = onlyActivity(bed, group);
  assert.deepEqual(mentions, []);
  assert.doesNotMatch(words, /added me here/);
  assert.match(words, /Hello, I am VPP Sync/);
});

test('speaks in the channel that was chosen for it', async () => {
  const { ada, client, connector, conversations, said } = await start();
  const [general, apple] = conversations.channels;
  const installed = client.activities.installationUpdate(ada, general, 'add');
  const channelData = { ...(installed.channelData as object), settings: { selectedChannel: { id: apple.id } } };
  await connector.deliver({ ...installed, channelData });
  assert.deepEqual(said(), { 'channel-apple': 1 });
});
