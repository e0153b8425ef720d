import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import { createDialogs } from '../../src/dialogs/dialogs.ts';
import type { CardReply } from '../../src/domain/turn.ts';
import { minuteMs } from '../../src/lib/time.ts';
import { idOn, press, startDialogs } from '../support/dialogs-rig.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';
import { conversationOf, personOf, tokenOf, turnOf } from '../support/turns.ts';

const ada = personOf('ada');
const elif = personOf('elif');
const group = turnOf({ conversation: conversationOf('groupChat') });
const onCard = { ...group, cardId: 'card-1' };

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const cities = ['Berlin', 'Bern', 'Rome', 'Lyon'];
const tokens = Array.from({ length: 40 }, (_, index) =>
  tokenOf(idOf(index + 1), {
    organizationName: `Contoso ${cities[index % cities.length]} ${index + 1}`,
    appleId: `school${index + 1}@contoso.example`,
  }),
);

/** Ada is asked which of forty tokens she means to sync. */
async function askWhich(t: Parameters<typeof startDialogs>[0]) {
  const rig = await startDialogs(t);
  rig.tenant.tokens = tokens;
  rig.signInAs(ada);
  const { search } = createDialogs(rig.services, createCommands);
  const question = await rig.message(group, 'sync contoso');
  assert.ok(question.kind === 'card');
  const id = idOn(question);
  const find = async (text: string, turn = group, of = id) => search(turn, { id: of, text });
  return { ...rig, question, id, search, find };
}

test('typed letters find tokens of the question by any part of their names', async (t) => {
  const { find } = await askWhich(t);
  const titles = async (text: string) => (await find(text)).map(({ title }) => title);
  assert.equal((await titles('')).length, 15);
  assert.deepEqual(
    (await titles('lyo')).map((title) => /Lyon (\d+)/.exec(title)?.[1]),
    ['4', '8', '12', '16', '20', '24', '28', '32', '36', '40'],
  );
  assert.deepEqual(
    (await find('40 lyon')).map(({ value }) => value),
    [idOf(40)],
  );
  assert.deepEqual(await titles('nothing like it at all'), []);
});

test('what the card shows is found as it is shown, so that a client offers it once', async (t) => {
  const { find, question } = await askWhich(t);
  const choices = [...nodesOf(question.card)].find(({ type }) => type === 'Input.ChoiceSet')?.choices;
  const [found] = await find('lyon 4');
  assert.deepEqual(found, (choices as unknown[])[3]);
});

test('an Apple ID finds its token, and is shown as the conversation shows it', async (t) => {
  const { find } = await askWhich(t);
  const [found] = await find('school17');
  assert.match(found?.title ?? '', /Contoso Berlin 17 · s•••@contoso\.example/);
});

test('a chosen token is resolved anew, as the presser, and synced', async (t) => {
  const rig = await askWhich(t);
  const [found] = await rig.find('lyon 40');
  const answer = await rig.press(onCard, press('sync/choose', rig.id, { inputs: { choice: found?.value } }));
  assert.ok(answer.kind === 'card' && (answer.reply as CardReply).runId);
  assert.deepEqual(rig.posts, [`Ada Lindqvist: ${idOf(40)}`]);
});

test('a value that no search gave chooses nothing, and an id that the presser cannot see is not found', async (t) => {
  const rig = await askWhich(t);
  for (const choice of ['all', 'contoso lyon 40', '0', '16', '', 7, `${idOf(40)} low`]) {
    const answer = await rig.press(onCard, press('sync/choose', rig.id, { inputs: { choice } }));
    assert.equal(answer.kind, 'message', String(choice));
  }
  rig.hide(ada, [idOf(40)]);
  const hidden = await rig.press(onCard, press('sync/choose', rig.id, { inputs: { choice: idOf(40) } }));
  assert.doesNotMatch(JSON.stringify(hidden), /Lyon 40/);
  assert.deepEqual(rig.posts, []);
});

test('nobody finds anything through somebody else’s question, another conversation, or one that is over', async (t) => {
  const rig = await askWhich(t);
  rig.signInAs(elif);
  assert.deepEqual(await rig.find('lyon', { ...group, person: elif }), []);
  assert.deepEqual(await rig.find('lyon', { ...group, conversation: conversationOf('groupChat', '19:other') }), []);
  assert.deepEqual(await rig.find('lyon', group, 'never-given'), []);
  assert.deepEqual(await rig.find('lyon', group, ''), []);
  const status = await rig.message(group, 'status "contoso lyon 40"');
  assert.ok(status.kind === 'card');
  assert.deepEqual(await rig.find('lyon', group, status.recordId), []);
  assert.deepEqual(await rig.find('lyon'), [], 'a new command ended the question');
});

test('without a session of their own nobody finds anything, even what was read before', async (t) => {
  const rig = await askWhich(t);
  assert.equal((await rig.find('lyon')).length, 10);
  rig.sessions.forget(ada);
  assert.deepEqual(await rig.find('lyon'), []);
});

test('an old question finds nothing', async (t) => {
  const rig = await askWhich(t);
  rig.clock.now += 6 * minuteMs;
  assert.deepEqual(await rig.find('lyon'), []);
});

test('Graph is read once for the letters of a word, and again half a minute later', async (t) => {
  const rig = await askWhich(t);
  const before = rig.tenant.read.length;
  await Promise.all(['l', 'ly', 'lyo', 'lyon'].map((text) => rig.find(text)));
  const once = rig.tenant.read.length - before;
  assert.ok(once > 0);
  rig.clock.now += 31_000;
  await rig.find('lyon');
  assert.equal(rig.tenant.read.length - before, 2 * once);
});

test('while Graph refuses nothing is found, and the next letter asks again', async (t) => {
  const rig = await askWhich(t);
  const { graphs } = rig.services;
  let isRefusing = true;
  const failing = {
    ...rig.services,
    graphs: {
      ...graphs,
      forPerson(...of: Parameters<typeof graphs.forPerson>) {
        if (isRefusing) throw new Error('Graph is away');
        return graphs.forPerson(...of);
      },
    },
  };
  const { search } = createDialogs(failing, createCommands);
  assert.deepEqual(await search(group, { id: rig.id, text: 'lyon' }), []);
  isRefusing = false;
  assert.equal((await search(group, { id: rig.id, text: 'lyon' })).length, 10);
});

test('the question has pages: numbers go on, and each page is a question of its own', async (t) => {
  const rig = await askWhich(t);
  const second = await rig.press(onCard, press('choice/next', rig.id));
  assert.ok(second.kind === 'card' && second.reply.kind === 'card');
  assert.match(outlineOf(second.reply.card), /\( \) 16 – Contoso Lyon 16 [\s\S]*16–30 of 40/);
  assert.equal((await rig.press(onCard, press('choice/next', rig.id))).kind, 'message', 'the first page is over');
  const wrong = await rig.message(group, '3');
  assert.ok(wrong.kind === 'text');
  assert.match(wrong.text, /from 16 to 30/);
  const answer = await rig.message(group, '17');
  assert.ok(answer.kind === 'card' && answer.runId);
  assert.deepEqual(rig.posts, [`Ada Lindqvist: ${idOf(17)}`]);
});
