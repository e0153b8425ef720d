import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

async function start() {
  const rehearsal = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0', GRAPH_BETA: 'on' } });
  const { sandbox } = rehearsal;
  return {
    ...rehearsal,
    client: sandbox.client,
    person: (key: string) => sandbox.person(key),
    chatOf: (key: string) => sandbox.conversations.personal(key),
    async sync(key: string, words: string) {
      const chat = sandbox.conversations.personal(key);
      await rehearsal.ask(sandbox.person(key), chat, words);
      await rehearsal.waitForWords(chat, /Sync (completed|failed)/);
    },
  };
}

test('lists who synced a token, anybody and anywhere, the newest first', async () => {
  const { ask, person, chatOf, sync, sandbox } = await start();
  assert.match(wordsOf(await ask(person('ada'), chatOf('ada'), 'history vpp adatum')), /Nobody has asked me to sync/);
  await sync('ada', 'sync vpp adatum');
  sandbox.graph.controls.nextSyncEnds('failed');
  await sync('elif', 'sync vpp adatum');
  const words = wordsOf(await ask(person('ada'), chatOf('ada'), 'history adatum'));
  assert.match(words, /Adatum.* ✕ Failed after .*Elif Karaduman.* ✓ Completed in .*Ada Lindqvist/);
});

test('without a name lists every token the person can see, and none that Intune hides from them', async () => {
  const { ask, person, chatOf, sync } = await start();
  await sync('ada', 'sync vpp adatum');
  assert.match(
    wordsOf(await ask(person('bruno'), chatOf('bruno'), 'history')),
    /✓ Completed in .*Adatum.*Ada Lindqvist/,
  );
  const hidden = wordsOf(await ask(person('chen'), chatOf('chen'), '历史'));
  assert.match(hidden, /还没有人让我同步过/);
  assert.doesNotMatch(hidden, /Adatum|Ada Lindqvist/);
  const elsewhere = wordsOf(await ask(person('signe'), chatOf('signe'), 'history vpp'));
  assert.match(elsewhere, /Nobody has asked me/);
});

test('says of a refused request that nothing was started', async () => {
  const { ask, person, chatOf, sandbox } = await start();
  sandbox.graph.controls.failNext(1, { method: 'POST', path: 'syncLicenses', fault: { kind: 'status', status: 403 } });
  await ask(person('ada'), chatOf('ada'), 'sync vpp adatum');
  const words = wordsOf(await ask(person('ada'), chatOf('ada'), 'history vpp adatum'));
  assert.match(words, /✕ Refused by Intune, nothing was started/);
});

test('asks which token when several have the name, and goes on with the chosen one', async () => {
  const { ask, person, chatOf } = await start();
  assert.match(wordsOf(await ask(person('ada'), chatOf('ada'), 'history vpp contoso')), /Which one do you mean/);
  assert.match(wordsOf(await ask(person('ada'), chatOf('ada'), '1')), /Nobody has asked me to sync/);
});

test('the History button answers beside the card, as often as it is pressed, by the rights of who presses', async () => {
  const { ask, person, client, sandbox, answers, waitForWords } = await start();
  const { group } = sandbox.conversations;
  await ask(person('ada'), group, 'sync vpp adatum');
  const receipt = await waitForWords(group, /Sync completed/);
  const button = buttonOn(receipt, 'History');
  for (const wanted of [1, 2]) {
    await client.press(person('ada'), group, receipt.id, button);
    await client.waitFor(
      () => answers(group).filter((each) => /Sync history/.test(wordsOf(each))).length === wanted,
      5000,
      `history ${wanted}`,
    );
  }
  assert.match(wordsOf(receipt), /Sync completed/, 'the card stays');
  const before = answers(group).length;
  await client.press(person('chen'), group, receipt.id, button);
  await client.idle();
  assert.equal(answers(group).filter((each) => /Sync history|操作历史/.test(wordsOf(each))).length, 2);
  assert.ok(answers(group).length >= before);
});

test('thanks are answered with a friendly word and a next step, and nobody has to sign in for it', async () => {
  const { ask, person, chatOf, client } = await start();
  client.setSso(person('ada'), 'off');
  for (const words of ['Thanks!', 'thank you so much', 'thx', 'THANKS']) {
    assert.match(wordsOf(await ask(person('ada'), chatOf('ada'), words)), /You’re welcome.*“help”/);
  }
  assert.match(wordsOf(await ask(person('chen'), chatOf('chen'), '谢谢你')), /不客气/);
  for (const words of ['hi', 'hello', 'Hey!']) {
    assert.match(wordsOf(await ask(person('ada'), chatOf('ada'), words)), /What I can do/);
  }
  assert.match(wordsOf(await ask(person('chen'), chatOf('chen'), '你好')), /我可以做什么/);
});
