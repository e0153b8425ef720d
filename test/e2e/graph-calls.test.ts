import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const clock = { aheadMs: 0 };
const { sandbox, answers, ask, waitForWords } = await startRehearsal({
  now: () => Date.now() + clock.aheadMs,
  env: { SYNC_COOLDOWN_S: '0' },
});
const { client, graph } = sandbox;
const ada = sandbox.person('ada');
const bruno = sandbox.person('bruno');
const chat = sandbox.conversations.personal(ada);

/** Requests to Graph since the last call, without those for apps: `GET list`, `GET one`, `POST`. */
function createCalls() {
  let seen = 0;
  return () => {
    const requests = graph.requests.slice(seen);
    seen = graph.requests.length;
    return requests
      .filter(({ path }) => path.includes('/vppTokens'))
      .map(({ method, path }) => (method === 'POST' ? 'POST' : `GET ${/vppTokens\/./.test(path) ? 'one' : 'list'}`));
  };
}
const calls = createCalls();
const adatum = () => graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === 'Adatum');

test('a token’s state is read once in 30 s for the same person, and each time says when it was read', async () => {
  await ask(ada, chat, 'status vpp adatum');
  assert.deepEqual(calls(), ['GET list']);
  clock.aheadMs += 20_000;
  await ask(ada, chat, 'status vpp proseware');
  await ask(ada, chat, 'status vpp adatum');
  assert.deepEqual(calls(), []);
  clock.aheadMs += 10_000;
  await ask(ada, chat, 'status vpp adatum');
  assert.deepEqual(calls(), ['GET list']);
});

test('what one person read serves nobody else, nor whoever signed out', async () => {
  await ask(ada, chat, 'status vpp adatum');
  calls();
  await ask(bruno, sandbox.conversations.personal(bruno), 'status vpp adatum');
  assert.deepEqual(calls(), ['GET list']);
  await ask(ada, chat, 'sign out');
  await ask(ada, chat, 'status vpp adatum');
  assert.deepEqual(calls(), ['GET list']);
});

test('Refresh reads anew, and so does a name that was not there', async () => {
  const card = await ask(ada, chat, 'status vpp adatum');
  calls();
  await client.press(ada, chat, card.id, buttonOn(card, 'Refresh', ada));
  assert.deepEqual(calls(), ['GET one']);
  await ask(ada, chat, 'status vpp nobody is called so');
  assert.deepEqual(calls(), ['GET list']);
});

test('a sync reads its token anew and posts once; whoever asks afterwards reads anew', async () => {
  clock.aheadMs += 30_000;
  calls();
  await ask(ada, chat, 'sync vpp adatum');
  assert.deepEqual(calls().slice(0, 3), ['GET list', 'GET one', 'POST']);
  await waitForWords(chat, /Sync completed in/);
  clock.aheadMs += 1_000;
  calls();
  const after = await ask(ada, chat, 'status vpp adatum');
  assert.deepEqual(calls(), ['GET list']);
  assert.match(wordsOf(after), /Adatum/);
  await ask(ada, chat, 'status vpp adatum');
  assert.deepEqual(calls(), []);
  await ask(ada, chat, 'sync vpp adatum');
  assert.deepEqual(calls().slice(0, 2), ['GET one', 'POST']);
  const ended = () => answers(chat).filter((message) => /Sync completed in/.test(wordsOf(message)))[1];
  await client.waitFor(ended, 8_000, 'the second receipt');
});

test('a name that was typed starts nothing once its token has expired, however lately it was read', async () => {
  clock.aheadMs += 30_000;
  await ask(ada, chat, 'status vpp adatum');
  graph.controls.expireToken(adatum()?.id ?? assert.fail());
  calls();
  const refused = await ask(ada, chat, 'sync vpp adatum');
  assert.match(wordsOf(refused), /expired/i);
  assert.deepEqual(calls(), ['GET one']);
});
