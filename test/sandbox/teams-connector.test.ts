import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentVersion } from '../../sandbox/teams/timeline.ts';
import { startTeamsRig } from '../support/teams-rig.ts';

const at = (conversationId: string, rest = '') => `/${encodeURIComponent(conversationId)}${rest}`;
const text = (words: string) => ({ type: 'message', text: words });

test('posts what a person says, signed for this bot and with its own service address in the token', async (t) => {
  const { client, conversations, person, bot, baseUrl } = await startTeamsRig(t);
  const { delivery } = await client.say(person('ada'), conversations.personal('ada'), 'sync vpp contoso');
  assert.equal(delivery?.status, 200);
  const [received] = bot.received;
  assert.equal(received?.isSigned, true);
  assert.equal(received?.activity.serviceUrl, `${baseUrl}/connector/`);
});

for (const [name, overrides] of [
  ['a key nobody published', { flaw: 'foreignKey' }],
  ['no signature', { flaw: 'unsigned' }],
  ['a broken signature', { flaw: 'tampered' }],
  ['another audience', { claims: { aud: 'somebody-else' } }],
  ['another issuer', { claims: { iss: 'https://login.example.com' } }],
  ['a token that ended an hour ago', { claims: { exp: Date.UTC(2026, 10, 23, 8) / 1000 } }],
  ['no token', { authorization: null }],
] as const) {
  test(`can send an activity with ${name}, which no careful bot takes`, async (t) => {
    const { client, connector, conversations, person, bot } = await startTeamsRig(t);
    const parts = { id: '1', conversationId: 'a:1', text: 'hi', mention: false };
    const activity = client.activities.message(person('ada'), conversations.personal('ada'), parts);
    await connector.deliver(activity, overrides);
    assert.equal(bot.received[0]?.isSigned, false);
  });
}

test('posts a message again under the same id when the bot takes too long, and takes the first answer', async (t) => {
  const { client, conversations, person, bot } = await startTeamsRig(t, { retryAfterMs: 250 });
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  bot.answerWith(() => {
    if (bot.received.length === 2) release();
    return { until };
  });
  const { delivery } = await client.say(person('ada'), conversations.personal('ada'), 'sync vpp contoso');
  assert.equal(delivery?.attempts, 2);
  assert.equal(bot.received.length, 2);
  assert.equal(bot.received[0]?.activity.id, bot.received[1]?.activity.id);
});

test('gives up on an invoke instead of sending it twice', async (t) => {
  const { client, conversations, person, bot, send } = await startTeamsRig(t, { retryAfterMs: 250 });
  const chat = conversations.personal('ada');
  const sent = await send('POST', at(chat.id, '/activities'), text('a card'));
  const answered = Promise.withResolvers<void>();
  t.after(() => answered.resolve());
  bot.answerWith(() => ({ until: answered.promise }));
  const result = await client.press(person('ada'), chat, sent.body.id, { type: 'Action.Execute', verb: 'x' });
  assert.match(result.problem ?? '', /did not answer/);
  assert.equal(bot.received.length, 1);
});

test('says so when no bot can be reached', async (t) => {
  const { client, connector, conversations, person, bot } = await startTeamsRig(t);
  await bot.stop();
  connector.connectBot(bot.url);
  const { delivery } = await client.say(person('ada'), conversations.personal('ada'), 'hi');
  assert.equal(delivery?.status, 0);
  assert.match(String(delivery?.body), /could not be reached/);
});

test('lets several bots take turns, and passes over one that is away', async (t) => {
  const [one, other] = [await startTeamsRig(t), await startTeamsRig(t)];
  const { client, connector, conversations, person } = one;
  const say = async () => (await client.say(person('ada'), conversations.personal('ada'), 'hi')).delivery?.status;
  connector.connectBot(one.bot.url, other.bot.url);
  for (let times = 0; times < 4; times += 1) assert.equal(await say(), 200);
  assert.deepEqual([one.bot.received.length, other.bot.received.length], [2, 2]);
  await other.bot.stop();
  for (let times = 0; times < 4; times += 1) assert.equal(await say(), 200);
  assert.equal(one.bot.received.length, 6);
});

