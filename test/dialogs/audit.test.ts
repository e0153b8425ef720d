import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signInExpiresMs } from '../../src/dialogs/sign-in.ts';
import { tokenCardExpiresMs } from '../../src/sync/token-view.ts';
import { brief } from '../support/audit-rig.ts';
import { alertOf } from '../support/contoso-berlin.ts';
import { assertionOf, idOn, press, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { conversationOf, expired, personOf, tokenOf, turnOf } from '../support/turns.ts';

const ada = personOf('ada');
const elif = personOf('elif');
const chat = turnOf();
const group = turnOf({ conversation: conversationOf('groupChat') });
const onCard = { ...group, cardId: 'card-1' };
const byElif = { ...onCard, person: elif };

type Rig = Awaited<ReturnType<typeof startDialogs>>;

/** The entries since the last time it was asked. */
function createKept(rig: Rig) {
  let seen = 0;
  return async () => {
    const entries = await rig.entries.list(seen, 1_000);
    seen += entries.length;
    return entries.map(brief);
  };
}

test('a typed sync is kept with who, where, how and under which reference', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  await rig.message(group, 'sync adatum');
  const [entry] = await rig.entries.list(0, 10);
  assert.deepEqual(
    [entry?.person_id, entry?.person_name, entry?.tenant_id, entry?.conversation_id, entry?.conversation_kind],
    [ada.aadObjectId, ada.name, ada.tenantId, '19:groupChat', 'groupChat'],
  );
  assert.deepEqual(
    [entry?.action, entry?.via, entry?.outcome, entry?.token_id, entry?.token_name, entry?.correlation_id],
    ['sync', 'message', 'started', 'token-1', 'Adatum', 'ref0000001'],
  );
});

test('looking is not kept', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  const card = idOn(await rig.message(group, 'status adatum'));
  for (const line of ['list', 'licenses adatum', 'history', 'whoami', 'help', 'thanks', 'nonsense'])
    await rig.message(group, line);
  for (const verb of ['status/refresh', 'history/show']) await rig.press(onCard, press(verb, card));
  rig.clock.now += tokenCardExpiresMs;
  await rig.press(onCard, press('status/refresh', card));
  assert.deepEqual(await rig.entries.list(0, 10), []);
});

test('what is typed and comes to nothing is kept with the reason', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  await rig.message(chat, 'sync adatum');
  assert.deepEqual(await kept(), ['Ada sync signInAsked']);
  rig.signInAs(ada);
  await rig.message(chat, 'sync nobody has this name');
  rig.tenant.tokens = [tokenOf('token-1', { organizationName: 'Adatum', ...expired })];
  await rig.message(chat, 'sync adatum');
  rig.refuse(ada, 'forbidden');
  await rig.message(chat, 'sync adatum');
  assert.deepEqual(await kept(), [
    'Ada sync unresolved',
    'Ada sync refused expired token-1',
    'Ada sync refused forbidden token-1',
  ]);
  rig.refuse(ada);
  await rig.message(chat, 'renew adatum');
  await rig.message(chat, 'renewal started adatum');
  await rig.message(chat, 'renewal started adatum');
  await rig.message(chat, 'sign out');
  assert.deepEqual(await kept(), ['Ada renewStart done token-1', 'Ada signOut done']);
});

test('presses that do nothing are kept, with the token they would have been about', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  rig.signInAs(ada);
  const card = idOn(await rig.message(group, 'status adatum'));
  await rig.press(onCard, press('sync/start', card, { trigger: 'automatic' }));
  await rig.press(turnOf({ cardId: 'card-1' }), press('sync/start', card));
  await rig.press(onCard, press('sync/start', 'made-up'));
  await rig.press(onCard, press('constructor', 'made-up'));
  await rig.press(byElif, press('sync/start', card));
  await rig.press(onCard, press('sync/start', card));
  await rig.press(onCard, press('sync/start', card));
  rig.clock.now += tokenCardExpiresMs;
  await rig.press(onCard, press('sync/start', card));
  assert.deepEqual(await kept(), [
    'Ada sync notManual token-1',
    'Ada sync otherConversation token-1',
    'Ada sync unknown',
    'Ada press unknown',
    'Elif sync signInAsked token-1',
    'Ada sync started token-1',
    'Ada sync answered:accepted token-1',
    'Ada sync used token-1',
    'Ada sync expired token-1',
  ]);
});

