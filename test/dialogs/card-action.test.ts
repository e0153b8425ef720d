import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CardReply } from '../../src/domain/turn.ts';
import { tokenCardExpiresMs } from '../../src/sync/token-view.ts';
import { assertionOf, idOn, press, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { conversationOf, personOf, tokenOf, turnOf } from '../support/turns.ts';

const ada = personOf('ada');
const elif = personOf('elif');
const group = turnOf({ conversation: conversationOf('groupChat') });
const onCard = { ...group, cardId: 'card-1' };
const byElif = { ...onCard, person: elif };

type Rig = Awaited<ReturnType<typeof startDialogs>>;

/** A token card that Ada asked for, in a group chat. */
async function showCard(rig: Rig) {
  rig.signInAs(ada);
  return idOn(await rig.message(group, 'status adatum'));
}

/** A question that Ada was asked, in a group chat. */
async function askWhich(rig: Rig) {
  rig.tenant.tokens = [
    tokenOf('id-1', { displayName: 'Contoso HQ' }),
    tokenOf('id-2', { displayName: 'Contoso Retail' }),
  ];
  rig.signInAs(ada);
  return idOn(await rig.message(group, 'sync contoso'));
}

test('Sync now acts as whoever presses it, not as who asked for the card', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  rig.signInAs(elif);
  const answer = await rig.press(byElif, press('sync/start', id));
  assert.ok(answer.kind === 'card');
  assert.ok((answer.reply as CardReply).runId);
  assert.deepEqual(rig.posts, ['Elif Karaduman: token-1']);
});

test('Sync now serves one press; the new card has a new button', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  const both = await Promise.all([
    rig.press(onCard, press('sync/start', id)),
    rig.press(onCard, press('sync/start', id)),
  ]);
  assert.deepEqual(both.map(({ kind }) => kind).sort(), ['card', 'message']);
  assert.match(wordsOf(await rig.press(onCard, press('sync/start', id))), /already used/);
  assert.equal(rig.posts.length, 1);
});

test('Refresh may be pressed again and again, also after Sync now was used', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  await rig.press(onCard, press('sync/start', id));
  for (const _ of [1, 2, 3]) assert.equal((await rig.press(onCard, press('status/refresh', id))).kind, 'card');
  assert.equal(rig.posts.length, 1);
});

test('what Teams presses by itself changes nothing', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  for (const trigger of ['automatic', 'Manual', '']) {
    assert.equal((await rig.press(onCard, press('sync/start', id, { trigger }))).kind, 'message');
  }
  assert.deepEqual(rig.posts, []);
  assert.equal((await rig.press(onCard, press('sync/start', id))).kind, 'card');
});

test('an unknown id does nothing, whatever the verb', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  for (const verb of ['sync/start', 'status/refresh', 'sync/choose', 'dialog/cancel', 'constructor', '__proto__', '']) {
    assert.match(wordsOf(await rig.press(onCard, press(verb, 'made-up'))), /no longer works/, verb);
  }
  assert.deepEqual(rig.posts, []);
});

test('a verb that is not the record’s does nothing', async (t) => {
  const rig = await startDialogs(t);
  const card = await showCard(rig);
  for (const verb of ['sync/choose', 'dialog/cancel', 'signIn/continue', 'sync/stop', 'toString', '__proto__']) {
    assert.match(
      wordsOf(await rig.press(onCard, press(verb, card, { inputs: { choice: '1' } }))),
      /no longer works/,
      verb,
    );
  }
  const question = await askWhich(rig);
  for (const verb of ['sync/start', 'status/refresh', 'hasOwnProperty']) {
    assert.match(wordsOf(await rig.press(onCard, press(verb, question))), /no longer works/, verb);
  }
  assert.deepEqual(rig.posts, []);
});

test('nothing of the press but its id and choice is believed: the token comes from the record', async (t) => {
  const rig = await startDialogs(t);
  rig.tenant.tokens = [...rig.tenant.tokens, tokenOf('token-2', { organizationName: 'Other' })];
  const id = await showCard(rig);
  await rig.press(onCard, press('sync/start', id, { inputs: { tokenId: 'token-2', command: 'sync', ownerId: 'x' } }));
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('a card pressed in another conversation does nothing', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  const elsewhere = turnOf({ cardId: 'card-1' });
  assert.match(wordsOf(await rig.press(elsewhere, press('sync/start', id))), /another conversation/);
  assert.deepEqual(rig.posts, []);
});

test('a card is pressed for a month, then it is old', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  rig.clock.now += tokenCardExpiresMs;
  for (const verb of ['sync/start', 'status/refresh']) {
    assert.match(wordsOf(await rig.press(onCard, press(verb, id))), /expired/);
  }
  assert.deepEqual(rig.posts, []);
});

