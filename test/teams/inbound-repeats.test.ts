import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireActivity } from '../../sandbox/teams/activities.ts';
import { buttonOn, startRehearsal, wordsOf } from '../rehearsal.ts';
import { createDoor } from './door.ts';

const rehearsal = await startRehearsal({ env: { MONITOR: 'off', GRAPH_BETA: 'on' } });
const { sandbox, answers } = rehearsal;
sandbox.connector.setRateLimits(false);
const door = createDoor(rehearsal);
const { ada, chat } = door;

const posts = () => sandbox.graph.requests.filter(({ method }) => method === 'POST').length;
const sentToTeams = () => sandbox.connector.requests.length;

/** Sends the same activity many times at once, as Teams never would and an attacker with one captured request might. */
async function sendTwenty(activity: WireActivity) {
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => door.send(activity)));
  assert.deepEqual([...new Set(outcomes.map(({ status }) => status))], [200]);
  await sandbox.client.idle();
}

test('a message that comes again is answered 200 and has no second effect', async () => {
  const message = door.message();
  await door.isAnswered(message);
  const before = sentToTeams();
  for (let time = 0; time < 3; time += 1) assert.equal((await door.send(message)).status, 200);
  assert.equal(sentToTeams(), before);
});

test('a message that comes twenty times at once is answered once', async () => {
  const before = answers(chat).length;
  await sendTwenty(door.message());
  assert.equal(answers(chat).length, before + 1);
});

test('the same id in another conversation, and another id here, is another message', async () => {
  const message = door.message();
  await door.isAnswered(message);
  const { group } = sandbox.conversations;
  await door.isAnswered({ ...door.messageFrom(ada, group), id: message.id ?? '' });
  await door.isAnswered(door.message());
});

test('a command that comes twenty times at once starts one sync', async () => {
  await sendTwenty(door.message({ text: 'sync vpp Contoso HQ' }));
  const card = await rehearsal.waitForWords(chat, /Contoso HQ/);
  await sandbox.client.idle();
  assert.equal(posts(), 1);
  assert.equal(answers(chat).filter((message) => message.id === card.id).length, 1);
});

test('a press that comes twenty times at once acts once, and each is answered with a card or a word', async () => {
  // Somebody else, because Ada has sent as much as one person may for now.
  const elif = sandbox.person('elif');
  const place = sandbox.conversations.personal(elif);
  const card = await rehearsal.ask(elif, place, 'status vpp Contoso Retail');
  const { verb, data } = buttonOn(card, 'Sync now');
  const press = sandbox.client.activities.invoke(elif, place, {
    conversationId: place.id,
    name: 'adaptiveCard/action',
    value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' },
    replyToId: card.id,
  });
  const before = posts();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => door.send(press)));
  for (const { status, body } of outcomes) {
    assert.deepEqual([status, (body as { statusCode?: number }).statusCode], [200, 200], JSON.stringify(body));
  }
  await rehearsal.waitForWords(place, /Contoso Retail/);
  assert.equal(posts(), before + 1, wordsOf(card));
});