test('keeps what the bot sends, and every edit of it', async (t) => {
  const { client, conversations, send } = await startTeamsRig(t);
  const chat = conversations.personal('ada');
  const sent = await send('POST', at(chat.id, '/activities'), text('one'));
  assert.equal(sent.status, 201);
  const edited = await send('PUT', at(chat.id, `/activities/${sent.body.id}`), text('two'));
  assert.equal(edited.status, 200);
  const [message] = client.messages(chat);
  assert.deepEqual(
    message?.versions.map((each) => each.activity.text),
    ['one', 'two'],
  );
});

test('keeps a message’s thread in a channel, and begins one when the bot names none', async (t) => {
  const { client, conversations, person, send } = await startTeamsRig(t);
  const { channel } = conversations;
  const { message: root } = await client.say(person('ada'), channel, 'hello', { mention: true });
  const answer = await send('POST', at(root.conversationId, `/activities/${root.id}`), text('in the thread'));
  const fresh = await send('POST', '', {
    isGroup: true,
    channelData: { channel: { id: channel.id } },
    activity: text('a new thread'),
  });
  assert.equal(fresh.body.id, `${channel.id};messageid=${fresh.body.activityId}`);
  const messages = client.messages(channel);
  assert.equal(messages.find((each) => each.id === answer.body.id)?.rootId, root.id);
  assert.equal(messages.find((each) => each.id === fresh.body.activityId)?.rootId, fresh.body.activityId);
});

test('writes to one person when asked by their Teams id and tenant', async (t) => {
  const { client, conversations, person, registration, send } = await startTeamsRig(t);
  const ada = person('ada');
  const bot = { id: `28:${registration.botId}` };
  const asked = { isGroup: false, bot, members: [{ id: ada.teamsId }], tenantId: ada.tenantId, activity: text('psst') };
  const created = await send('POST', '', asked);
  assert.equal(created.body.id, conversations.personal(ada).id);
  assert.equal(client.messages(conversations.personal(ada)).length, 1);
  assert.equal((await send('POST', '', { ...asked, tenantId: 'another' })).status, 403);
  assert.equal((await send('POST', '', { ...asked, members: [{ id: '29:nobody' }] })).status, 400);
});

test('refuses what Teams refuses, with its code', async (t) => {
  const { client, conversations, person, send } = await startTeamsRig(t);
  const chat = conversations.personal('ada');
  const { message } = await client.say(person('ada'), chat, 'mine');
  const { channel } = conversations;
  const cases = [
    ['POST', at('a:unknown', '/activities'), text('x'), 404, 'ConversationNotFound'],
    ['POST', at(`${channel.id};messageid=99`, '/activities'), text('x'), 404, 'ConversationNotFound'],
    ['POST', at(`${channel.id};messageid=abc`, '/activities'), text('x'), 400, 'BadSyntax'],
    ['POST', at(`${chat.id};messageid=1`, '/activities'), text('x'), 400, 'BadSyntax'],
    ['POST', at(chat.id, '/activities'), text('x'.repeat(100 * 1024)), 413, 'MessageSizeTooBig'],
    ['POST', at(chat.id, '/activities'), '{"type":', 400, 'BadSyntax'],
    ['POST', at(chat.id, '/activities'), { type: 'message' }, 400, 'BadSyntax'],
    ['POST', at(chat.id, '/activities'), { text: 'x' }, 400, 'BadArgument'],
    ['PUT', at(chat.id, '/activities/404'), text('x'), 404, 'ActivityNotFoundInConversation'],
    ['PUT', at(chat.id, `/activities/${message.id}`), text('x'), 403, 'ForbiddenOperationException'],
    ['POST', '', { isGroup: true, members: [] }, 400, 'BadArgument'],
    ['GET', '/x/y/z/too/long', undefined, 404, 'NotFound'],
  ] as const;
  for (const [method, path, body, status, code] of cases) {
    const answer = await send(method, path, body);
    assert.deepEqual([answer.status, answer.body.error.code], [status, code], `${method} ${path}`);
  }
  assert.equal(client.messages(chat).length, 1);
});

