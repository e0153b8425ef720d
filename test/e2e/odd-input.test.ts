import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, suite, test } from 'node:test';
import { doubleEncoded, joined, plain, scopeSentence, singleEncoded } from '../support/error-bodies.ts';
import { assertExplains, assertPlain, postsOf } from '../support/messages.ts';
import { startRehearsal, wordsOf } from '../support/rehearsal.ts';
import { many, startAda } from './ada.ts';

const rehearsal = await startRehearsal({ retryAfterMs: 400 });
const { sandbox, answers, ask } = rehearsal;
const { client, conversations, connector } = sandbox;
const ada = sandbox.person('ada');
connector.setRateLimits(false);
const chat = conversations.personal(ada);
const { group } = conversations;

const texts: readonly [why: string, text: string, words: RegExp][] = [
  ['nothing', '', /What I can do/],
  ['spaces that are none', '&nbsp; \u200b\u00a0', /What I can do/],
  ['100 KB', `sync vpp ${'contoso '.repeat(12_500)}`, /too long. Use at most 500 characters/],
  ['60 KB of entities', '&nbsp;'.repeat(10_000), /too long/],
  ['emoji', '🙂🔄', /don’t know that command/],
  ['a client’s mark-up for a card, and no words', '<attachment id="1"></attachment>', /What I can do/],
  ['half a character', 'sync \ud83d', /No token you can see is called|tokens/],
  ['a word that holds the verb', 'async contoso', /don’t know that command/],
  ['markup as a name', 'sync <script>alert(1)</script>', /No token you can see is called/],
  ['dates that clients would draw', 'sync {{DATE(2026-01-01T00:00:00Z, SHORT)}}', /can’t tell which token you mean/],
];
for (const [why, text, words] of texts) {
  test(`${why}: it is answered, and nothing is POSTed`, async () => {
    assert.match(wordsOf(await ask(ada, chat, text)), words);
    assert.equal(postsOf(rehearsal).length, 0);
  });
}

test('a mention and nothing else is met with help', async () => {
  assert.match(wordsOf(await ask(ada, group, '')), /What I can do.*mention me first/s);
});

test('a message without a text, with null, or with an attachment alone is met with help', async () => {
  for (const changes of [
    { text: undefined },
    { text: null },
    { text: undefined, attachments: [{ contentType: 'image/png' }] },
  ]) {
    const before = answers(chat).length;
    const activity = client.activities.message(ada, chat, {
      id: client.timeline.nextId(),
      conversationId: chat.id,
      text: '',
      mention: false,
    });
    assert.equal((await connector.deliver({ ...activity, ...changes } as never)).status, 200);
    await client.waitFor(
      () =>
        answers(chat)
          .slice(before)
          .some((each) => /What I can do/.test(wordsOf(each))),
      3000,
    );
  }
});

test('Teams’ second post of a message, when the first is slow, has no second effect', async () => {
  sandbox.graph.controls.setLatency(500);
  const before = answers(chat).length;
  const { delivery } = await client.say(ada, chat, 'sync vpp adatum');
  assert.equal(delivery?.attempts, 2);
  await rehearsal.waitForWords(chat, /Adatum.*Sync completed/s);
  sandbox.graph.controls.setLatency(undefined);
  assert.equal(postsOf(rehearsal).length, 1);
  assert.equal(answers(chat).length, before + 1);
});

test('the same activity delivered again, even at once, is one', async () => {
  const activity = client.activities.message(ada, chat, {
    id: client.timeline.nextId(),
    conversationId: chat.id,
    text: 'status vpp adatum',
    mention: false,
  });
  const before = answers(chat).length;
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => connector.deliver(activity)));
  assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set([200]));
  await ask(ada, chat, 'help');
  assert.equal(answers(chat).length, before + 2);
});

suite('what Graph says is put into words', many, () => {
  const secretly = 'https://graph.microsoft.com/v1.0/x?token=eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln';
  const bodies: readonly [why: string, status: number, body: string, words: RegExp][] = [
    ['403, encoded once', 403, singleEncoded('An error has occurred'), /denied access/],
    ['403, encoded twice', 403, doubleEncoded('An error has occurred'), /denied access/],
    ['403, joined', 403, joined('An error has occurred'), /denied access/],
    [
      '403, a missing scope, encoded once',
      403,
      singleEncoded(scopeSentence),
      /lacks a permission.*DeviceManagementServiceConfig\.Read/s,
    ],
    ['403, a missing scope, encoded twice', 403, doubleEncoded(scopeSentence), /lacks a permission/],
    ['401 that is a role refused', 401, plain('Forbidden', 'An error has occurred'), /denied access/],
    ['403 from a proxy', 403, '<html><h1>Blocked</h1>by proxy.corp.example.com</html>', /denied access/],
    ['400 that quotes what it was sent', 400, plain('BadRequest', `Bad value in ${secretly}`), /didn’t understand/],
    ['403 that is no text at all', 403, '\u0000\ufffd{"error":', /denied access/],
    ['a list that is none', 200, '{"value":{"id":"x"}}', /couldn’t read Intune’s answer/],
    ['tokens that are none', 200, '{"value":[1,null,"x",{}]}', /couldn’t read Intune’s answer/],
    ['a list of nothing', 200, '{"value":[]}', /no Apple VPP token you can see/],
  ];
  for (const [why, status, body, words] of bodies) {
    test(why, async () => {
      const server = createServer((_, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      after(() => server.close());
      const { port } = server.address() as AddressInfo;
      const rig = await startAda({ GRAPH_URL: `http://127.0.0.1:${port}` });
      const answer = await rig.answer();
      assert.match(wordsOf(answer), words);
      assertPlain(wordsOf(answer));
      if (status !== 200) assertExplains(answer);
    });
  }
});
