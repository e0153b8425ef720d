import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { currentVersion } from '../../sandbox/teams/timeline.ts';
import type { CardMessage } from '../../src/alerts/alert-messenger.ts';
import {
  type CardReply,
  type ConversationReference,
  type Reply,
  SendingError,
  type SendingFault,
} from '../../src/domain/turn.ts';
import { type Connector, createConnectorClient, type OutboundActivity } from '../../src/teams/connector.ts';
import { ConnectorError } from '../../src/teams/connector-error.ts';
import { createOutbox, type Outbox } from '../../src/teams/outbox.ts';
import { createSendPace } from '../../src/teams/send-pace.ts';
import { createRuntime } from '../support/runtime.ts';
import { startTeamsRig } from '../support/teams-rig.ts';

const config = { app: { idUri: 'api://bot.example.com/botid-1' }, publicUrl: 'https://bot.example.com' };

suite('alert wall', () => {
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
      pace: createSendPace(createRuntime({ now, wait: () => assert.fail('nothing here needs to wait') })),
      runtime: createRuntime({ now, wait: () => assert.fail('an alert is tried once') }),
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
      ...rig,
      wall: createOutbox({ connector, config }).alerts,
      reference,
      words,
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

  test('in a personal chat and a group chat all of it goes to the one conversation there is', async (t) => {
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
      await assert.rejects(wall.post(lost, poster('x')), failsWith('passing', 'ConversationNotFound'));
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

  test('a message to which Teams gives no id counts as posted', async () => {
    const { alerts: wall } = createOutbox({
      config,
      connector: {
        post: async () => undefined,
        edit: () => assert.fail(),
        openPersonal: async () => undefined,
        findMemberName: () => assert.fail(),
      },
    });
    const group: ConversationReference = {
      serviceUrl: 'https://smba.trafficmanager.net/emea/',
      id: '19:x@thread.v2',
      kind: 'groupChat',
      tenantId: 'tenant',
      bot: { id: '28:bot', name: 'VPP Sync' },
    };
    assert.equal(await wall.post(group, poster('one')), undefined);
    const ada = { tenantId: 'tenant', aadObjectId: 'o', teamsId: '29:a', name: 'Ada' };
    await assert.rejects(wall.openPersonal(ada, group), failsWith('refused', 'noConversation'));
  });
});

suite('outbox', () => {
  const conversation: ConversationReference = {
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    id: 'a:1',
    kind: 'personal',
    tenantId: 'tenant',
    bot: { id: '28:bot', name: 'VPP Sync' },
  };
  const say = (text: string): Reply => ({ kind: 'text', text });
  const card = (summary: string): CardReply => ({ kind: 'card', card: { type: 'AdaptiveCard' } as never, summary });

  interface Sent {
    readonly how: 'POST' | 'PUT';
    readonly to: string;
    readonly activity: OutboundActivity;
    readonly isTriedOnce?: boolean;
    readonly replyToId: string | undefined;
  }

  /** A way out whose every step waits until the test lets it go on. */
  function createWayOut() {
    const sent: Sent[] = [];
    const open: { resolve(): void; reject(error: Error): void }[] = [];
    const step = (each: Sent) => {
      sent.push(each);
      return new Promise<void>((resolve, reject) => open.push({ resolve, reject }));
    };
    const connector: Connector = {
      async post({ id }, activity, { replyToId } = {}) {
        await step({ how: 'POST', to: id, activity, replyToId });
        return `new-${sent.length}`;
      },
      edit: ({ id }, messageId, activity, { isTriedOnce = false, replyToId } = {}) =>
        step({ how: 'PUT', to: `${id} ${messageId}`, activity, isTriedOnce, replyToId }),
      openPersonal: () => assert.fail(),
      findMemberName: () => assert.fail(),
    };
    const turn = () => new Promise(setImmediate);
    return {
      outbox: createOutbox({ connector, config }),
      sent,
      words: () => sent.map(({ activity }) => activity.text ?? activity.summary),
      async letOneGo(error?: Error) {
        await turn();
        const next = open.shift();
        assert.ok(next, 'nothing is under way');
        if (error) next.reject(error);
        else next.resolve();
        await turn();
      },
      turn,
    };
  }

  test('writings on one message go out one after another, in the order they were asked for', async () => {
    const way = createWayOut();
    const all = ['a', 'b', 'c'].map((text) => way.outbox.replace(conversation, 'en', '9', say(text)));
    await way.turn();
    assert.deepEqual(way.words(), ['a']);
    await way.letOneGo();
    assert.deepEqual(way.words(), ['a', 'b']);
    await way.letOneGo();
    await way.letOneGo();
    assert.deepEqual(await Promise.all(all), ['9', '9', '9']);
    assert.deepEqual(way.words(), ['a', 'b', 'c']);
  });

  test('one that fails does not keep the next from being written', async () => {
    const way = createWayOut();
    const first = way.outbox.replace(conversation, 'en', '9', say('a'));
    const second = way.outbox.replace(conversation, 'en', '9', say('b'));
    const failure = new ConnectorError({ reason: 'refused', status: 403 });
    const failed = assert.rejects(first, failure);
    await way.letOneGo(failure);
    await failed;
    await way.letOneGo();
    assert.equal(await second, '9');
  });

  test('writings on different messages, and in different conversations, do not wait for each other', async () => {
    const way = createWayOut();
    const all = [
      way.outbox.replace(conversation, 'en', '8', say('a')),
      way.outbox.replace(conversation, 'en', '9', say('b')),
      way.outbox.replace({ ...conversation, id: 'a:2' }, 'en', '8', say('c')),
    ];
    await way.turn();
    assert.deepEqual(way.words(), ['a', 'b', 'c']);
    for (const _ of all) await way.letOneGo();
    await Promise.all(all);
  });

  test('a message that is gone is sent anew, and its new id comes back', async () => {
    for (const code of ['ActivityNotFoundInConversation', 'MessageNotFound', 'ActivityNotFound']) {
      const way = createWayOut();
      const replaced = way.outbox.replace(conversation, 'en', '9', say('a'), '5');
      await way.letOneGo(new ConnectorError({ reason: 'refused', status: 404, code }));
      await way.letOneGo();
      assert.equal(await replaced, 'new-2');
      assert.deepEqual(
        way.sent.map(({ how }) => how),
        ['PUT', 'POST'],
      );
      assert.equal(way.sent[1]?.replyToId, '5');
    }
  });

  test('any other failure of an edit is no reason to send a second message', async () => {
    for (const failure of [
      new ConnectorError({ reason: 'unreachable' }),
      new ConnectorError({ reason: 'refused', status: 404, code: 'ConversationNotFound' }),
      new Error('ActivityNotFound'),
    ]) {
      const way = createWayOut();
      const failed = assert.rejects(way.outbox.replace(conversation, 'en', '9', say('a')), failure);
      await way.letOneGo(failure);
      await failed;
      assert.equal(way.sent.length, 1);
    }
  });

  test('a card is written on its message when it has one, else sent', async () => {
    const way = createWayOut();
    const sent = way.outbox.cards.write(conversation, undefined, card('one'), '5');
    await way.letOneGo();
    assert.equal(await sent, 'new-1');
    const written = way.outbox.cards.write(conversation, '9', card('two'), '5');
    await way.letOneGo();
    assert.equal(await written, '9');
    assert.deepEqual(
      way.sent.map(({ how, to }) => `${how} ${to}`),
      ['POST a:1', 'PUT a:1 9'],
    );
  });

  test('what a person waits for goes at once; progress and receipts make way for it', async () => {
    const hows: unknown[] = [];
    const connector: Connector = {
      post: async (_, __, how) => void hows.push(how) as undefined,
      edit: async (_, __, ___, how) => void hows.push(how),
      openPersonal: () => assert.fail(),
      findMemberName: () => assert.fail(),
    };
    const outbox = createOutbox({ connector, config });
    await outbox.send(conversation, 'en', say('a'));
    await outbox.replace(conversation, 'en', '9', say('a'));
    await outbox.typing(conversation);
    await outbox.cards.write(conversation, '9', card('one'));
    await outbox.cards.write(conversation, undefined, card('one'));
    const atOnce = { replyToId: undefined };
    const afterPeople = { roomWithinMs: 3_000, goesWithoutRoom: true, replyToId: undefined };
    assert.deepEqual(hows, [atOnce, atOnce, { isTriedOnce: true }, afterPeople, afterPeople]);
  });

  test('progress is written in order with all else on its card, tried once, and not sent anew when the card is gone', async () => {
    const way = createWayOut();
    const progress = way.outbox.cards.tryWriting(conversation, '9', card('a'));
    const receipt = way.outbox.cards.write(conversation, '9', card('b'));
    await way.turn();
    assert.deepEqual(way.words(), ['a']);
    const refused = assert.rejects(progress, { name: 'ConnectorError', fault: 'messageGone' });
    await way.letOneGo(new ConnectorError({ reason: 'refused', status: 404, code: 'ActivityNotFoundInConversation' }));
    await refused;
    assert.deepEqual(way.words(), ['a', 'b']);
    await way.letOneGo();
    await receipt;
    assert.deepEqual(
      way.sent.map(({ how, isTriedOnce }) => [how, isTriedOnce]),
      [
        ['PUT', true],
        ['PUT', false],
      ],
    );
  });

  test('the results of sending are in words that features know', async () => {
    const failure = new ConnectorError({ reason: 'refused', status: 429, retryAfterMs: 9000 });
    const expected = { name: 'ConnectorError', fault: 'passing', mayBeTaken: false, retryAfterMs: 9000 };
    const person = { tenantId: 't', aadObjectId: 'o', teamsId: '29:a', name: 'A' };
    for (const say of [
      ({ cards: { write } }: Outbox) => write(conversation, undefined, card('a')),
      ({ cards: { write } }: Outbox) => write(conversation, '9', card('a')),
      ({ cards: { mention } }: Outbox) => mention(conversation, person, 'a'),
    ]) {
      const way = createWayOut();
      const failed = assert.rejects(say(way.outbox), expected);
      await way.letOneGo(failure);
      await failed;
    }
  });

  test('a mention cannot be broken by a name or a text', async () => {
    const way = createWayOut();
    const name = 'A</at><at>Everyone</at> & "Ö"';
    const person = { tenantId: 't', aadObjectId: 'o', teamsId: '29:a', name };
    const sent = way.outbox.cards.mention(conversation, person, 'done <b>&amp;</b>', '5');
    await way.letOneGo();
    await sent;
    const { text, textFormat, entities }: Readonly<Record<string, unknown>> = way.sent[0]?.activity ?? {};
    const inner = 'A&lt;/at&gt;&lt;at&gt;Everyone&lt;/at&gt; &amp; &quot;Ö&quot;';
    assert.equal(text, `<at>${inner}</at> done &lt;b&gt;&amp;amp;&lt;/b&gt;`);
    assert.equal(textFormat, 'xml');
    assert.deepEqual(entities, [{ type: 'mention', text: `<at>${inner}</at>`, mentioned: { id: '29:a', name } }]);
  });
});