test('lets nobody write on a deleted message, nor where the bot is not installed', async (t) => {
  const { client, conversations, person, send } = await startTeamsRig(t);
  const chat = conversations.personal('ada');
  const sent = await send('POST', at(chat.id, '/activities'), text('one'));
  assert.equal((await send('DELETE', at(chat.id, `/activities/${sent.body.id}`))).status, 200);
  const late = await send('PUT', at(chat.id, `/activities/${sent.body.id}`), text('two'));
  assert.equal(late.body.error.code, 'ActivityNotFoundInConversation');
  await client.uninstall(person('ada'), chat);
  const gone = await send('POST', at(chat.id, '/activities'), text('anybody?'));
  assert.deepEqual([gone.status, gone.body.error.code], [403, 'BotNotInConversationRoster']);
});

test('holds the bot to seven sends a second and eight in two in one thread, saying when to come back', async (t) => {
  const { conversations, connector, send, passTime } = await startTeamsRig(t);
  const path = at(conversations.group.id, '/activities');
  const statuses = async (count: number) => {
    const answers = [];
    for (let index = 0; index < count; index += 1) answers.push(await send('POST', path, text(String(index))));
    return answers;
  };
  const first = await statuses(8);
  assert.deepEqual(
    first.map((each) => each.status),
    [201, 201, 201, 201, 201, 201, 201, 429],
  );
  assert.equal(first.at(-1)?.headers.get('retry-after'), '1');
  passTime(1000);
  assert.deepEqual(
    (await statuses(2)).map((each) => each.status),
    [201, 429],
  );
  const elsewhere = await send('POST', at(conversations.personal('ada').id, '/activities'), text('another thread'));
  assert.equal(elsewhere.status, 201);
  connector.setRateLimits(false);
  assert.equal((await send('POST', path, text('unlimited'))).status, 201);
});

test('fails as planned, and can store a message it says it did not take', async (t) => {
  const { client, connector, conversations, send } = await startTeamsRig(t);
  const chat = conversations.personal('ada');
  connector.failNext(1, { status: 429, retryAfter: 3 });
  connector.failNext(1, { status: 502, code: 'BadGateway', afterStoring: true });
  const throttled = await send('POST', at(chat.id, '/activities'), text('one'));
  assert.deepEqual([throttled.status, throttled.headers.get('retry-after')], [429, '3']);
  assert.equal((await send('POST', at(chat.id, '/activities'), text('two'))).status, 502);
  assert.equal((await send('POST', at(chat.id, '/activities'), text('three'))).status, 201);
  assert.deepEqual(
    client.messages(chat).map((each) => currentVersion(each).activity.text),
    ['two', 'three'],
  );
  connector.failNext(1, { status: 0 });
  await assert.rejects(send('POST', at(chat.id, '/activities'), text('cut')));
  assert.deepEqual(
    connector.requests.map((each) => each.status),
    [429, 502, 201, 0],
  );
});

test('names the members of a conversation', async (t) => {
  const { conversations, person, send } = await startTeamsRig(t);
  const { group } = conversations;
  const all = await send('GET', at(group.id, '/members'));
  assert.equal(all.body.length, group.members.length);
  const paged = await send('GET', at(group.id, '/pagedmembers'));
  assert.equal(paged.body.members.length, group.members.length);
  const gita = await send('GET', at(group.id, `/members/${encodeURIComponent(person('gita').teamsId)}`));
  assert.equal(gita.body.userRole, 'guest');
  assert.equal((await send('GET', at(group.id, '/members/29:nobody'))).status, 404);
});
