import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postsOf, repliesTo, tokenIdOf, waitForButton, waitForSignInCard } from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const rehearsal = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0' } });
const { sandbox, answers, ask, waitForWords } = rehearsal;
const { client, conversations, graph } = sandbox;
const ada = sandbox.person('ada');
const elif = sandbox.person('elif');
const chen = sandbox.person('chen');
const signe = sandbox.person('signe');
const newPosts = () => {
  const before = postsOf(rehearsal).length;
  return () => postsOf(rehearsal).slice(before);
};

test('personal chat: silent sign-in, the token, its sync, and the receipt on the same card', async () => {
  const chat = conversations.personal(ada);
  const posts = newPosts();
  const { message: asked, delivery } = await client.say(ada, chat, 'sync vpp adatum');
  assert.equal(delivery?.status, 200);
  const card = await waitForWords(chat, /Syncing/);
  const receipt = await waitForWords(chat, /Sync completed in(?!.*being compared)/s);
  assert.equal(receipt.id, card.id);
  assert.deepEqual(posts(), [`${ada.aadObjectId} ${tokenIdOf(rehearsal, 'Adatum')}`]);
  assert.match(
    wordsOf(receipt),
    /Adatum.*Nothing changed: state, expiry, account, iPhone and iPad apps.*devices@adatum.example.com/,
  );
  for (const answer of answers(chat)) assert.equal(repliesTo(answer), asked.id);
  assert.equal(answers(chat).length, 2, 'a sign-in card and the card');
  const post = graph.requests.find(({ method }) => method === 'POST');
  assert.equal(post?.hadBody, false);
});

test('a second command needs no second sign-in', async () => {
  const chat = conversations.personal(ada);
  const exchanges = sandbox.entra.requests.length;
  assert.match(wordsOf(await ask(ada, chat, 'status vpp adatum')), /Adatum.*Valid/);
  assert.equal(sandbox.entra.requests.length, exchanges);
});

test('group chat: the same with a mention; the Apple ID is masked there', async () => {
  const { group } = conversations;
  const posts = newPosts();
  const unheard = await client.say(elif, group, 'sync vpp adatum');
  assert.equal(unheard.delivery, undefined);
  const { message: asked } = await client.say(elif, group, 'sync vpp adatum', { mention: true });
  const receipt = await waitForWords(group, /Sync completed in/);
  assert.deepEqual(posts(), [`${elif.aadObjectId} ${tokenIdOf(rehearsal, 'Adatum')}`]);
  assert.equal(repliesTo(receipt), asked.id);
  assert.doesNotMatch(wordsOf(receipt), /devices@adatum/);
});

test('channel: whoever is signed in already gets the card in their thread at once', async () => {
  const { channel } = conversations;
  const posts = newPosts();
  const { message: asked } = await client.say(elif, channel, 'sync vpp adventure works', { mention: true });
  const card = await waitForWords(channel, /Syncing/);
  assert.equal(card.rootId, asked.id);
  const receipt = await waitForWords(channel, /Sync completed in/);
  assert.equal(receipt.id, card.id);
  assert.deepEqual(
    posts().map((post) => post.split(' ')[0]),
    [elif.aadObjectId],
  );
});

test('channel: without a session the card waits for Continue, whose loginRequest is answered silently', async () => {
  const { channel } = conversations;
  const posts = newPosts();
  const bot = answers(channel).length;
  await client.say(chen, channel, '同步 华东零售', { mention: true });
  const card = await client.waitFor(() => answers(channel)[bot], 5000, 'the Continue card');
  assert.deepEqual(posts(), []);
  const pressed = await client.press(chen, channel, card.id, buttonOn(card, '继续'));
  assert.deepEqual(
    pressed.deliveries.map(({ body }) => (body as { statusCode: number }).statusCode),
    [401, 200],
  );
  await waitForWords(channel, /同步完成/);
  assert.deepEqual(posts(), [`${chen.aadObjectId} ${tokenIdOf(rehearsal, '华东零售有限公司')}`]);
  assert.equal(answers(channel).length, bot + 1);
});

test('channel: the sign-in button leads through the window, its code comes back, and the command goes on by itself', async () => {
  const own = await startRehearsal();
  const person = own.sandbox.person('ada');
  const { channel } = own.sandbox.conversations;
  own.sandbox.client.setSso(person, 'off');
  const card = await own.ask(person, channel, 'sync vpp adatum');
  const pressed = await own.sandbox.client.press(person, channel, card.id, buttonOn(card, 'Continue'));
  assert.equal(pressed.signInOffered, true);
  const window = await own.sandbox.client.signInThroughButton(person, channel, card.id);
  assert.equal(window.status, 200);
  assert.ok(window.visited.some((url) => url.endsWith('/auth/start')) && window.visited.at(-1)?.endsWith('/auth/end'));
  const receipt = await own.waitForWords(channel, /Sync completed in/);
  assert.equal(receipt.id, card.id);
  assert.deepEqual(postsOf(own), [`${person.aadObjectId} ${tokenIdOf(own, 'Adatum')}`]);
});

test('personal chat: the sign-in button does the same, by signin/verifyState', async () => {
  const own = await startRehearsal();
  const person = own.sandbox.person('ada');
  const chat = own.sandbox.conversations.personal(person);
  own.sandbox.client.setSso(person, 'off');
  const { message: asked } = await own.sandbox.client.say(person, chat, 'sync vpp adatum');
  const card = await waitForSignInCard(own, chat);
  await waitForButton(own, person, chat, card.id);
  const window = await own.sandbox.client.signInThroughButton(person, chat, card.id);
  assert.ok(window.visited.at(-1)?.endsWith('/auth/end'));
  const receipt = await own.waitForWords(chat, /Sync completed in/);
  assert.equal(repliesTo(receipt), asked.id);
  assert.equal(postsOf(own).length, 1);
});

test('a person whose Teams is Chinese is answered in Chinese, whatever language they type', async () => {
  const chat = conversations.personal(chen);
  const card = await ask(chen, chat, 'status 华东零售');
  assert.match(wordsOf(card), /有效 · 剩余/);
  assert.ok(buttonOn(card, '立即同步'));
  await client.say(chen, chat, '同步华东零售');
  await waitForWords(chat, /同步完成/);
});

test('another tenant’s person sees and syncs that tenant’s tokens alone', async () => {
  const chat = conversations.personal(signe);
  assert.match(wordsOf(await ask(signe, chat, 'sync adatum')), /No token you can see is called “adatum”/);
  const posts = newPosts();
  await client.say(signe, chat, 'sync ecole des tilleuls');
  await waitForWords(chat, /École des Tilleuls.*Sync completed/s);
  assert.deepEqual(posts(), [`${signe.aadObjectId} ${tokenIdOf(rehearsal, 'École des Tilleuls')}`]);
});

test('names with Markdown, HTML and accents are found and shown as they are', async () => {
  const chat = conversations.personal(ada);
  assert.match(wordsOf(await ask(ada, chat, 'status project phoenix')), /\*Project\* ?\[Phoenix\]|Phoenix/);
  assert.match(wordsOf(await ask(ada, chat, 'status cafe nandu')), /Café Ñandú/);
});

test('no write carries anybody’s token but the asker’s, and none the app’s', () => {
  const people = new Set([ada, elif, chen, signe].map(({ aadObjectId }) => aadObjectId));
  const writes = graph.requests.filter(({ method }) => method !== 'GET');
  assert.ok(writes.length >= 5);
  for (const { personOid } of writes) assert.ok(people.has(personOid), personOid);
});
