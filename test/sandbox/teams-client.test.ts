import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireActivity } from '../../sandbox/teams/activities.ts';
import { currentVersion, findCard, type TeamsEvent } from '../../sandbox/teams/timeline.ts';
import { startTeamsRig } from '../support/teams-rig.ts';

type Rig = Awaited<ReturnType<typeof startTeamsRig>>;

const at = (conversationId: string) => `/${encodeURIComponent(conversationId)}/activities`;
const card = (text: string) => ({ type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text }] });
const cardMessage = (text: string) => ({
  type: 'message',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card(text) }],
});
const signInCard = (id = 'request-1') => ({
  connectionName: 'sso',
  text: 'Sign in',
  tokenExchangeResource: { id, uri: 'api://x' },
  buttons: [{ type: 'signin', title: 'Sign in', value: 'http://127.0.0.1:9/auth/start?request=1' }],
});
const oauthMessage = (content: unknown, replyToId?: string) => ({
  type: 'message',
  ...(replyToId && { replyToId }),
  attachments: [{ contentType: 'application/vnd.microsoft.card.oauth', content }],
});
const loginRequest = (value: unknown) => ({
  body: { statusCode: 401, type: 'application/vnd.microsoft.activity.loginRequest', value },
});
const cardAnswer = (text: string) => ({
  body: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card(text) },
});
const action = { type: 'Action.Execute', title: 'Sync now', verb: 'sync/start', data: { id: 'opaque' } } as const;
const contentOf = (activity: WireActivity | undefined) => activity?.value as Record<string, unknown>;

async function sendCard({ send, conversations }: Rig, conversation = conversations.personal('ada')) {
  const sent = await send('POST', at(conversation.id), cardMessage('shared'));
  return { conversation, id: sent.body.id as string };
}

test('says a message in a personal chat as Teams sends it', async (t) => {
  const { client, conversations, person, bot, registration } = await startTeamsRig(t);
  const ada = person('ada');
  const chat = conversations.personal(ada);
  const { message } = await client.say(ada, chat, 'sync vpp contoso');
  const activity = bot.received[0]?.activity;
  assert.deepEqual(activity?.conversation, { conversationType: 'personal', tenantId: ada.tenantId, id: chat.id });
  assert.deepEqual(activity?.from, { id: ada.teamsId, name: ada.name, aadObjectId: ada.aadObjectId });
  assert.deepEqual(activity?.recipient, { id: `28:${registration.botId}`, name: 'VPP Sync' });
  assert.deepEqual(activity?.channelData, { tenant: { id: ada.tenantId } });
  assert.equal(activity?.id, message.id);
  assert.equal(activity?.text, 'sync vpp contoso');
  assert.deepEqual([activity?.channelId, activity?.locale, activity?.textFormat], ['msteams', 'en-US', 'plain']);
});

test('a guest meets the bot in the tenant they are a guest of', async (t) => {
  const { client, conversations, person, bot } = await startTeamsRig(t);
  await client.say(person('gita'), conversations.personal('gita'), 'hi');
  const conversation = bot.received[0]?.activity.conversation as { tenantId: string };
  assert.equal(conversation.tenantId, person('gita').guestIn);
});

test('the bot hears a group or channel only when mentioned, and then with the mention in text and entities', async (t) => {
  const { client, conversations, person, bot } = await startTeamsRig(t);
  const { delivery } = await client.say(person('ada'), conversations.group, 'lunch?');
  assert.equal(delivery, undefined);
  await client.say(person('ada'), conversations.group, 'sync vpp contoso', { mention: true });
  assert.equal(bot.received.length, 1);
  const activity = bot.received[0]?.activity;
  assert.equal(activity?.text, '<at>VPP Sync</at>&nbsp;sync vpp contoso');
  const [mention] = (activity?.entities ?? []) as { type: string; mentioned: unknown }[];
  assert.deepEqual(mention?.mentioned, activity?.recipient);
  assert.equal(client.messages(conversations.group).length, 2);
});

test('a channel’s thread is in the conversation id of every message in it', async (t) => {
  const { client, conversations, person, bot } = await startTeamsRig(t);
  const { channel } = conversations;
  const { message: root } = await client.say(person('ada'), channel, 'sync', { mention: true });
  await client.say(person('elif'), channel, 'status', { mention: true, replyToThread: root.id });
  const ids = bot.received.map(({ activity }) => (activity.conversation as { id: string }).id);
  assert.deepEqual(ids, [`${channel.id};messageid=${root.id}`, `${channel.id};messageid=${root.id}`]);
  const channelData = bot.received[1]?.activity.channelData as { team: { id: string }; channel: { id: string } };
  assert.deepEqual([channelData.team.id, channelData.channel.id], [channel.team?.id, channel.id]);
  assert.notEqual(bot.received[0]?.activity.id, bot.received[1]?.activity.id);
});