test('a press that Intune refuses is kept once, with the token', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  const card = idOn(await rig.message(group, 'status adatum'));
  rig.refuse(ada, 'throttled');
  await rig.press(onCard, press('sync/start', card));
  assert.deepEqual((await rig.entries.list(0, 10)).map(brief), ['Ada sync refused throttled token-1']);
});

test('somebody else’s question is kept, and how it was answered', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  rig.tenant.tokens = [
    tokenOf('id-1', { displayName: 'Contoso HQ' }),
    tokenOf('id-2', { displayName: 'Contoso Retail' }),
  ];
  rig.signInAs(ada);
  const question = idOn(await rig.message(group, 'sync contoso'));
  await rig.press(byElif, press('sync/choose', question, { inputs: { choice: '2' } }));
  await rig.press(byElif, press('dialog/cancel', question));
  await rig.press(onCard, press('dialog/cancel', question));
  await rig.message(group, 'sync contoso');
  await rig.message(group, 'no');
  assert.deepEqual(await kept(), [
    'Ada sync unresolved',
    'Elif sync notYours id-2',
    'Elif sync notYours',
    'Ada sync cancelled',
    'Ada sync unresolved',
    'Ada sync cancelled',
  ]);
});

test('a plan is kept when it is applied, dropped, answered by somebody else or no longer true', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  rig.signInAs(ada);
  const first = idOn(await rig.message(group, 'sync all'));
  await rig.press(byElif, press('syncAll/apply', first));
  rig.tenant.tokens = [...rig.tenant.tokens, tokenOf('token-2', { organizationName: 'Northwind' })];
  const second = idOn(
    ((await rig.press(onCard, press('syncAll/apply', first))) as { reply: Parameters<typeof idOn>[0] }).reply,
  );
  await rig.press(onCard, press('syncAll/apply', second));
  await rig.message(group, 'sync all');
  await rig.message(group, 'no');
  rig.tenant.tokens = [tokenOf('token-3', { organizationName: 'Fabrikam' })];
  await rig.message(group, 'sync all');
  await rig.message(group, 'yes');
  const ofPlans = (await kept()).filter((entry) => !entry.includes('token-'));
  assert.deepEqual(ofPlans, [
    'Elif syncAll notYours',
    'Ada syncAll refused planChanged',
    'Ada syncAll done',
    'Ada syncAll cancelled',
    'Ada syncAll done',
  ]);
});

test('sign-ins are kept: those that worked, those that Entra refused, and another person’s', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  const asked = await rig.message(chat, 'sign in');
  assert.ok(asked.kind === 'signIn');
  await rig.signIn.answerWithAssertion({ ...chat, person: elif }, asked.requestId, assertionOf(elif));
  rig.failures.set('old', { reason: 'consentRequired', code: '65001' });
  await rig.signIn.answerWithAssertion(chat, asked.requestId, 'old');
  rig.failures.set('no', { reason: 'refused', code: '50105' });
  await rig.signIn.answerWithAssertion(chat, asked.requestId, 'no');
  // A second device of hers, a moment later: nothing new.
  await rig.signIn.answerWithAssertion(chat, asked.requestId, assertionOf(ada));
  await rig.signIn.answerWithCode(chat, 'x'.repeat(22));
  const again = await rig.message(chat, 'sign in');
  assert.ok(again.kind === 'signIn');
  await rig.signIn.answerWithAssertion(chat, again.requestId, assertionOf(ada));
  assert.deepEqual(await kept(), [
    'Elif signIn notYours',
    'Ada signIn refused consentRequired 65001',
    'Ada signIn refused refused 50105',
    'Ada signIn refused codeNotAccepted',
    'Ada signIn done',
  ]);
});

test('a Continue that is another’s, used or too late is kept when its command would change something', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  const channel = turnOf({ conversation: conversationOf('channel') });
  const looking = idOn(await rig.message(channel, 'status adatum'));
  const waiting = idOn(await rig.message(channel, 'sync adatum'));
  for (const id of [waiting, looking]) {
    await rig.press({ ...channel, person: elif }, press('signIn/continue', id));
  }
  rig.clock.now += signInExpiresMs;
  for (const id of [waiting, looking, 'made-up']) await rig.press(channel, press('signIn/continue', id));
  assert.deepEqual(await kept(), [
    'Ada sync signInAsked',
    'Elif sync notYours',
    'Ada sync expired',
    'Ada press unknown',
  ]);
});

