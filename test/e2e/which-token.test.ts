import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardOf, choicesOn, postsOf, tokenIdOf } from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const rehearsal = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0', GRAPH_BETA: 'on' } });
const { sandbox, answers, ask, waitForWords } = rehearsal;
const { client, conversations } = sandbox;
const [ada, elif] = [sandbox.person('ada'), sandbox.person('elif')];
const { group } = conversations;

/** The POSTs since it was called. */
function watchPosts() {
  const before = postsOf(rehearsal).length;
  return () => postsOf(rehearsal).slice(before);
}

test('several tokens of one name: a card asks which, and the pressed choice is synced on it', async () => {
  const chat = conversations.personal(ada);
  const posts = watchPosts();
  const question = await ask(ada, chat, 'sync vpp contoso');
  assert.match(wordsOf(question), /“contoso” matches 6 tokens/);
  const choices = choicesOn(cardOf(question));
  assert.equal(choices.length, 6);
  assert.deepEqual(posts(), []);
  const retail = choices.find(({ title }) => title.includes('Contoso Retail'))?.value ?? assert.fail();
  const pressed = await client.press(ada, chat, question.id, buttonOn(question, 'Sync now'), { choice: retail });
  assert.equal(pressed.statusCode, 200);
  const receipt = await waitForWords(chat, /Contoso Retail.*Sync completed/s);
  assert.equal(receipt.id, question.id);
  assert.deepEqual(posts(), [`${ada.aadObjectId} ${tokenIdOf(rehearsal, 'Contoso Retail')}`]);
});

test('the number may be typed instead', async () => {
  const chat = conversations.personal(ada);
  const posts = watchPosts();
  const question = await ask(ada, chat, 'sync vpp contoso');
  const index = choicesOn(cardOf(question)).findIndex(({ title }) => title.includes('Contoso HQ'));
  await client.say(ada, chat, String(index + 1));
  await waitForWords(chat, /Contoso HQ.*Sync completed/s);
  assert.deepEqual(posts(), [`${ada.aadObjectId} ${tokenIdOf(rehearsal, 'Contoso HQ')}`]);
});

test('or more of the name', async () => {
  const chat = conversations.personal(ada);
  const posts = watchPosts();
  await ask(ada, chat, 'sync vpp contoso');
  await client.say(ada, chat, 'zurich');
  await waitForWords(chat, /Contoso Zürich.*Sync completed/s);
  assert.deepEqual(posts(), [`${ada.aadObjectId} ${tokenIdOf(rehearsal, 'Contoso Zürich')}`]);
});

test('a typed answer collapses the question’s card to what was chosen', async () => {
  const chat = conversations.personal(ada);
  const posts = watchPosts();
  const question = await ask(ada, chat, 'sync vpp contoso');
  const title = choicesOn(cardOf(question))[1]?.title ?? assert.fail();
  await client.say(ada, chat, '2');
  await client.waitFor(() => /^Answered: /.test(wordsOf(client.timeline.get(chat, question.id))));
  const name = /^Answered: (.+)\.$/.exec(wordsOf(client.timeline.get(chat, question.id)))?.[1] ?? '';
  assert.ok(title.includes(name), `${title}: ${name}`);
  await waitForWords(chat, new RegExp(`${name}.*Sync completed`, 's'));
  assert.equal(posts().length, 1);
});

test('a quoted card says what is meant: a token’s card its token, a question’s card its question', async () => {
  const posts = watchPosts();
  const card = await ask(ada, group, 'status contoso retail');
  const question = await ask(ada, group, 'sync vpp contoso');
  const number = choicesOn(cardOf(question)).findIndex(({ title }) => title.includes('Contoso HQ')) + 1;
  const quoting = { mention: true, quotes: question.id };
  await client.say(elif, group, String(number), quoting);
  await waitForWords(group, /Only the person who asked/);
  assert.deepEqual(posts(), []);
  await client.say(ada, group, String(number), quoting);
  await waitForWords(group, /Contoso HQ.*Sync completed/s);
  await client.say(elif, group, '同步', { mention: true, quotes: card.id });
  await waitForWords(group, /Contoso Retail.*(?:Sync completed|no right|not allowed)/s);
  assert.equal(posts()[0], `${ada.aadObjectId} ${tokenIdOf(rehearsal, 'Contoso HQ')}`);
  assert.equal(posts()[1], `${elif.aadObjectId} ${tokenIdOf(rehearsal, 'Contoso Retail')}`);
});

