import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CardAction, SignInProof } from '../../src/dialogs/card-action.ts';
import { continueVerb } from '../../src/dialogs/continue.ts';
import { signInExpiresMs } from '../../src/dialogs/sign-in.ts';
import { assertionOf, idOn, press as pressOf, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { conversationOf, personOf, turnOf } from '../support/turns.ts';

const ada = personOf('ada');
const elif = personOf('elif');
const thread = turnOf({ conversation: conversationOf('channel', '19:channel;messageid=1') });
const onCard = { ...thread, cardId: 'card-1' };
const byElif = { ...onCard, person: elif };

type Rig = Awaited<ReturnType<typeof startDialogs>>;
const press = (id: string, changes: Partial<CardAction> = {}) => pressOf(continueVerb, id, changes);
const assertion = (requestId: string, given: string): SignInProof => ({
  kind: 'assertion',
  requestId,
  assertion: given,
});

/** Ada asked for a sync in a channel; the id is that of her Continue card. */
async function ask(rig: Rig, text = 'sync adatum') {
  const reply = await rig.message(thread, text);
  assert.ok(reply.kind === 'card' && reply.continues);
  const id = idOn(reply);
  assert.equal(id, reply.continues);
  await rig.requests.setCard(id, 'card-1');
  return id;
}

test('in a channel the command waits on a Continue card that names its person and command', async (t) => {
  const rig = await startDialogs(t);
  const reply = await rig.message(thread, 'sync vpp adatum');
  assert.match(wordsOf(reply), /Ada Lindqvist asked for “sync vpp adatum”/);
  assert.deepEqual(rig.posts, []);
});

test('Continue asks for a sign-in to this very request, and goes on with its proof', async (t) => {
  const rig = await startDialogs(t);
  const id = await ask(rig);
  const asked = await rig.press(onCard, press(id));
  assert.ok(asked.kind === 'signIn');
  assert.equal(asked.requestId, id);
  const done = await rig.press(onCard, press(id, { proof: assertion(id, assertionOf(ada)) }));
  assert.ok(done.kind === 'card' && done.reply.kind === 'card' && done.reply.runId);
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('with a session, Continue goes on at once; and once', async (t) => {
  const rig = await startDialogs(t);
  const id = await ask(rig);
  rig.signInAs(ada);
  const both = await Promise.all([rig.press(onCard, press(id)), rig.press(onCard, press(id))]);
  assert.deepEqual(both.map(({ kind }) => kind).sort(), ['card', 'message']);
  assert.match(wordsOf(await rig.press(onCard, press(id))), /already used/);
  assert.equal(rig.posts.length, 1);
});

test('a colleague’s press is refused by name and changes nothing, signed in or with proof', async (t) => {
  const rig = await startDialogs(t);
  const id = await ask(rig);
  rig.signInAs(elif);
  for (const proof of [undefined, assertion(id, assertionOf(elif)), assertion(id, assertionOf(ada))]) {
    const answer = await rig.press(byElif, press(id, proof && { proof }));
    assert.match(wordsOf(answer), /Only Ada Lindqvist can use this/);
  }
  assert.deepEqual([rig.posts, rig.exchanged], [[], []]);
  assert.equal((await rig.requests.find(id))?.usedAt, undefined);
});

test('Continue in another conversation, by itself, too late or of an unknown request does nothing', async (t) => {
  const rig = await startDialogs(t);
  const id = await ask(rig);
  rig.signInAs(ada);
  const elsewhere = { ...onCard, conversation: conversationOf('groupChat') };
  assert.match(wordsOf(await rig.press(elsewhere, press(id))), /another conversation/);
  assert.match(wordsOf(await rig.press(onCard, press(id, { trigger: 'automatic' }))), /somebody has to/);
  assert.match(wordsOf(await rig.press(onCard, press('made-up'))), /no longer works/);
  rig.clock.now += signInExpiresMs;
  assert.match(wordsOf(await rig.press(onCard, press(id))), /too late.*Nothing was done/s);
  assert.deepEqual(rig.posts, []);
});

test('an assertion for another request does not continue this one', async (t) => {
  const rig = await startDialogs(t);
  const other = await ask(rig, 'sync contoso');
  const id = await ask(rig);
  const answer = await rig.press(onCard, press(id, { proof: assertion(other, assertionOf(ada)) }));
  assert.ok(answer.kind === 'signIn');
  assert.deepEqual([rig.posts, rig.exchanged], [[], []]);
});

test('an assertion that was too old is asked for anew on the same card, and then it goes on', async (t) => {
  const rig = await startDialogs(t);
  const id = await ask(rig);
  rig.failures.set('old', { reason: 'assertionExpired' });
  const again = await rig.press(onCard, press(id, { proof: assertion(id, 'old') }));
  assert.ok(again.kind === 'signIn' && again.requestId !== id);
  const stranger = await rig.press(byElif, press(id, { proof: assertion(again.requestId, assertionOf(elif)) }));
  assert.match(wordsOf(stranger), /Only Ada Lindqvist can use this/);
  const done = await rig.press(onCard, press(id, { proof: assertion(again.requestId, assertionOf(ada)) }));
  assert.equal(done.kind, 'card');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('consent missing: signing in by the button can help, and the request stays open for it', async (t) => {
  const rig = await startDialogs(t);
  const id = await ask(rig);
  rig.failures.set(assertionOf(ada), { reason: 'consentRequired', code: '65001' });
  const answer = await rig.press(onCard, press(id, { proof: assertion(id, assertionOf(ada)) }));
  assert.equal(answer.kind, 'signInAgain');
  const request = (await rig.requests.find(id)) ?? assert.fail();
  assert.deepEqual([request.purpose, request.usedAt], ['consent', undefined]);
  rig.failures.clear();
  const proof: SignInProof = { kind: 'code', code: await rig.codes.issue(assertionOf(ada), request) };
  assert.equal((await rig.press(onCard, press(id, { proof }))).kind, 'card');
  assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
});

test('a refusal by Graph replaces the Continue card, which was its owner’s alone', async (t) => {
  const rig = await startDialogs(t);
  const id = await ask(rig);
  rig.signInAs(ada);
  rig.refuse(ada, 'forbidden');
  const answer = await rig.press(onCard, press(id));
  assert.ok(answer.kind === 'card' && answer.reply.kind === 'refusal');
});