test('what failed shows the reference that the audit has; a button that is refused is kept too, and shows none', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  const card = idOn(await rig.message(group, 'status adatum'));
  rig.refuse(elif, 'forbidden');
  rig.signInAs(elif);
  const answers = [
    await rig.press(onCard, press('sync/start', card, { trigger: 'automatic' })),
    await rig.press(turnOf({ cardId: 'card-1' }), press('sync/start', card)),
    await rig.press(onCard, press('sync/start', 'made-up')),
    await rig.press(byElif, press('sync/start', card)),
    await rig.press(onCard, press('signIn/continue', 'made-up')),
  ];
  const shown = answers.map((answer) => /ref0000001/.test(wordsOf(answer)));
  assert.deepEqual(shown, [false, false, false, true, false], 'Intune’s refusal alone is a failure');
  assert.equal((await rig.entries.list(0, 10)).filter((entry) => entry.correlation_id === 'ref0000001').length, 5);
});

test('an audit that cannot be written refuses a sync with a sentence, and nothing is asked of Intune', async (t) => {
  const rig = await startDialogs(t);
  rig.signInAs(ada);
  rig.entries.append = () => Promise.reject(new Error('disk full'));
  const answers = wordsOf(await rig.message(chat, 'sync adatum'));
  assert.match(answers, /couldn’t record your request, so I didn’t carry it out.*ref0000001/s);
  assert.deepEqual(rig.posts, []);
  assert.ok(rig.lines.some(({ level }) => level === 'count'));
  assert.ok(rig.lines.some(({ message }) => message === 'an entry of the audit could not be stored'));
});

test('subscribing, unsubscribing and what is done about an alert are kept', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  await rig.message(chat, 'alerts on');
  rig.signInAs(ada);
  await rig.message(chat, 'alerts off');
  await rig.message(chat, 'alerts on adatum');
  await rig.message(chat, 'alerts on nobody has this name');
  await rig.message(chat, 'alerts off nobody has this name');
  await rig.message(chat, 'alerts off');
  await rig.message(chat, 'alerts acknowledge made-up');
  await rig.message(chat, 'alerts snooze made-up 3');
  rig.refuse(ada, 'forbidden');
  await rig.message(chat, 'alerts on');
  await rig.message(chat, 'alerts');
  assert.deepEqual(await kept(), [
    'Ada alertsOn signInAsked',
    'Ada alertsOff refused notOn',
    'Ada alertsOn done token-1',
    'Ada alertsOn unresolved',
    'Ada alertsOff unresolved',
    'Ada alertsOff done',
    'Ada acknowledge unresolved',
    'Ada snooze unresolved',
    'Ada alertsOn refused forbidden',
  ]);
});

test('what is done about an alert by its card is kept as whoever pressed, with the token, done or not', async (t) => {
  const rig = await startDialogs(t);
  const kept = createKept(rig);
  const { tenantId } = ada;
  const alert = alertOf('expiring', { id: 'alert-1', tenantId, tokenId: 'token-1', openedAt: 0, notifiedAt: 0 });
  await rig.alerts.put(alert);
  const drawn = await rig.alertViews.card({ alert, locale: 'en', conversation: group.conversation });
  const id = idOn({ kind: 'card', ...drawn });
  rig.signInAs(ada);
  rig.signInAs(elif);
  await rig.press(byElif, press('alert/acknowledge', id));
  await rig.press(onCard, press('alert/acknowledge', id));
  await rig.press(onCard, press('alert/snooze', id, { inputs: { days: '3' } }));
  await rig.press(byElif, press('alert/snooze', id, { trigger: 'automatic' }));
  for (const verb of ['snooze', 'sync']) {
    rig.refuse(elif, 'forbidden');
    await rig.press(byElif, press(`alert/${verb}`, id));
  }
  await rig.alerts.put({ ...alert, revision: 4, endedAt: 1, ending: 'resolved' });
  await rig.alerts.prune(200 * 86_400_000);
  await rig.press(onCard, press('alert/sync', id));
  assert.deepEqual(await kept(), [
    'Elif acknowledge done token-1',
    'Ada acknowledge refused taken token-1',
    'Ada snooze done token-1',
    'Elif snooze notManual token-1',
    'Elif snooze refused forbidden token-1',
    'Elif sync refused forbidden token-1',
    'Ada sync refused gone token-1',
  ]);
});