test('of a forwarded message only the person’s own words count', async () => {
  const chat = conversations.personal(ada);
  const posts = watchPosts();
  const forwards = 'sync vpp adatum\n\nThanks';
  await client.say(ada, chat, 'status vpp contoso retail', { forwards });
  await waitForWords(chat, /Contoso Retail/);
  await client.say(ada, chat, '', { forwards });
  assert.deepEqual(posts(), []);
});

test('Cancel puts the question away and starts nothing', async () => {
  const chat = conversations.personal(ada);
  const posts = watchPosts();
  const question = await ask(ada, chat, 'sync vpp contoso');
  await client.press(ada, chat, question.id, buttonOn(question, 'Cancel'));
  await client.waitFor(() => /Cancelled\. Nothing was changed/.test(wordsOf(client.timeline.get(chat, question.id))));
  assert.match(wordsOf(await ask(ada, chat, '1')), /don’t know that command/);
  assert.deepEqual(posts(), []);
});

test('in a group nobody else answers the question, by button or number, and it stays as it is', async () => {
  const posts = watchPosts();
  const question = await ask(ada, group, 'sync vpp contoso');
  const shown = JSON.stringify(cardOf(question));
  await ask(elif, group, 'status adatum');
  const pressed = await client.press(elif, group, question.id, buttonOn(question, 'Sync now'), { choice: '1' });
  assert.match(pressed.text ?? '', /Only the person who asked/);
  const cancelled = await client.press(elif, group, question.id, buttonOn(question, 'Cancel'));
  assert.match(cancelled.text ?? '', /Only the person who asked/);
  assert.match(wordsOf(await ask(elif, group, '2')), /don’t know that command/);
  assert.equal(JSON.stringify(cardOf(client.timeline.get(group, question.id), elif)), shown);
  assert.deepEqual(posts(), []);
  await client.press(ada, group, question.id, buttonOn(question, 'Sync now'), { choice: '1' });
  await client.waitFor(() => posts().length === 1);
});

test('a misspelt name is met with the nearest, and nothing runs until one is chosen', async () => {
  const chat = conversations.personal(elif);
  const posts = watchPosts();
  const offered = await ask(elif, chat, 'sync vpp adatim');
  assert.match(wordsOf(offered), /No token you can see is called “adatim”.*closest/s);
  await client.say(elif, chat, 'hmm');
  assert.deepEqual(posts(), []);
  await client.press(elif, chat, offered.id, buttonOn(offered, 'Sync now'), { choice: '1' });
  await waitForWords(chat, /Adatum.*Sync completed/s);
  assert.deepEqual(posts(), [`${elif.aadObjectId} ${tokenIdOf(rehearsal, 'Adatum')}`]);
});

test('a name that is like none says so', async () => {
  const reply = await ask(elif, conversations.personal(elif), 'sync vpp zzyzx');
  assert.match(wordsOf(reply), /No token you can see is called “zzyzx”.*Intune admin center shows it/s);
});

test('a name that fits more than fifteen shows fifteen, counts the rest, and more of the name finds those too', async () => {
  const signe = sandbox.person('signe');
  const chat = conversations.personal(signe);
  sandbox.graph.controls.setTokenCount(signe.tenantId, 60);
  const posts = watchPosts();
  const question = await ask(signe, chat, 'sync branch');
  const choices = choicesOn(cardOf(question));
  assert.equal(choices.length, 15);
  assert.match(wordsOf(question), /matches 55 tokens.*1–15 of 55/s);
  await client.say(signe, chat, 'branch 0060');
  await waitForWords(chat, /Branch 0060.*Sync completed/s);
  assert.equal(posts().length, 1);
});

test('a token that cannot sync is not asked to, and its card says why and what to do', async () => {
  const chat = conversations.personal(ada);
  const posts = watchPosts();
  for (const [name, words] of [
    ['Contoso Événements', /has expired, so it can’t sync\. Nothing was started.*Next step.*new token file/s],
    ['Wingtip Toys', /is invalid, so it can’t sync/],
    ['Litware', /in use by another MDM, so it can’t sync/],
  ] as const) {
    assert.match(wordsOf(await ask(ada, chat, `sync ${name}`)), words);
  }
  assert.deepEqual(posts(), []);
  assert.ok(answers(chat).length > 0);
});
