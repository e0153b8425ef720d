import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CardActionAnswer } from '../../src/dialogs/card-action.ts';
import { idOn, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { conversationOf, expired, personOf, tokenOf, turnOf } from '../support/turns.ts';

const minuteMs = 60_000;
const [ada, elif] = [personOf('ada'), personOf('elif')];
const inGroup = (person = ada) => turnOf({ person, conversation: conversationOf('groupChat') });

async function startRig(t: TestContext) {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  rig.signInAs(elif);
  rig.tenant.tokens = [tokenOf('token-1'), tokenOf('token-2', expired), tokenOf('token-3')];
  const say = (text: string, person = ada) => rig.message(inGroup(person), text);
  const press = (id: string, verb: string, { person = ada, trigger = 'manual', conversation = 'groupChat' } = {}) =>
    rig.press(
      { ...inGroup(person), conversation: conversationOf('groupChat', `19:${conversation}`), cardId: 'card-1' },
      { verb, id, inputs: {}, trigger },
    );
  const plan = async () => idOn(await say('sync vpp all'));
  return { ...rig, say, press, plan };
}
const started = ['Ada Lindqvist', 'token-1', 'token-3'];
const textOf = (answer: CardActionAnswer) => ('text' in answer ? answer.text : '');

for (const words of [
  'sync all',
  'SYNC VPP ALL!',
  'sync "all"',
  'sync everything',
  '同步全部',
  '同步 所有',
  '同步所有令牌。',
]) {
  test(`“${words}” plans and starts nothing`, async (t) => {
    const { say, begun, posts } = await startRig(t);
    const reply = await say(words);
    assert.match(wordsOf(reply), /syncAll\/apply/);
    assert.deepEqual([begun, posts], [[], []]);
  });
}

test('a token whose name only begins so is itself', async (t) => {
  const { say, tenant, posts } = await startRig(t);
  tenant.tokens = [tokenOf('token-1', { organizationName: 'All Saints' }), tokenOf('token-2')];
  await say('sync all saints');
  assert.deepEqual(posts, ['Ada Lindqvist: token-1']);
});

test('a token that is called just so is reached by its id', async (t) => {
  const { say, tenant, posts } = await startRig(t);
  tenant.tokens = [tokenOf('token-1', { organizationName: 'All' }), tokenOf('token-2')];
  await say('sync vpp token-1');
  assert.deepEqual(posts, ['Ada Lindqvist: token-1']);
});

test('Apply starts exactly the plan, once', async (t) => {
  const { plan, press, begun } = await startRig(t);
  const id = await plan();
  const both = await Promise.all([press(id, 'syncAll/apply'), press(id, 'syncAll/apply')]);
  assert.deepEqual(both.map(({ kind }) => kind).toSorted(), ['card', 'message']);
  assert.deepEqual(begun, [started]);
  assert.match(textOf(await press(id, 'syncAll/apply')), /already used/);
  assert.match(textOf(await press(id, 'dialog/cancel')), /already used/);
  assert.deepEqual(begun, [started]);
});

test('a colleague’s, an automatic, a late, a foreign and an invented press change nothing', async (t) => {
  const { plan, press, begun, clock } = await startRig(t);
  const id = await plan();
  const presses = [
    [await press(id, 'syncAll/apply', { person: elif }), /Only the person who asked/],
    [await press(id, 'dialog/cancel', { person: elif }), /Only the person who asked/],
    [await press(id, 'syncAll/apply', { trigger: 'automatic' }), /somebody has to press/],
    [await press(id, 'syncAll/apply', { conversation: 'elsewhere' }), /another conversation/],
    [await press('invented', 'syncAll/apply'), /no longer works/],
    [await press(id, 'sync/start'), /no longer works/],
  ] as const;
  for (const [answer, words] of presses) {
    assert.equal(answer.kind, 'message');
    assert.match(textOf(answer) ?? '', words);
  }
  clock.now += 5 * minuteMs;
  assert.match(textOf(await press(id, 'syncAll/apply')), /expired/);
  assert.deepEqual(begun, []);
});

test('Cancel ends the question for good', async (t) => {
  const { plan, press, begun } = await startRig(t);
  const id = await plan();
  assert.match(textOf(await press(id, 'dialog/cancel')), /Cancelled\. Nothing was changed/);
  assert.match(textOf(await press(id, 'syncAll/apply')), /already used/);
  assert.deepEqual(begun, []);
});

test('a new command ends the question; what is no command does not', async (t) => {
  const { plan, say, press, begun } = await startRig(t);
  const id = await plan();
  await say('well well');
  await say('sync all', elif);
  assert.equal((await press(id, 'syncAll/apply')).kind, 'card');
  const old = await plan();
  await say('help');
  assert.match(textOf(await press(old, 'syncAll/apply')), /already used/);
  assert.deepEqual(begun, [started]);
});

for (const [words, starts] of [
  ['apply', true],
  ['Yes!', true],
  ['应用', true],
  ['cancel', false],
  ['no', false],
  ['取消', false],
] as const) {
  test(`typed, “${words}” ${starts ? 'applies' : 'cancels'} one’s own plan, once`, async (t) => {
    const { plan, say, begun } = await startRig(t);
    await plan();
    assert.match(wordsOf(await say(words, elif)), /don’t know that command/);
    await say(words);
    assert.deepEqual(begun, starts ? [started] : []);
    assert.match(wordsOf(await say('apply')), /don’t know that command/);
    assert.deepEqual(begun, starts ? [started] : []);
  });
}

test('drift shows the new plan with what changed, and the old one stays dead', async (t) => {
  const { plan, press, begun, tenant } = await startRig(t);
  const id = await plan();
  tenant.tokens = [tokenOf('token-1'), tokenOf('token-2'), tokenOf('token-4')];
  const answer = await press(id, 'syncAll/apply');
  assert.ok(answer.kind === 'card');
  const words = wordsOf(answer.reply);
  assert.match(words, /Nothing was started.*is no longer in Intune.*can also run now/s);
  assert.deepEqual(begun, []);
  assert.match(textOf(await press(id, 'syncAll/apply')), /already used/);
  await press(idOn(answer.reply), 'syncAll/apply');
  assert.deepEqual(begun, [['Ada Lindqvist', 'token-1', 'token-2', 'token-4']]);
});

test('drift to nothing that could run asks nothing any more', async (t) => {
  const { plan, press, tenant } = await startRig(t);
  const id = await plan();
  tenant.tokens = [tokenOf('token-1', { state: 'invalid' })];
  const answer = await press(id, 'syncAll/apply');
  assert.ok(answer.kind === 'card');
  assert.match(wordsOf(answer.reply), /Nothing was started.*None of 1 token can be synced/s);
  assert.throws(() => idOn(answer.reply), /No button/);
});

test('when Graph refuses the list of what would run now, nothing starts and the plan can be applied later', async (t) => {
  const { plan, press, refuse, begun } = await startRig(t);
  const id = await plan();
  refuse(ada, 'forbidden');
  await press(id, 'syncAll/apply');
  assert.deepEqual(begun, []);
  refuse(ada);
  await press(id, 'syncAll/apply');
  assert.deepEqual(begun, [started]);
});

test('who has been signed out meanwhile signs in first, and is led back to a plan, not past it', async (t) => {
  const { plan, press, sessions, requests, begun } = await startRig(t);
  const id = await plan();
  sessions.forget(ada);
  const answer = await press(id, 'syncAll/apply');
  assert.ok(answer.kind === 'signIn');
  assert.equal((await requests.find(answer.requestId))?.resume, 'sync vpp all');
  assert.deepEqual(begun, []);
});

test('a tenant without tokens gets a reply that says so', async (t) => {
  const { say, tenant } = await startRig(t);
  tenant.tokens = [];
  assert.match(wordsOf(await say('sync all')), /no Apple VPP token you can see/);
});