test('an edit reaches the bot as messageUpdate under the same id', async (t) => {
  const { client, conversations, person, bot } = await startTeamsRig(t);
  const chat = conversations.personal('ada');
  const { message } = await client.say(person('ada'), chat, 'sync vpp contosso');
  await client.edit(person('ada'), chat, message.id, 'sync vpp contoso');
  const update = bot.received[1]?.activity;
  assert.deepEqual([update?.type, update?.id, update?.text], ['messageUpdate', message.id, 'sync vpp contoso']);
  assert.equal(currentVersion(message).activity.text, 'sync vpp contoso');
});

test('an installation comes as conversationUpdate and installationUpdate', async (t) => {
  const { client, conversations, person, bot, registration } = await startTeamsRig(t);
  await client.install(person('ada'), conversations.group);
  const byType = new Map(bot.received.map(({ activity }) => [activity.type, activity]));
  assert.equal(byType.get('installationUpdate')?.action, 'add');
  assert.deepEqual(byType.get('conversationUpdate')?.membersAdded, [{ id: `28:${registration.botId}` }]);
});

test('a press sends the action with the card’s inputs over its data, and only the presser sees the answer', async (t) => {
  const rig = await startTeamsRig(t);
  const { client, person, bot, conversations } = rig;
  const { id, conversation } = await sendCard(rig, conversations.group);
  bot.answerWith(() => cardAnswer('for Elif'));
  const result = await client.press(person('elif'), conversation, id, action, { note: 'x' });
  const invoke = bot.received[0]?.activity;
  assert.deepEqual([invoke?.type, invoke?.name, invoke?.replyToId], ['invoke', 'adaptiveCard/action', id]);
  assert.deepEqual(contentOf(invoke), {
    action: { type: 'Action.Execute', title: 'Sync now', verb: 'sync/start', data: { id: 'opaque', note: 'x' } },
    trigger: 'manual',
  });
  assert.equal(result.statusCode, 200);
  const message = client.timeline.get(conversation, id);
  assert.deepEqual(findCard(message, person('elif')), card('for Elif'));
  assert.deepEqual(findCard(message, person('ada')), card('shared'));
});

test('an edit by the bot takes the presser’s own view away', async (t) => {
  const rig = await startTeamsRig(t);
  const { client, person, bot, send } = rig;
  const { id, conversation } = await sendCard(rig);
  bot.answerWith(() => cardAnswer('mine'));
  await client.press(person('ada'), conversation, id, action);
  await send('PUT', `${at(conversation.id)}/${id}`, cardMessage('edited'));
  assert.deepEqual(findCard(client.timeline.get(conversation, id), person('ada')), card('edited'));
});

test('a loginRequest is answered by sending the same action again with the person’s token', async (t) => {
  const rig = await startTeamsRig(t);
  const { client, person, bot } = rig;
  const { id, conversation } = await sendCard(rig);
  bot.answerWith(({ value }) =>
    (value as { authentication?: unknown }).authentication ? cardAnswer('done') : loginRequest(signInCard()),
  );
  const result = await client.press(person('ada'), conversation, id, action);
  assert.equal(result.deliveries.length, 2);
  assert.deepEqual(result.card, card('done'));
  const [first, second] = bot.received.map(({ activity }) => contentOf(activity));
  assert.deepEqual(second, {
    ...first,
    authentication: { id: 'request-1', connectionName: 'sso', token: 'assertion-of-ada' },
  });
});

test('a refused token or a switched-off silent sign-in shows the button, and its code goes with the same action', async (t) => {
  const rig = await startTeamsRig(t);
  const { client, person, bot } = rig;
  const { id, conversation } = await sendCard(rig);
  const refused = { body: { statusCode: 412, type: 'application/vnd.microsoft.error.preconditionFailed', value: {} } };
  bot.answerWith(({ value }) => {
    const { authentication, state } = value as { authentication?: unknown; state?: string };
    if (state) return cardAnswer('done');
    return authentication ? refused : loginRequest(signInCard());
  });
  const tried = await client.press(person('ada'), conversation, id, action);
  assert.deepEqual([tried.deliveries.length, tried.signInOffered], [2, true]);
  client.setSso(person('ada'), 'off');
  const untried = await client.press(person('ada'), conversation, id, action);
  assert.deepEqual([untried.deliveries.length, untried.signInOffered], [1, true]);
  const { press } = await client.completeSignIn(person('ada'), conversation, id, 'code-1');
  assert.deepEqual(press?.card, card('done'));
  const last = contentOf(bot.received.at(-1)?.activity);
  assert.deepEqual([last.state, last.action], ['code-1', contentOf(bot.received[0]?.activity).action]);
  assert.equal(client.timeline.get(conversation, id).signIns.size, 0);
});

for (const [name, value] of [
  ['without connectionName', { ...signInCard(), connectionName: '' }],
  [
    'whose button is of type openUrl',
    { ...signInCard(), buttons: [{ type: 'openUrl', value: 'http://127.0.0.1:9/' }] },
  ],
] as const) {
  test(`ignores a loginRequest ${name}, as Teams does`, async (t) => {
    const rig = await startTeamsRig(t);
    const { id, conversation } = await sendCard(rig);
    rig.bot.answerWith(() => loginRequest(value));
    const result = await rig.client.press(rig.person('ada'), conversation, id, action);
    assert.equal(result.signInOffered, false);
    assert.match(result.problem ?? '', /Teams/);
  });
}

