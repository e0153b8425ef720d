import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { currentVersion } from '../../sandbox/teams/timeline.ts';
import type { CardMessage } from '../../src/alerts/views.ts';
import { type ConversationReference, SendingError, type SendingFault } from '../../src/domain/turn.ts';
import { createConnectorClient } from '../../src/teams/connector.ts';
import { createAlertMessenger } from '../../src/teams/outbox.ts';
import { createSendPace } from '../../src/teams/send-pace.ts';
import { startTeamsRig } from '../sandbox/teams-rig.ts';

const poster = (words: string): CardMessage => ({
  card: { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: words }] },
  summary: words,
});

/** A wall over real HTTP to the rehearsal's connector. */
async function startWall(t: TestContext) {
  const rig = await startTeamsRig(t);
  let at = 0;
  const now = () => at;
  const connector = createConnectorClient({
    findToken: async () => undefined,
    isAllowed: (url) => url.startsWith(rig.baseUrl),
    isServed: () => true,
    pace: createSendPace({ now, wait: () => assert.fail('nothing here needs to wait') }),
    now,
    wait: () => assert.fail('an alert is tried once'),
  });
  const reference = (conversation: TeamsConversation): ConversationReference => ({
    serviceUrl: `${rig.baseUrl}/connector/`,
    id: conversation.id,
    kind: conversation.kind,
    tenantId: conversation.tenantId,
    bot: { id: `28:${rig.registration.botId}`, name: 'VPP Sync' },
  });
  const words = (conversation: TeamsConversation) =>
    rig.client.messages(conversation).map((message) => {
      const { text, summary } = currentVersion(message).activity;
      return text ?? summary;
    });
  return {
    ...{ ...rig, wall: createAlertMessenger({ connector }), reference, words },
    /** As far as the bot's own pace goes. */
    letTimePass: () => {
      at += 60_000;
    },
  };
}

const failsWith = (fault: SendingFault, code: string) => (error: unknown) => {
  assert.ok(error instanceof SendingError);
  assert.deepEqual([error.fault, error.code], [fault, code]);
  return true;
};

test('an alert begins a thread of its own in a channel; it is edited and answered there', async (t) => {
  const { wall, reference, conversations, client, words } = await startWall(t);
  const channel = reference(conversations.channel);
  // The reference may carry the thread in which the bot was spoken to.
  const first = await wall.post({ ...channel, id: `${channel.id};messageid=5` }, poster('one'));
  const second = await wall.post(channel, poster('two'));
  assert.ok(first && second);
  assert.equal(first.threadId, `${channel.id};messageid=${first.messageId}`);
  await wall.edit(channel, first.threadId, first.messageId, poster('one, edited'));
  await wall.reply(channel, first.threadId, 'resolved *now*');
  assert.deepEqual(words(conversations.channel), ['one, edited', 'two', 'resolved *now*']);
  const roots = client.messages(conversations.channel).map(({ rootId }) => rootId);
  assert.deepEqual(roots, [first.messageId, second.messageId, first.messageId]);
  const answer = currentVersion(client.messages(conversations.channel)[2] ?? assert.fail()).activity;
  assert.deepEqual([answer.textFormat, answer.conversation], ['plain', { id: first.threadId }]);
});

test('in a personal chat and a group chat all of it stands in the one conversation there is', async (t) => {
  const { wall, reference, conversations, words, letTimePass } = await startWall(t);
  for (const place of [conversations.personal('ada'), conversations.group]) {
    letTimePass();
    const posted = await wall.post(reference(place), poster('one'));
    assert.equal(posted?.threadId, place.id);
    await wall.edit(reference(place), posted.threadId, posted.messageId, poster('two'));
    await wall.reply(reference(place), posted.threadId, 'three');
    assert.deepEqual(words(place), ['two', 'three']);
  }
});

test('a person’s chat is opened by their id, and is the one they know', async (t) => {
  const { wall, reference, conversations, person } = await startWall(t);
  const { teamsId, tenantId, aadObjectId, name } = person('ada');
  const ada = { teamsId, tenantId, aadObjectId, name };
  const opened = await wall.openPersonal(ada, reference(conversations.channel));
  assert.deepEqual(opened, reference(conversations.personal('ada')));
  const nobody = wall.openPersonal({ ...ada, teamsId: '29:nobody' }, reference(conversations.channel));
  await assert.rejects(nobody, failsWith('refused', 'BadArgument'));
});