test('only the presser sees a refusal, the card stays, and the button may be pressed again', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  rig.signInAs(elif);
  rig.refuse(elif, 'forbidden');
  const refused = await rig.press(byElif, press('sync/start', id));
  assert.equal(refused.kind, 'message');
  assert.match(wordsOf(refused), /Intune denied access.*role.*ref0000001/s);
  assert.equal((await rig.press(onCard, press('sync/start', id))).kind, 'card');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('somebody who cannot see the token reads why, and uses up nobody’s button', async (t) => {
  const rig = await startDialogs(t);
  const guid = 'b6c1f0a2-1d4e-4f73-8a95-0c2e4d6f8108';
  const tokens = [tokenOf(guid, { organizationName: 'Adatum' })];
  rig.tenant.tokens = tokens;
  const id = await showCard(rig);
  rig.tenant.tokens = [tokenOf('token-9', { organizationName: 'Elsewhere' })];
  rig.signInAs(elif);
  const answer = await rig.press(byElif, press('sync/start', id));
  assert.equal(answer.kind, 'message');
  assert.match(wordsOf(answer), /no longer has this token.*scope tags/s);
  assert.ok(!wordsOf(answer).includes(guid));
  rig.tenant.tokens = tokens;
  assert.equal((await rig.press(onCard, press('sync/start', id))).kind, 'card');
});

test('a token whose sync was chosen on its card is synced whatever its state: pressing is deliberate', async (t) => {
  const rig = await startDialogs(t);
  rig.tenant.tokens = [tokenOf('token-1', { organizationName: 'Adatum', state: 'expired' })];
  const id = await showCard(rig);
  await rig.press(onCard, press('sync/start', id));
  assert.equal(rig.posts.length, 1);
});

test('a choice is its asker’s alone', async (t) => {
  const rig = await startDialogs(t);
  const id = await askWhich(rig);
  rig.signInAs(elif);
  for (const verb of ['sync/choose', 'dialog/cancel']) {
    const answer = await rig.press(byElif, press(verb, id, { inputs: { choice: '1' } }));
    assert.equal(answer.kind, 'message');
    assert.match(wordsOf(answer), /Only the person who asked/);
  }
  assert.deepEqual(rig.posts, []);
  assert.equal((await rig.press(onCard, press('sync/choose', id, { inputs: { choice: '2' } }))).kind, 'card');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-2']);
});

test('a choice is made once, by button or by typing', async (t) => {
  const rig = await startDialogs(t);
  const id = await askWhich(rig);
  await rig.message(group, '1');
  assert.match(wordsOf(await rig.press(onCard, press('sync/choose', id, { inputs: { choice: '2' } }))), /already used/);
  assert.match(wordsOf(await rig.press(onCard, press('dialog/cancel', id))), /already used/);
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-1']);
});

for (const choice of [undefined, '', '0', '3', '-1', '1.5', '1e0', 1, ['1'], { toString: () => '1' }, '１', '999']) {
  test(`a choice of ${JSON.stringify(choice)} is none, and the question stays open`, async (t) => {
    const rig = await startDialogs(t);
    const id = await askWhich(rig);
    const answer = await rig.press(onCard, press('sync/choose', id, { inputs: { choice } }));
    assert.match(wordsOf(answer), /Choose a token first/);
    assert.equal((await rig.press(onCard, press('sync/choose', id, { inputs: { choice: '1' } }))).kind, 'card');
  });
}

test('Cancel ends the question for good', async (t) => {
  const rig = await startDialogs(t);
  const id = await askWhich(rig);
  assert.deepEqual(await rig.press(onCard, press('dialog/cancel', id)), {
    kind: 'text',
    text: 'Cancelled. Nothing was changed.',
  });
  assert.match(wordsOf(await rig.press(onCard, press('sync/choose', id, { inputs: { choice: '1' } }))), /already used/);
  assert.match(wordsOf(await rig.message(group, '1')), /don’t know/);
  assert.deepEqual(rig.posts, []);
});

test('an old question is not answered', async (t) => {
  const rig = await startDialogs(t);
  const id = await askWhich(rig);
  rig.clock.now += 5 * 60_000;
  assert.match(wordsOf(await rig.press(onCard, press('sync/choose', id, { inputs: { choice: '1' } }))), /expired/);
});

test('a choice that Graph refused may be made again', async (t) => {
  const rig = await startDialogs(t);
  const id = await askWhich(rig);
  rig.refuse(ada, 'throttled');
  const refused = await rig.press(onCard, press('sync/choose', id, { inputs: { choice: '1' } }));
  assert.ok(refused.kind === 'card' && refused.reply.kind === 'refusal');
  rig.refuse(ada);
  await rig.press(onCard, press('sync/choose', id, { inputs: { choice: '1' } }));
  assert.deepEqual(rig.posts, ['Ada Lindqvist: id-1']);
});

/** Elif presses without a session: she is asked for proof. */
async function pressUnsigned(rig: Rig, id: string, verb = 'sync/start') {
  const asked = await rig.press(byElif, press(verb, id));
  assert.ok(asked.kind === 'signIn');
  return asked.requestId;
}

test('a press without a session asks to sign in and goes on with the proof', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  const requestId = await pressUnsigned(rig, id);
  assert.deepEqual(rig.posts, []);
  const proof = { kind: 'assertion' as const, requestId, assertion: assertionOf(elif) };
  assert.equal((await rig.press(byElif, press('sync/start', id, { proof }))).kind, 'card');
  assert.deepEqual(rig.posts, ['Elif Karaduman: token-1']);
});

