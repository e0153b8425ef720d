import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSignInWindow } from '../../sandbox/teams/sign-in.ts';
import { assertExplains, cardOf, postsOf, tokenIdOf } from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const rehearsal = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0' } });
const { sandbox, answers, ask, waitForWords } = rehearsal;
const { client, conversations } = sandbox;
const { group, channel } = conversations;
const [ada, elif, bruno] = [sandbox.person('ada'), sandbox.person('elif'), sandbox.person('bruno')];
const [dana, chen, gita] = [sandbox.person('dana'), sandbox.person('chen'), sandbox.person('gita')];

function watchPosts() {
  const before = postsOf(rehearsal).length;
  return () => postsOf(rehearsal).slice(before);
}
const latest = (id: string) => client.timeline.get(group, id);

test('Sync now on a colleague’s card acts as the presser, who signs in silently for it', async () => {
  const card = await ask(ada, group, 'status vpp adatum');
  const posts = watchPosts();
  const pressed = await client.press(elif, group, card.id, buttonOn(card, 'Sync now'));
  assert.equal(pressed.deliveries.length, 2, 'asked for a token, then carried out');
  assert.equal(pressed.problem, undefined);
  const receipt = await waitForWords(group, /Adatum.*Sync completed/s);
  assert.equal(receipt.id, card.id);
  assert.match(wordsOf(receipt), /Asked by Elif Karaduman/);
  assert.deepEqual(posts(), [`${elif.aadObjectId} ${tokenIdOf(rehearsal, 'Adatum')}`]);
});