test('reports every answer that Teams would show as an error', async (t) => {
  const rig = await startTeamsRig(t);
  const { id, conversation } = await sendCard(rig);
  const problems: string[] = [];
  rig.client.events.on('event', (event: TeamsEvent) => {
    if (event.kind === 'delivery' && event.problem) problems.push(event.problem);
  });
  const error = { statusCode: 400, type: 'application/vnd.microsoft.error', value: { code: 'Bad', message: 'No.' } };
  for (const answer of [{ status: 500, body: 'broken' }, {}, { body: error }]) {
    rig.bot.answerWith(() => answer);
    const { problem } = await rig.client.press(rig.person('ada'), conversation, id, action);
    assert.ok(problem);
  }
  assert.deepEqual(problems, [
    'The bot answered HTTP 500.',
    'The answer has no statusCode, so Teams shows nothing.',
    'The bot answered 400: Bad: No.',
  ]);
});

test('the client of whoever asked answers an OAuthCard silently', async (t) => {
  const { client, conversations, person, bot, send } = await startTeamsRig(t);
  const { group } = conversations;
  const { message } = await client.say(person('elif'), group, 'sync', { mention: true });
  await client.say(person('ada'), group, 'me too', { mention: true });
  const sent = await send('POST', at(group.id), oauthMessage(signInCard(), message.id));
  await client.waitFor(() => bot.received.length === 3);
  await client.idle();
  const invoke = bot.received[2]?.activity;
  assert.equal(invoke?.name, 'signin/tokenExchange');
  assert.deepEqual(invoke?.value, { id: 'request-1', connectionName: 'sso', token: 'assertion-of-elif' });
  assert.equal(client.timeline.get(group, sent.body.id).signIns.size, 0);
});

test('other members’ clients answer an OAuthCard, too, when that is switched on', async (t) => {
  const { client, conversations, person, bot, send } = await startTeamsRig(t);
  const { group } = conversations;
  client.setOthersAnswer(true);
  const { message } = await client.say(person('elif'), group, 'sync', { mention: true });
  await send('POST', at(group.id), oauthMessage(signInCard(), message.id));
  await client.waitFor(() => bot.received.length === 1 + group.members.length);
  const tokens = new Set(bot.received.map(({ activity }) => contentOf(activity)?.token));
  assert.ok(tokens.has('assertion-of-ada') && tokens.has('assertion-of-elif'));
});

for (const [name, prepare, heard] of [
  ['the bot answers 412', ({ bot }: Rig) => bot.answerWith(() => ({ status: 412, body: {} })), 'signin/tokenExchange'],
  ['silent sign-in is off', ({ client, person }: Rig) => client.setSso(person('ada'), 'off'), undefined],
  ['silent sign-in fails', ({ client, person }: Rig) => client.setSso(person('ada'), 'failing'), 'signin/failure'],
] as const) {
  test(`the button of an OAuthCard is shown when ${name}, and its code comes back as signin/verifyState`, async (t) => {
    const rig = await startTeamsRig(t);
    const { client, person, bot, send, conversations } = rig;
    const chat = conversations.personal('ada');
    prepare(rig);
    const sent = await send('POST', at(chat.id), oauthMessage(signInCard()));
    const message = client.timeline.get(chat, sent.body.id);
    await client.waitFor(() => message.signIns.has('ada'));
    assert.equal(bot.received[0]?.activity.name, heard);
    bot.answerWith(() => ({}));
    await client.completeSignIn(person('ada'), chat, message.id, 'code-1');
    const last = bot.received.at(-1)?.activity;
    assert.deepEqual([last?.name, last?.value], ['signin/verifyState', { state: 'code-1' }]);
    assert.equal(message.signIns.size, 0);
  });
}

test('a channel has no silent sign-in: the bot hears why, and the button is shown', async (t) => {
  const { client, conversations, person, bot, send } = await startTeamsRig(t);
  const { message } = await client.say(person('ada'), conversations.channel, 'sync', { mention: true });
  const sent = await send('POST', at(message.conversationId), oauthMessage(signInCard(), message.id));
  await client.waitFor(() => client.timeline.get(conversations.channel, sent.body.id).signIns.has('ada'));
  const failure = bot.received[1]?.activity;
  assert.deepEqual([failure?.name, contentOf(failure).code], ['signin/failure', 'resourcematchfailed']);
});

test('a card’s own refresh is sent as an automatic action', async (t) => {
  const rig = await startTeamsRig(t);
  const { id, conversation } = await sendCard(rig);
  rig.bot.answerWith(() => cardAnswer('fresh'));
  await rig.client.refresh(rig.person('ada'), conversation, id, action);
  assert.equal(contentOf(rig.bot.received[0]?.activity).trigger, 'automatic');
});

test('waiting in vain says what was last seen', async (t) => {
  const { client, conversations, person } = await startTeamsRig(t);
  await client.say(person('ada'), conversations.personal('ada'), 'anybody?');
  await assert.rejects(
    client.waitFor(() => undefined, 5, 'an answer'),
    /Within 5 ms there was not an answer\. Last seen: ada: anybody\?/,
  );
});