suite('a failure says what to do about it', () => {
  test('the message is gone', async (t) => {
    const { wall, reference, conversations, send } = await startWall(t);
    const { channel } = conversations;
    const posted = (await wall.post(reference(channel), poster('one'))) ?? assert.fail();
    const { threadId, messageId } = posted;
    await send('DELETE', `/${encodeURIComponent(threadId)}/activities/${messageId}`);
    const edit = (thread: string) => wall.edit(reference(channel), thread, messageId, poster('two'));
    await assert.rejects(edit(threadId), failsWith('messageGone', 'ActivityNotFoundInConversation'));
    const noThread = `${channel.id};messageid=404`;
    await assert.rejects(edit(noThread), failsWith('messageGone', 'ConversationNotFound'));
    await assert.rejects(
      wall.reply(reference(channel), noThread, 'x'),
      failsWith('messageGone', 'ConversationNotFound'),
    );
  });

  test('the bot is not there any more', async (t) => {
    const { wall, reference, conversations, connector } = await startWall(t);
    const { group } = conversations;
    const posted = (await wall.post(reference(group), poster('one'))) ?? assert.fail();
    connector.setInstalled(group, false);
    const closed = failsWith('closed', 'BotNotInConversationRoster');
    await assert.rejects(wall.post(reference(group), poster('x')), closed);
    await assert.rejects(wall.edit(reference(group), posted.threadId, posted.messageId, poster('x')), closed);
    await assert.rejects(wall.reply(reference(group), posted.threadId, 'x'), closed);
  });

  test('the conversation is not there at all', async (t) => {
    const { wall, reference, conversations } = await startWall(t);
    const lost = { ...reference(conversations.group), id: '19:lost@thread.v2' };
    await assert.rejects(wall.post(lost, poster('x')), failsWith('closed', 'ConversationNotFound'));
  });

  test('its address is no longer one of Teams’', async (t) => {
    const { wall, reference, conversations, connector } = await startWall(t);
    const elsewhere = { ...reference(conversations.group), serviceUrl: 'https://example.com/' };
    await assert.rejects(wall.post(elsewhere, poster('x')), failsWith('closed', 'addressRefused'));
    assert.equal(connector.requests.length, 0);
  });

  test('it may pass, and when', async (t) => {
    const { wall, reference, conversations, connector } = await startWall(t);
    connector.failNext(1, { status: 429, retryAfter: 3 });
    await assert.rejects(wall.post(reference(conversations.group), poster('x')), (error: SendingError) => {
      assert.deepEqual([error.fault, error.retryAfterMs], ['passing', 3_000]);
      return true;
    });
    connector.failNext(1, { status: 0 });
    await assert.rejects(wall.post(reference(conversations.group), poster('x')), failsWith('passing', 'unreachable'));
    assert.equal(connector.requests.length, 2, 'each call is one try');
  });

  test('Teams will never take it', async (t) => {
    const { wall, reference, conversations } = await startWall(t);
    const large = poster('x'.repeat(100 * 1024));
    await assert.rejects(wall.post(reference(conversations.group), large), failsWith('refused', 'MessageSizeTooBig'));
  });
});

test('waits for room under Teams’ limits, and not when it is no longer wanted', async (t) => {
  const { wall, reference, conversations, connector } = await startWall(t);
  const group = reference(conversations.group);
  for (let n = 0; n < 5; n += 1) await wall.post(group, poster(String(n)), AbortSignal.abort());
  await assert.rejects(wall.post(group, poster('x'), AbortSignal.abort()), failsWith('passing', 'noRoom'));
  assert.equal(connector.requests.length, 5);
});

test('a message that Teams does not name was posted all the same', async () => {
  const wall = createAlertMessenger({
    connector: { send: async () => undefined, update: () => assert.fail(), openPersonal: async () => undefined },
  });
  const group: ConversationReference = {
    ...{ serviceUrl: 'https://smba.trafficmanager.net/emea/', id: '19:x@thread.v2', kind: 'groupChat' },
    ...{ tenantId: 'tenant', bot: { id: '28:bot', name: 'VPP Sync' } },
  };
  assert.equal(await wall.post(group, poster('one')), undefined);
  const ada = { tenantId: 'tenant', aadObjectId: 'o', teamsId: '29:a', name: 'Ada' };
  await assert.rejects(wall.openPersonal(ada, group), failsWith('refused', 'noConversation'));
});