test('a colleague’s assertion does not serve a press', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  const requestId = await pressUnsigned(rig, id);
  const proof = { kind: 'assertion' as const, requestId, assertion: assertionOf(ada) };
  assert.equal((await rig.press(byElif, press('sync/start', id, { proof }))).kind, 'signInAgain');
  assert.deepEqual(rig.posts, []);
});

test('proof for another press’s request, or somebody else’s, is not proof; a fresh request is asked for', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  rig.sessions.forget(ada);
  const adas = await rig.press(onCard, press('sync/start', id));
  assert.ok(adas.kind === 'signIn');
  const other = await pressUnsigned(rig, id, 'status/refresh');
  for (const requestId of [adas.requestId, other, 'made-up']) {
    const proof = { kind: 'assertion' as const, requestId, assertion: assertionOf(elif) };
    const answer = await rig.press(byElif, press('sync/start', id, { proof }));
    assert.ok(answer.kind === 'signIn', requestId);
    assert.ok(![adas.requestId, other].includes(answer.requestId));
  }
  assert.deepEqual([rig.posts, rig.exchanged], [[], []]);
});

test('a code serves the press it was made for, once, from its own person', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  const request = (await rig.requests.find(await pressUnsigned(rig, id))) ?? assert.fail();
  const proof = { kind: 'code' as const, code: await rig.codes.issue(assertionOf(elif), request) };
  rig.sessions.forget(ada);
  assert.equal((await rig.press(onCard, press('sync/start', id, { proof }))).kind, 'wrongCode', 'Ada with Elif’s code');
  assert.deepEqual(rig.posts, []);
  assert.equal((await rig.press(byElif, press('sync/start', id, { proof }))).kind, 'card');
  rig.sessions.forget(elif);
  assert.equal((await rig.press(byElif, press('status/refresh', id, { proof }))).kind, 'wrongCode', 'the code again');
  assert.deepEqual(rig.posts, ['Elif Karaduman: token-1']);
});

test('an assertion that was too old is asked for anew, once', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  rig.failures.set('old', { reason: 'assertionExpired' });
  const first = await pressUnsigned(rig, id);
  const again = await rig.press(
    byElif,
    press('sync/start', id, { proof: { kind: 'assertion', requestId: first, assertion: 'old' } }),
  );
  assert.ok(again.kind === 'signIn' && again.requestId !== first);
  const proof = { kind: 'assertion' as const, requestId: again.requestId, assertion: 'old' };
  assert.equal((await rig.press(byElif, press('sync/start', id, { proof }))).kind, 'message');
  assert.deepEqual(rig.posts, []);
});

test('a session that Graph no longer takes is asked for anew, and the button is not used up', async (t) => {
  const rig = await startDialogs(t);
  const id = await showCard(rig);
  rig.refuse(ada, 'tokenRejected');
  const asked = await rig.press(onCard, press('sync/start', id));
  assert.ok(asked.kind === 'signIn' && asked.how === 'silent');
  rig.refuse(ada);
  const proof = { kind: 'assertion' as const, requestId: asked.requestId, assertion: assertionOf(ada) };
  assert.equal((await rig.press(onCard, press('sync/start', id, { proof }))).kind, 'card');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('a sign-in that ends away from a shared card is answered beside it, one on an own question upon it', async (t) => {
  const rig = await startDialogs(t);
  const shared = await rig.requests.find(await pressUnsigned(rig, await showCard(rig)));
  assert.equal(shared?.cardId, undefined);
  assert.equal(shared?.messageId, 'card-1');
  const question = await askWhich(rig);
  rig.sessions.forget(ada);
  const asked = await rig.press(onCard, press('sync/choose', question, { inputs: { choice: '1' } }));
  assert.ok(asked.kind === 'signIn');
  assert.equal((await rig.requests.find(asked.requestId))?.cardId, 'card-1');
});
