import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Alert, Condition } from '../../src/domain/alert.ts';
import type { Reply, Turn } from '../../src/domain/turn.ts';
import { alertOf, subscriptionOf } from '../support/contoso-berlin.ts';
import { assertionOf, idOn, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';
import { conversationOf, personOf, tenantId, tokenOf, turnOf } from '../support/turns.ts';

const [_ada, elif] = [personOf('ada'), personOf('elif')];
const group = conversationOf('groupChat');
const typed = (changes: Partial<Turn> = {}): Turn => turnOf({ person: elif, conversation: group, ...changes });

/** Open alerts of tokens in a group chat whose alerts cover all: `[condition, token]`, named `condition token`. */
async function start(t: TestContext, open: readonly (readonly [Condition, string])[], changes: Partial<Alert> = {}) {
  const rig = await startDialogs(t);
  const ids = [...new Set(open.map(([, token]) => token))];
  rig.tenant.tokens = ids.map((id) => tokenOf(id, { displayName: `Contoso ${id}` }));
  await rig.subscriptions.put(subscriptionOf({ id: 'there', conversationId: group.id, tenantId }));
  for (const [condition, tokenId] of open) {
    const token = rig.tenant.tokens.find(({ id }) => id === tokenId);
    const own = { id: `${condition} ${tokenId}`, tenantId, tokenId, openedAt: 0, notifiedAt: 0 };
    await rig.alerts.put(alertOf(condition, { ...own, ...(token && { token }), ...changes }));
  }
  rig.signInAs(elif);
  let shown: Reply = await rig.message(typed(), 'alerts open');
  return {
    ...rig,
    pressAny: rig.press,
    shown: () => shown,
    /** What the card offers to act on, by title, with its value. */
    choices: () => choicesOn(shown),
    async press(verb: string, inputs: Readonly<Record<string, unknown>> = {}, turn = typed({ cardId: 'card-1' })) {
      const answer = await rig.press(turn, { verb: `openAlerts/${verb}`, id: idOn(shown), inputs, trigger: 'manual' });
      if (answer.kind === 'card') shown = answer.reply;
      return answer;
    },
    async acknowledged() {
      const alerts = await rig.alerts.listOpen(tenantId);
      return alerts.flatMap(({ id, acknowledged }) => (acknowledged ? [`${id}: ${acknowledged.by}`] : [])).sort();
    },
    find: (id: string) => rig.alerts.find(id),
  };
}

function choicesOn(reply: Reply): ReadonlyMap<string, string> {
  const nodes = 'card' in reply ? [...nodesOf(reply.card)] : [];
  const [which] = nodes.filter(({ id }) => id === 'which');
  const choices = (which?.choices ?? []) as readonly { readonly title: string; readonly value: string }[];
  return new Map(choices.map(({ title, value }) => [title, value]));
}

const said = (reply: Reply | Parameters<typeof wordsOf>[0]): string =>
  'card' in reply ? outlineOf(reply.card) : wordsOf(reply);

const several = [
  ['expired', 'A'],
  ['syncFailed', 'A'],
  ['syncFailed', 'B'],
  ['syncFailed', 'C'],
  ['expiring', 'B'],
] as const;

test('“alerts open” lists what is open here by condition, the worst first, and asks for no sign-in', async (t) => {
  const rig = await start(t, several);
  rig.sessions.forget(elif);
  for (const words of ['alerts open', 'open alerts', '提醒 未解决', '提醒未结']) {
    const shown = said(await rig.message(typed(), words));
    assert.match(
      shown,
      /^5 open alerts\n✕ 1 critical · 3 warnings · 1 notice\nExpired · 1 alert\n1 {2}Contoso A\n✕ Critical · The token has expired\nSync failed · 3 alerts\n2 {2}Contoso A[\s\S]*\nExpiring · 1 alert\n5 {2}Contoso B\n/,
    );
    assert.match(shown, /^\[Acknowledge\] openAlerts\/acknowledge\n\[Snooze\] openAlerts\/snooze$/m);
    assert.doesNotMatch(shown, /\[(?:Undo|Previous|Next)\]/);
  }
});

test('it shows nothing of tokens that the conversation’s alerts do not cover, and says where none are on', async (t) => {
  const rig = await start(t, several);
  await rig.subscriptions.put(subscriptionOf({ id: 'there', conversationId: group.id, tenantId, scope: ['C'] }));
  assert.match(said(await rig.message(typed(), 'alerts open')), /^1 open alert\n[\s\S]*1 {2}Contoso C/);
  await rig.subscriptions.erase(group.id);
  assert.match(said(await rig.message(typed(), 'alerts open')), /^No alerts are on here/);
});

test('one, a condition or all of them are acknowledged as whoever presses, on the card for everybody', async (t) => {
  const rig = await start(t, several);
  const choices = rig.choices();
  assert.deepEqual(
    [...choices.keys()],
    [
      'All 5 alerts',
      'Sync failed: all 3',
      '1 – Contoso A · Expired',
      '2 – Contoso A · Sync failed',
      '3 – Contoso B · Sync failed',
      '4 – Contoso C · Sync failed',
      '5 – Contoso B · Expiring',
    ],
  );
  const one = await rig.press('acknowledge', { which: choices.get('5 – Contoso B · Expiring') });
  assert.match(said(rig.shown()), /^5 open alerts\n[^\n]*\n✓ 1 alert acknowledged\.$/m, one.kind);
  assert.deepEqual(await rig.acknowledged(), ['expiring B: Elif Karaduman']);
  assert.match(said(rig.shown()), /Contoso B\n[^\n]*\nElif Karaduman is on it/);

  await rig.press('acknowledge', { which: choices.get('Sync failed: all 3') });
  assert.equal((await rig.acknowledged()).length, 4);
  await rig.press('acknowledge', { which: '1' });
  assert.match(said(rig.shown()), /1 alert acknowledged\. Not changed: 4 already acknowledged\.$/m);
  assert.doesNotMatch(said(rig.shown()), /\[Acknowledge\]/);

  await rig.press('undo', { which: '1' });
  assert.match(said(rig.shown()), /✓ Undone for 5 alerts\.$/m);
  assert.deepEqual(await rig.acknowledged(), []);
  const due = await rig.deliveries.listDue('there', rig.clock.now);
  assert.equal(due.length, 1 + 3 + 1 + 5, 'the alerts’ own cards follow');
});

test('a row’s tap opens that token’s status beside the card, as whoever taps', async (t) => {
  const rig = await start(t, several);
  const id = idOn(rig.shown());
  const names = ['Contoso A', 'Contoso A', 'Contoso B', 'Contoso C', 'Contoso B'];
  assert.deepEqual(
    tapsOn(rig.shown()).map(({ title, verb, data }) => [title.split(',')[0], verb, data.id]),
    names.map((name, index) => [`Show status: ${name}`, 'openAlerts/open', `${id}.${index + 1}`]),
  );
  const tap = (row: number) =>
    rig.pressAny(typed({ cardId: 'card-1' }), { verb: 'openAlerts/open', id, row, inputs: {}, trigger: 'manual' });
  rig.hide(elif, ['C']);
  assert.doesNotMatch(JSON.stringify(await tap(4)), /Contoso C/, 'Intune does not show it to them');
  rig.hide(elif, []);
  const opened = await tap(4);
  assert.ok(opened.kind === 'beside');
  assert.match(outlineOf(opened.reply.card), /^Contoso C\n/);
  for (const row of [0, 6]) assert.equal((await tap(row)).kind, 'message', `row ${row}`);
});

test('an alert of monitoring itself has no token to open', async (t) => {
  const rig = await start(t, [['monitoringBroken', '']]);
  assert.deepEqual(tapsOn(rig.shown()), []);
  const action = { verb: 'openAlerts/open', id: idOn(rig.shown()), row: 1, inputs: {}, trigger: 'manual' };
  assert.equal((await rig.pressAny(typed({ cardId: 'card-1' }), action)).kind, 'message');
});

const tapsOn = (reply: Reply): Tap[] =>
  'card' in reply
    ? [...nodesOf(reply.card)].flatMap(({ selectAction }) => (selectAction ? [selectAction as Tap] : []))
    : [];

interface Tap {
  readonly title: string;
  readonly verb: string;
  readonly data: { readonly id: string };
}

test('all are snoozed for the days chosen, but those of expired tokens, which is said', async (t) => {
  const rig = await start(t, several);
  await rig.press('snooze', { which: '1', days: '3' });
  assert.match(
    said(rig.shown()),
    /4 alerts snoozed for 3 days\. Not changed: 1 of expired tokens, which can’t be snoozed\.$/m,
  );
  assert.match(said(rig.shown()), /^Snoozed until \{\{DATE/m);
  assert.equal((await rig.find('expired A'))?.snoozed, undefined);
  const answer = await rig.press('snooze', { which: rig.choices().get('1 – Contoso A · Expired'), days: '1' });
  assert.match(said(answer), /expired token can’t be snoozed/);
});

test('of several, those whose token Intune does not show the presser stay as they are', async (t) => {
  const rig = await start(t, several);
  rig.hide(elif, ['A']);
  await rig.press('acknowledge', { which: '1' });
  assert.deepEqual(
    await rig.acknowledged(),
    ['expiring B', 'syncFailed B', 'syncFailed C'].map((id) => `${id}: Elif Karaduman`),
  );
  assert.match(said(rig.shown()), /3 alerts acknowledged\. Not changed: 2 about tokens that Intune doesn’t show you\./);
  const refused = await rig.press('acknowledge', { which: rig.choices().get('1 – Contoso A · Expired') });
  assert.equal(refused.kind, 'message', 'only they see the refusal');
  rig.refuse(elif, 'forbidden');
  assert.equal((await rig.press('undo', { which: '1' })).kind, 'message');
  assert.equal((await rig.acknowledged()).length, 3);
});

test('what the card never offered means nothing, and a press without a choice asks for one', async (t) => {
  const rig = await start(t, several);
  for (const which of [undefined, '', '0', '8', '99', 'all', ['1'], 1])
    assert.match(said(await rig.press('acknowledge', { which })), /^Choose which alerts first/);
  assert.deepEqual(await rig.acknowledged(), []);
});

test('the card’s choice means the alert that it showed, also when another comes before it by now', async (t) => {
  const rig = await start(t, several);
  const which = rig.choices().get('1 – Contoso A · Expired');
  await rig.alerts.put(alertOf('invalid', { id: 'invalid B', tenantId, tokenId: 'B', token: tokenOf('B') }));
  await rig.alerts.put({
    ...((await rig.find('expired A')) ?? assert.fail()),
    revision: 2,
    endedAt: 5,
    ending: 'resolved',
  });
  assert.match(said(await rig.press('acknowledge', { which })), /has already ended\. Nothing was changed/);
  assert.deepEqual(await rig.acknowledged(), []);
});

test('many have pages, and what is chosen on one is of that page', async (t) => {
  const many = Array.from(
    { length: 20 },
    (_, index) => ['syncStale', `T${String(index + 1).padStart(2, '0')}`] as const,
  );
  const rig = await start(t, many);
  assert.match(said(rig.shown()), /\n9 {2}Contoso T09\n[\s\S]*\n1–9 of 20\n/);
  assert.match(said(rig.shown()), /\[Next\] openAlerts\/next$/);
  await rig.press('next');
  assert.match(said(rig.shown()), /\n10 {2}Contoso T10\n[\s\S]*\n10–18 of 20\n/);
  await rig.press('acknowledge', { which: rig.choices().get('12 – Contoso T12 · Not synced recently') });
  assert.match(said(rig.shown()), /\n10–18 of 20\n/, 'it stays on its page');
  assert.deepEqual(await rig.acknowledged(), ['syncStale T12: Elif Karaduman']);
  await rig.press('next');
  assert.match(said(rig.shown()), /\n19–20 of 20\n/);
  assert.doesNotMatch(said(rig.shown()), /\[Next\]/);
  await rig.press('previous');
  await rig.press('previous');
  assert.match(said(rig.shown()), /\n1–9 of 20\n/);
});

test('the card stays in its language, whoever presses', async (t) => {
  const rig = await start(t, several);
  await rig.press('acknowledge', { which: '1' }, typed({ cardId: 'card-1', locale: 'zh-CN' }));
  assert.match(said(rig.shown()), /^5 open alerts/);
});

test('without a sign-in a press asks for one and goes on as who pressed, on the card or away from it', async (t) => {
  for (const away of [false, true]) {
    const rig = await start(t, several);
    rig.sessions.forget(elif);
    const inputs = { which: rig.choices().get('Sync failed: all 3'), days: '3' };
    const asked = await rig.press('snooze', inputs);
    assert.ok(asked.kind === 'signIn');
    if (away) {
      const outcome = await rig.signIn.answerWithAssertion(typed(), asked.requestId, assertionOf(elif));
      assert.match(said(await rig.replyToSignIn(typed(), outcome)), /^3 alerts snoozed for 3 days\./);
    } else {
      const proof = { kind: 'assertion' as const, requestId: asked.requestId, assertion: assertionOf(elif) };
      const pressed = { verb: 'openAlerts/snooze', id: idOn(rig.shown()), inputs, trigger: 'manual', proof };
      assert.equal((await rig.pressAny(typed({ cardId: 'card-1' }), pressed)).kind, 'card');
    }
    const { snoozed } = (await rig.find('syncFailed C')) ?? assert.fail();
    assert.equal(snoozed?.by, 'Elif Karaduman');
  }
});

for (const [words, changed] of [
  ['alerts acknowledge all', ['expired A', 'expiring B', 'syncFailed A', 'syncFailed B', 'syncFailed C']],
  ['alerts acknowledge failed', ['syncFailed A', 'syncFailed B', 'syncFailed C']],
  ['提醒 确认 失败', ['syncFailed A', 'syncFailed B', 'syncFailed C']],
  ['alerts acknowledge contoso b', ['expiring B', 'syncFailed B']],
  ['alerts acknowledge contoso', []],
  ['alerts acknowledge fabrikam', []],
  ['alerts acknowledge', []],
] as const)
  test(`“${words}” acknowledges ${changed.length === 0 ? 'nothing' : changed.join(', ')}`, async (t) => {
    const rig = await start(t, several);
    const reply = said(await rig.message(typed(), words));
    assert.deepEqual(
      await rig.acknowledged(),
      changed.map((id) => `${id}: Elif Karaduman`),
    );
    if (words === 'alerts acknowledge') assert.match(reply, /^5 open alerts/);
    else assert.match(reply, changed.length === 0 ? /Nothing was changed/ : /acknowledged|已确认/);
  });

test('“alerts snooze” takes one day or three, and “alerts undo” takes it back', async (t) => {
  const rig = await start(t, several);
  assert.match(said(await rig.message(typed(), 'alerts snooze failed 3')), /^3 alerts snoozed for 3 days\./);
  assert.match(said(await rig.message(typed(), 'alerts snooze contoso c 1 day')), /^Snoozed for 1 day: Contoso C\./);
  assert.match(
    said(await rig.message(typed(), 'alerts undo all')),
    /^Undone for 3 alerts\. Not changed: 2 that nobody had/,
  );
  assert.match(said(await rig.message(typed(), 'alerts undo all')), /^Not changed: 5 that nobody had/);
});

test('each of several is in the audit with its token, done or not', async (t) => {
  const rig = await start(t, several);
  rig.hide(elif, ['A']);
  await rig.press('acknowledge', { which: '1' });
  const kept = (await rig.entries.list(0, 20)).filter(({ action }) => action === 'acknowledge');
  assert.deepEqual(
    kept.map(({ token_id, outcome, reason }) => [token_id, outcome, reason]),
    [
      ['A', 'refused', 'hidden'],
      ['A', 'refused', 'hidden'],
      ['B', 'done', null],
      ['C', 'done', null],
      ['B', 'done', null],
    ],
  );
});

test('“alerts” leads to what is open, as a press beside its card', async (t) => {
  const rig = await start(t, several);
  const alerts = await rig.message(typed(), 'alerts');
  assert.match(said(alerts), /\[Open alerts\] openAlerts\/show/);
  const press = { verb: 'openAlerts/show', id: idOn(alerts), inputs: {}, trigger: 'manual' };
  const beside = await rig.pressAny(typed({ cardId: 'card-9' }), press);
  assert.equal(beside.kind, 'beside');
  assert.match(said(beside.kind === 'beside' ? beside.reply : assert.fail()), /^5 open alerts/);
});

test('“digest now” shows the week of what the alerts here cover, at once and without a sign-in', async (t) => {
  const rig = await start(t, several);
  await rig.readTenant();
  rig.sessions.forget(elif);
  for (const words of ['digest now', '立即摘要']) {
    const digest = said(await rig.message(typed(), words));
    assert.match(digest, /^Your week with 3 tokens\n[\s\S]*Open: 5 alerts[\s\S]*\[Open alerts\] openAlerts\/show$/);
    assert.doesNotMatch(digest, /no weekly/, 'a shared chat has no weekly digest to end');
  }
  await rig.subscriptions.erase(group.id);
  assert.match(said(await rig.message(typed(), 'digest now')), /^No alerts are on here|^Alerts are off here|alerts on/);
});

test('days are those of the zone of the conversation’s alerts, whoever asks', async (t) => {
  const rig = await start(t, []);
  rig.clock.now = Date.parse('2026-11-30T22:30:00Z');
  const token = tokenOf('A', { expirationDateTime: '2026-12-02T10:30:00Z' });
  await rig.alerts.put(alertOf('expiring', { id: 'soon', tenantId, tokenId: 'A', stage: 'd3', token }));
  await rig.subscriptions.put(
    subscriptionOf({ id: 'there', conversationId: group.id, tenantId, timeZone: 'Pacific/Auckland' }),
  );
  const shown = await rig.message(typed({ at: rig.clock.now, timeZone: 'America/Los_Angeles' }), 'alerts open');
  assert.match(said(shown), /Expires in 1 day$/m);
});