test('somebody of whom Teams does not say who they are reads so, in their language, and nothing is done', async () => {
  const posts = watchPosts();
  for (const [person, place, words] of [
    [ada, conversations.personal(ada), /Teams didn’t say who pressed this.*press again.*Reference/],
    [ada, group, /Teams didn’t say who pressed this/],
    [ada, channel, /Teams didn’t say who pressed this/],
    [chen, group, /Teams 没有说明是谁点击了按钮/],
  ] as const) {
    const card = await ask(ada, place, 'status vpp adatum');
    const { verb, data } = buttonOn(card, 'Sync now');
    const value = { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' };
    const { activities, timeline } = client;
    const conversationId = timeline.get(place, card.id).conversationId;
    const press = activities.invoke(person, place, {
      conversationId,
      name: 'adaptiveCard/action',
      value,
      replyToId: card.id,
    });
    const outcome = await sandbox.connector.deliver({ ...press, from: { id: person.teamsId, name: person.name } });
    assert.equal(outcome.status, 200);
    assert.match(JSON.stringify(outcome.body), /"statusCode":200,"type":"application\/vnd.microsoft.activity.message"/);
    assert.match(JSON.stringify(outcome.body), words);
  }
  assert.deepEqual(posts(), []);
});

test('a message of somebody of whom Teams does not say who they are is answered so, in their language', async () => {
  const posts = watchPosts();
  for (const [person, words] of [
    [ada, /Teams didn’t say who wrote this.*ask again.*Reference/],
    [chen, /Teams 没有说明消息是谁发送的/],
  ] as const) {
    const parts = { id: client.timeline.nextId(), conversationId: group.id, text: 'sync vpp adatum', mention: true };
    const message = client.activities.message(person, group, parts);
    await sandbox.connector.deliver({ ...message, from: { id: person.teamsId, name: person.name } });
    await waitForWords(group, words);
  }
  assert.deepEqual(posts(), []);
});

test('a person without the role reads why, and the card everybody sees stays and still works', async () => {
  const card = await ask(ada, group, 'status vpp adatum');
  const shown = JSON.stringify(cardOf(card));
  const posts = watchPosts();
  for (const person of [bruno, dana]) {
    const pressed = await client.press(person, group, card.id, buttonOn(card, 'Sync now'));
    assertExplains(pressed.text ?? '', /Intune denied access\. Nothing was changed/, /role/, /An Intune administrator/);
  }
  assert.equal(JSON.stringify(cardOf(latest(card.id))), shown);
  assert.equal(JSON.stringify(cardOf(latest(card.id), dana)), shown);
  await client.press(ada, group, card.id, buttonOn(card, 'Sync now'));
  await client.waitFor(() => /Sync completed/.test(wordsOf(latest(card.id))), 5000, 'the receipt');
  assert.deepEqual(
    posts().map((post) => post.split(' ')[0]),
    [bruno.aadObjectId, ada.aadObjectId],
    'Bruno may read, so his POST was refused by Intune itself',
  );
});

test('somebody whose scope tags hide the token uses up nobody’s button', async () => {
  const card = await ask(ada, group, 'status vpp adatum');
  const posts = watchPosts();
  const pressed = await client.press(chen, group, card.id, buttonOn(card, 'Sync now'));
  assert.match(pressed.text ?? '', /作用域标记/);
  assert.doesNotMatch(pressed.text ?? '', /[0-9a-f]{8}-[0-9a-f]{4}/);
  await client.press(ada, group, card.id, buttonOn(card, 'Sync now'));
  await client.waitFor(() => posts().length === 1);
  await client.waitFor(() => /Sync completed/.test(wordsOf(latest(card.id))), 5000, 'the receipt');
});

test('a refusal after the sign-in window is posted beside the shared card, not on it', async () => {
  client.setSso(dana, 'off');
  await ask(dana, group, 'sign out');
  const card = await ask(ada, group, 'status vpp adatum');
  const shown = JSON.stringify(cardOf(card));
  const pressed = await client.press(dana, group, card.id, buttonOn(card, 'Sync now'));
  assert.equal(pressed.signInOffered, true);
  const offer = latest(card.id).signIns.get(dana.key) ?? assert.fail();
  // This client hands the code over by signin/verifyState, as some do.
  const { code } = await openSignInWindow(offer.url, dana);
  const invoke = client.activities.invoke(dana, group, {
    conversationId: group.id,
    name: 'signin/verifyState',
    value: { state: code },
  });
  assert.equal((await sandbox.connector.deliver(invoke)).status, 200);
  const message = await waitForWords(group, /Intune denied access/);
  assert.notEqual(message.id, card.id);
  assert.equal(JSON.stringify(cardOf(latest(card.id))), shown);
  client.setSso(dana, 'silent');
});

test('Refresh shows the token anew on the same card, to whoever presses', async () => {
  const card = await ask(ada, group, 'status vpp fabrikam');
  sandbox.graph.controls.setState(tokenIdOf(rehearsal, 'Fabrikam Logistics'), 'invalid');
  const pressed = await client.press(bruno, group, card.id, buttonOn(card, 'Refresh'));
  assert.equal(pressed.statusCode, 200);
  await client.waitFor(() => /Invalid/.test(wordsOf(latest(card.id))), 3000, 'the new state');
  assert.equal(answers(group).filter(({ id }) => id === card.id).length, 1);
});

test('Refresh of a token that was deleted says so and leaves the card', async () => {
  const card = await ask(ada, group, 'status vpp proseware');
  sandbox.graph.controls.deleteToken(tokenIdOf(rehearsal, 'Proseware'));
  const pressed = await client.press(ada, group, card.id, buttonOn(card, 'Refresh'));
  assertExplains(pressed.text ?? '', /Intune no longer has this token/);
});

test('what Teams refreshes by itself changes nothing', async () => {
  const card = await ask(ada, group, 'status vpp adatum');
  const posts = watchPosts();
  const seen = await client.refresh(elif, group, card.id, buttonOn(card, 'Sync now'));
  assert.match(seen.text ?? '', /somebody has to press/);
  assert.deepEqual(posts(), []);
});

test('a colleague’s press on somebody’s Continue is refused by name and changes nothing', async () => {
  await ask(chen, channel, '退出');
  const card = await ask(chen, channel, '同步 华东零售');
  const posts = watchPosts();
  const pressed = await client.press(ada, channel, card.id, buttonOn(card, '继续'));
  assert.match(pressed.text ?? '', /Only 陈语安 can use this/);
  assert.deepEqual(posts(), []);
  assert.ok(buttonOn(client.timeline.get(channel, card.id), '继续'));
  await client.press(chen, channel, card.id, buttonOn(card, '继续'));
  await client.waitFor(() => posts().length === 1);
  assert.deepEqual(posts()[0]?.split(' ')[0], chen.aadObjectId);
  const again = await client.press(chen, channel, card.id, buttonOn(card, '继续'));
  assert.match(again.text ?? '', /[\p{Script=Han}]/u);
  assert.equal(posts().length, 1);
});

test('a guest of a tenant without the bot is refused in words, and nothing was asked of Graph for them', async () => {
  const reply = await ask(gita, group, 'sync vpp adatum');
  assert.match(wordsOf(reply), /Your organisation is not set up for this bot/);
  const checked = wordsOf(await ask(gita, group, 'doctor'));
  assert.match(checked, /Your organisation is not set up for this bot\..*guest here/);
  assert.doesNotMatch(checked, /Say “sign in”, then “doctor” again to check more|No problems found/);
  const personal = await ask(gita, conversations.personal(gita), 'sync vpp adatum');
  assert.match(wordsOf(personal), /not set up for this bot/);
  assert.ok(!sandbox.graph.requests.some(({ personOid }) => personOid === gita.aadObjectId));
});

test('forged presses are answered and do nothing', async () => {
  const card = await ask(ada, group, 'status vpp adatum');
  const real = buttonOn(card, 'Sync now');
  const posts = watchPosts();
  for (const forged of [
    { ...real, verb: 'sync/choose' },
    { ...real, verb: 'dialog/cancel' },
    { ...real, verb: '__proto__' },
    { ...real, data: { id: 'made-up' } },
    { ...real, data: { id: '' } },
    { ...real, data: { id: `${real.data.id}'; DROP TABLE card_records; --` } },
  ]) {
    const pressed = await client.press(ada, group, card.id, forged);
    assert.equal(pressed.problem, undefined, forged.verb);
    assert.match(pressed.text ?? '', /no longer works/);
  }
  for (const forged of [
    { ...real, verb: 7 },
    { ...real, data: null },
    { ...real, data: [] },
    { ...real, data: { id: 7 } },
  ]) {
    const pressed = await client.press(ada, group, card.id, forged as never);
    assert.equal(pressed.deliveries[0]?.status, 200);
    assert.equal(pressed.statusCode, 400);
  }
  assert.deepEqual(posts(), []);
});
