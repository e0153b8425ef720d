import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ConnectorFault } from '../../sandbox/teams/connector.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { currentVersion, type TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { startRehearsal, wordsOf } from '../support/rehearsal.ts';

let aheadMs = 0;
const now = () => Date.now() + aheadMs;
const { sandbox, ask, answers } = await startRehearsal({ now });
const { client, connector, conversations } = sandbox;
const ada = sandbox.person('ada');
const chat = conversations.personal(ada);
await ask(ada, chat, 'status vpp fabrikam');

/** Plans faults for the next messages that the bot posts. */
function failNext(fault: ConnectorFault, count = 1): void {
  connector.failNoMore();
  connector.failNext(count, { method: 'POST', activity: 'message', ...fault });
}

/** Says something, and finds the bot's later messages there that match. */
async function say(
  person: typeof ada,
  place: TeamsConversation,
  text: string,
  isAnswer: (each: TeamsMessage) => boolean,
) {
  const before = answers(place).length;
  await client.say(person, place, text, { mention: place.kind !== 'personal' });
  const found = () => answers(place).slice(before).filter(isAnswer);
  return { found, first: () => client.waitFor(() => found()[0], 20_000, `an answer to ${text}`) };
}
const askStatus = (place: TeamsConversation) =>
  say(ada, place, 'status vpp contoso hq', (each) => /Contoso/.test(wordsOf(each)));

/** The clock goes forward by a minute in a second until the work is done. Resolves to how far it went. */
async function putForwardUntil(work: Promise<unknown>): Promise<number> {
  const from = aheadMs;
  const timer = setInterval(() => {
    aheadMs += 6_000;
  }, 100);
  await work.finally(() => clearInterval(timer));
  return aheadMs - from;
}

suite('an answer reaches whoever waits, though Teams', () => {
  for (const place of [chat, conversations.group, conversations.channel]) {
    for (const fault of [
      { status: 412 },
      { status: 429, retryAfter: 1 },
      { status: 404, code: 'ConversationNotFound' },
    ])
      test(`answers ${fault.status} once: at once, and once only (${place.kind})`, async () => {
        failNext(fault);
        const { first, found } = await askStatus(place);
        await first();
        aheadMs += 60_000;
        await ask(ada, place, 'help');
        assert.equal(found().length, 1);
      });

    for (const status of [500, 502, 503, 504, 0])
      test(`answers ${status || 'nothing'} once: half a minute later (${place.kind})`, async () => {
        failNext({ status });
        const { first, found } = await askStatus(place);
        assert.ok((await putForwardUntil(first())) >= 24_000, 'not at once, since it may be there');
        assert.equal(found().length, 1);
      });
  }

  test('takes it and says that it did not: then it comes twice', async () => {
    failNext({ status: 502, afterStoring: true });
    const { first, found } = await askStatus(chat);
    await first();
    await putForwardUntil(client.waitFor(() => found()[1], 20_000, 'the answer once more'));
    await putForwardUntil(ask(ada, chat, 'help'));
    assert.equal(found().length, 2);
  });

  test('answers 503 for over a minute, or 412 for longer than it is tried at once', async () => {
    for (const [status, count] of [
      [503, 3],
      [412, 5],
    ] as const) {
      failNext({ status }, count);
      const { first } = await askStatus(chat);
      await putForwardUntil(first());
    }
  });
});

test('a sign-in card reaches whoever waits, though Teams refuses it in passing', async () => {
  const isSignIn = (each: TeamsMessage) =>
    (currentVersion(each).activity.attachments ?? []).some(({ contentType }) => contentType.endsWith('.oauth'));
  for (const [key, status] of [
    ['elif', 412],
    ['chen', 503],
  ] as const) {
    const person = sandbox.person(key);
    failNext({ status });
    const { first } = await say(person, conversations.personal(person), 'list vpp', isSignIn);
    await putForwardUntil(first());
  }
});
