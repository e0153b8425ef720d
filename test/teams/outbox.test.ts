import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CardReply, ConversationReference, Reply } from '../../src/domain/turn.ts';
import { type ConnectorClient, ConnectorError, type OutboundActivity } from '../../src/teams/connector.ts';
import { createOutbox, type Outbox } from '../../src/teams/outbox.ts';

const conversation: ConversationReference = {
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  id: 'a:1',
  kind: 'personal',
  tenantId: 'tenant',
  bot: { id: '28:bot', name: 'VPP Sync' },
};
const addresses = { idUri: 'api://bot.example.com/botid-1', publicUrl: 'https://bot.example.com' };
const say = (text: string): Reply => ({ kind: 'text', text });
const card = (summary: string): CardReply => ({ kind: 'card', card: { type: 'AdaptiveCard' } as never, summary });

interface Sent {
  readonly how: 'POST' | 'PUT';
  readonly to: string;
  readonly activity: OutboundActivity;
  readonly isTriedOnce?: boolean;
}

/** A way out whose every step waits until the test lets it go on. */
function createWayOut() {
  const sent: Sent[] = [];
  const open: { resolve(): void; reject(error: Error): void }[] = [];
  const step = (each: Sent) => {
    sent.push(each);
    return new Promise<void>((resolve, reject) => open.push({ resolve, reject }));
  };
  const connector: ConnectorClient = {
    async send(_, id, activity) {
      await step({ how: 'POST', to: id, activity });
      return `new-${sent.length}`;
    },
    update: (_, id, activityId, activity, { isTriedOnce = false } = {}) =>
      step({ how: 'PUT', to: `${id} ${activityId}`, activity, isTriedOnce }),
  };
  const turn = () => new Promise(setImmediate);
  return {
    outbox: createOutbox({ connector, addresses }),
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
    assert.equal(way.sent[1]?.activity.replyToId, '5');
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
  const sent = way.outbox.write(conversation, undefined, card('one'), '5');
  await way.letOneGo();
  assert.equal(await sent, 'new-1');
  const written = way.outbox.write(conversation, '9', card('two'), '5');
  await way.letOneGo();
  assert.equal(await written, '9');
  assert.deepEqual(
    way.sent.map(({ how, to }) => `${how} ${to}`),
    ['POST a:1', 'PUT a:1 9'],
  );
});

test('what a person waits for goes at once; progress and receipts make way for it', async () => {
  const hows: unknown[] = [];
  const connector: ConnectorClient = {
    send: async (_, __, ___, how) => void hows.push(how) as undefined,
    update: async (_, __, ___, ____, how) => void hows.push(how),
  };
  const outbox = createOutbox({ connector, addresses });
  await outbox.send(conversation, 'en', say('a'));
  await outbox.replace(conversation, 'en', '9', say('a'));
  await outbox.typing(conversation);
  await outbox.write(conversation, '9', card('one'));
  await outbox.write(conversation, undefined, card('one'));
  const atOnce = { tenantId: 'tenant' };
  const unhurried = { tenantId: 'tenant', roomWithinMs: 3_000, goesWithoutRoom: true };
  assert.deepEqual(hows, [atOnce, atOnce, atOnce, unhurried, unhurried]);
});

test('everything says who it is from, where it belongs and what it answers', async () => {
  const way = createWayOut();
  const sent = way.outbox.send(conversation, 'en', say('a'), '5');
  const typed = way.outbox.typing(conversation);
  await way.letOneGo();
  await way.letOneGo();
  await Promise.all([sent, typed]);
  const common = {
    channelId: 'msteams',
    serviceUrl: conversation.serviceUrl,
    from: conversation.bot,
    conversation: { id: 'a:1' },
  };
  const message = { type: 'message', text: 'a', textFormat: 'plain' };
  assert.deepEqual(way.sent[0]?.activity, { ...message, ...common, replyToId: '5' });
  assert.deepEqual(way.sent[1]?.activity, { type: 'typing', ...common });
});

test('progress is written in order with all else on its card, tried once, and not sent anew when the card is gone', async () => {
  const way = createWayOut();
  const progress = way.outbox.tryWriting(conversation, '9', card('a'));
  const receipt = way.outbox.write(conversation, '9', card('b'));
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

test('what becomes of cards and lines is told in terms that features know', async () => {
  const failure = new ConnectorError({ reason: 'refused', status: 429, retryAfterMs: 9000 });
  const expected = { name: 'ConnectorError', fault: 'passing', mayBeTaken: false, retryAfterMs: 9000 };
  const person = { tenantId: 't', aadObjectId: 'o', teamsId: '29:a', name: 'A' };
  for (const say of [
    ({ write }: Outbox) => write(conversation, undefined, card('a')),
    ({ write }: Outbox) => write(conversation, '9', card('a')),
    ({ mention }: Outbox) => mention(conversation, person, 'a'),
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
  const sent = way.outbox.mention(conversation, person, 'done <b>&amp;</b>', '5');
  await way.letOneGo();
  await sent;
  const { text, textFormat, entities }: Readonly<Record<string, unknown>> = way.sent[0]?.activity ?? {};
  const inner = 'A&lt;/at&gt;&lt;at&gt;Everyone&lt;/at&gt; &amp; &quot;Ö&quot;';
  assert.equal(text, `<at>${inner}</at> done &lt;b&gt;&amp;amp;&lt;/b&gt;`);
  assert.equal(textFormat, 'xml');
  assert.deepEqual(entities, [{ type: 'mention', text: `<at>${inner}</at>`, mentioned: { id: '29:a', name } }]);
});
