import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { chosenConditions } from '../../src/domain/alert.ts';
import type { CardReply, Person, Reply, Turn } from '../../src/domain/turn.ts';
import { alertOf, subscriptionOf } from '../support/contoso-berlin.ts';
import { idOn, press, startDialogs, wordsOf as textOf } from '../support/dialogs-rig.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';
import { conversationOf, personOf, tenantId, tokenOf, turnOf } from '../support/turns.ts';

const [ada, elif] = [personOf('ada'), personOf('elif')];
const group = turnOf({ conversation: conversationOf('groupChat'), timeZone: 'Europe/Berlin' });
const by = (person: Person, turn: Turn = group): Turn => ({ ...turn, person, cardId: 'card-1' });

/** Three tokens A, B and C, or as many as asked for; Elif does not see C. */
async function start(t: TestContext, count = 3) {
  const rig = await startDialogs(t);
  const letters = 'ABC';
  rig.tenant.tokens = Array.from({ length: count }, (_, index) => {
    const id = letters[index] ?? `T${index}`;
    return tokenOf(id, { displayName: `Contoso ${id}` });
  });
  await rig.readTenant();
  rig.hide(elif, ['C']);
  rig.signInAs(ada);
  rig.signInAs(elif);
  const ask = async (turn: Turn = by(ada)): Promise<Reply> => rig.message(turn, 'alerts settings');
  return {
    ...rig,
    ask,
    /** Presses Save on a form, with its own values where no others are given. */
    async save(form: Reply, changes: Readonly<Record<string, unknown>> = {}, turn = by(ada)) {
      const inputs = { ...valuesOn(form), ...changes };
      const answer = await rig.press(turn, press('alertSettings/save', idOn(form), { inputs }));
      return { kind: answer.kind, said: wordsOf(answer) };
    },
    find: async (turn: Turn = group) => {
      const found = await rig.subscriptions.findByConversation(turn.conversation.id);
      assert.ok(found);
      const { scope, events, quiet, timeZone, weeklyAt, owner } = found;
      return { scope, events, quiet, timeZone, hasWeekly: weeklyAt !== undefined, owner: owner.name };
    },
  };
}

const wordsOf = (reply: Parameters<typeof textOf>[0]): string =>
  'card' in reply
    ? outlineOf(reply.card)
    : 'reply' in reply
      ? outlineOf((reply.reply as CardReply).card)
      : textOf(reply);

/** What a client sends when nobody changes anything. */
function valuesOn(form: Reply): Record<string, unknown> {
  assert.ok('card' in form, JSON.stringify(form));
  const inputs = [...nodesOf(form.card)].filter(({ type }) => String(type).startsWith('Input.'));
  return Object.fromEntries(inputs.map(({ id, value }) => [String(id), value ?? '']));
}

test('the form begins with what is set here, or with what “alerts on” would set', async (t) => {
  const { ask, message } = await start(t);
  assert.deepEqual(valuesOn(await ask()), {
    tokens: 'all',
    events: chosenConditions.join(','),
    quiet: 'false',
    from: '22:00',
    until: '07:00',
    zone: 'Europe/Berlin',
  });
  await message(by(ada), 'alerts on "Contoso B" expiring failed quiet 21:30-06:00 Asia/Shanghai');
  const form = await ask();
  assert.deepEqual(valuesOn(form), {
    tokens: '2',
    events: 'expiring,syncFailed',
    quiet: 'true',
    from: '21:30',
    until: '06:00',
    zone: 'Asia/Shanghai',
  });
  const chinese = { ...by(ada), locale: 'zh-CN' as const };
  for (const words of ['提醒 设置', '提醒设置'])
    assert.match(wordsOf(await message(chinese, words)), /^提醒设置\n[\s\S]*时区[\s\S]*alertSettings\/save/);
  assert.equal(valuesOn(await ask(turnOf())).weekly, 'true', 'the digest of a personal chat');
});

test('saving it is “alerts on” as whoever presses, and the card says the same', async (t) => {
  const { ask, save, find, alerts, deliveries, subscriptions } = await start(t);
  const open = alertOf('expired', { id: 'open-A', tenantId, tokenId: 'A', token: tokenOf('A') });
  await alerts.put(open);
  const form = await ask();
  const first = { tokens: '2,3', events: 'expired,expiring', quiet: 'true', from: '23:00', until: '05:30' };
  const saved = await save(form, { ...first, zone: 'asia/shanghai' });
  assert.equal(saved.kind, 'card');
  assert.match(
    saved.said,
    /^Alerts are on here\n✓ No alert is open\nTokens\n2 tokens · Contoso B · Contoso C\nAlerts for\nExpired and Expiring/,
  );
  assert.match(saved.said, /^23:00 to 05:30; [^\n]*\nTime zone\nAsia\/Shanghai\n[\s\S]*Set up by\nAda Lindqvist\n/m);
  assert.deepEqual(await find(), {
    scope: ['B', 'C'],
    events: ['expired', 'expiring'],
    quiet: { from: 23 * 60, to: 5 * 60 + 30 },
    timeZone: 'Asia/Shanghai',
    hasWeekly: false,
    owner: 'Ada Lindqvist',
  });
  const more = await save(await ask(), { tokens: '1,2,3' });
  assert.match(more.said, /1 alert is already open; a card follows\./);
  const { id = '' } = (await subscriptions.findByConversation(group.conversation.id)) ?? {};
  assert.equal((await deliveries.listDue(id, Number.MAX_SAFE_INTEGER)).length, 1);
  await save(await ask(), { tokens: 'all', quiet: 'false' });
  const { scope, quiet } = await find();
  assert.deepEqual({ scope, quiet }, { scope: 'all', quiet: undefined });
});

test('a form saved as it is changes nothing', async (t) => {
  const { ask, save, find, message } = await start(t);
  for (const words of ['alerts on', 'alerts on "Contoso A" expired quiet 20:00-06:00', 'alerts on all stale']) {
    await message(by(ada), words);
    const before = await find();
    assert.equal((await save(await ask())).kind, 'card', words);
    assert.deepEqual(await find(), before, words);
  }
});

test('the weekly digest is switched in a personal chat alone', async (t) => {
  const { ask, save, find } = await start(t);
  const chat = { ...turnOf(), cardId: 'card-1' };
  await save(await ask(chat), { weekly: 'false' }, chat);
  assert.equal((await find(chat)).hasWeekly, false);
  await save(await ask(chat), { weekly: 'true' }, chat);
  assert.equal((await find(chat)).hasWeekly, true);
});

test('each input that cannot be meant is refused by its label, says how to fix it, and changes nothing', async (t) => {
  const { ask, save, message, find } = await start(t, 30);
  await message(by(ada), 'alerts on "Contoso A"');
  const before = await find();
  const form = await ask();
  for (const [inputs, refusal] of [
    [{ tokens: 'all,1' }, 'Tokens: choose either all tokens or single ones, not both.'],
    [{ tokens: 'all', add: 'Contoso B' }, 'Tokens: choose either all tokens or single ones, not both.'],
    [{ tokens: '' }, 'Tokens: choose at least one. To stop alerts here, say “alerts off”.'],
    [
      { tokens: '9' },
      'Tokens: Intune doesn’t show you one of these. Leave it out, or say “alerts settings” for a new form.',
    ],
    [{ add: 'Contoso B, contoso' }, 'Add tokens by name: “contoso” matches 30 tokens. Write more of the name.'],
    [{ add: 'Fabrikam' }, 'Add tokens by name: you can see no token called “Fabrikam”. Check the spelling.'],
    [{ add: 'Contso B' }, 'Add tokens by name: you can see no token called “Contso B”. Check the spelling.'],
    [{ events: 'none of them' }, 'Alerts for: choose at least one. To stop alerts here, say “alerts off”.'],
    [{ quiet: 'true', from: '' }, 'Quiet from: give a time such as 22:00, or switch quiet hours off.'],
    [{ quiet: 'true', until: '25:00' }, 'Quiet until: give a time such as 22:00, or switch quiet hours off.'],
    [
      { quiet: 'true', from: '07:00', until: '07:00' },
      'Quiet until: quiet hours can’t begin and end at the same time.',
    ],
    [{ zone: 'Atlantis' }, 'Time zone: I don’t know “Atlantis”. Write it like Europe/Berlin or Asia/Shanghai.'],
    [{ zone: 'berlin' }, 'Time zone: “berlin” alone is not a time zone. Did you mean Europe/Berlin?'],
    [
      { tokens: 7, events: ['expired'], quiet: {}, zone: null },
      'Tokens: choose at least one. To stop alerts here, say “alerts off”.',
    ],
  ] as const) {
    assert.deepEqual(await save(form, inputs), { kind: 'message', said: `${refusal} Nothing was changed.` });
    assert.deepEqual(await find(), before, refusal);
  }
});

test('of many tokens the form shows those that are covered; others are typed, and what it does not show stays covered', async (t) => {
  const { ask, save, find, message, subscriptions } = await start(t, 3_000);
  const all = await ask();
  assert.deepEqual(choicesOn(all), ['All tokens, including later ones']);
  await save(all, { tokens: '', add: 'Contoso B, Contoso T2999; T17' });
  assert.deepEqual((await find()).scope, ['B', 'T2999', 'T17']);
  const some = await ask();
  assert.deepEqual(choicesOn(some), ['All tokens, including later ones', 'Contoso B', 'Contoso T17', 'Contoso T2999']);
  await message(by(ada), 'alerts on "Contoso A"');
  await save(some, { tokens: '1,3' });
  assert.deepEqual((await find()).scope, ['B', 'T2999', 'A'], 'A was covered meanwhile');

  const scope = Array.from({ length: 20 }, (_, index) => `T${index + 100}`);
  const { conversation } = group;
  await subscriptions.put(
    subscriptionOf({ id: 'there', conversationId: conversation.id, tenantId, scope, owner: ada }),
  );
  const long = await ask();
  assert.match(wordsOf(long), /^6 more tokens stay covered\. To remove one, say “alerts off” and its name\.$/m);
  await save(long, { tokens: '2' });
  assert.deepEqual((await find()).scope, ['T101', ...scope.slice(14)]);
});

const choicesOn = (form: Reply) => {
  assert.ok('card' in form);
  const [tokens] = [...nodesOf(form.card)].filter(({ id }) => id === 'tokens');
  return ((tokens?.choices ?? []) as readonly { readonly title: string }[]).map(({ title }) => title);
};

test('nobody covers by the form what Intune does not show them, nor changes what a colleague’s alerts hide from them', async (t) => {
  const { ask, save, find, message } = await start(t);
  const form = await ask();
  assert.match((await save(form, { tokens: '3' }, by(elif))).said, /^Tokens: Intune doesn’t show you one of these\./);
  await message(by(ada), 'alerts on "Contoso A"');
  await message(by(ada), 'alerts on "Contoso C"');
  const before = await find();
  const later = await ask();
  for (const changes of [{ tokens: '1' }, { tokens: '1,2,3', events: 'expired' }, { events: 'expired' }]) {
    const refused = await save(later, changes, by(elif));
    assert.match(refused.said, /^Ada Lindqvist set up these alerts, also for tokens that Intune hides from you/);
    assert.equal(refused.kind, 'message');
  }
  assert.deepEqual(await find(), before);
  // Quiet hours are everybody's, as with “alerts on quiet …”; the alerts stay Ada's.
  await save(later, { quiet: 'true' }, by(elif));
  assert.deepEqual(await find(), { ...before, quiet: { from: 22 * 60, to: 7 * 60 } });
});

test('“Settings” on the card of alerts opens the form in its place, and Cancel goes back', async (t) => {
  const rig = await start(t);
  await rig.message(by(ada), 'alerts on');
  const alerts = await rig.message(by(ada), 'alerts');
  assert.match(wordsOf(alerts), /\[Settings\] alertSettings\/show$/);
  const form = await rig.press(by(elif), press('alertSettings/show', idOn(alerts)));
  assert.ok(form.kind === 'card' && 'recordId' in form.reply);
  assert.match(
    outlineOf(form.reply.card),
    /^Alert settings\n[\s\S]*\[Save\] alertSettings\/save\n\[Cancel\] alertSettings\/cancel$/,
  );
  const back = await rig.press(by(ada), press('alertSettings/cancel', idOn(form.reply)));
  assert.match(wordsOf(back), /^Alerts here\n/);
  rig.sessions.forget(ada);
  const asked = await rig.press(by(ada), press('alertSettings/save', idOn(form.reply)));
  assert.equal(asked.kind, 'signIn', 'as whoever presses');
});

test('alerts of another organisation have no form', async (t) => {
  const { ask, save, subscriptions } = await start(t);
  const form = await ask();
  const { conversation } = group;
  await subscriptions.put(subscriptionOf({ id: 'there', conversationId: conversation.id, tenantId: 'another' }));
  assert.match(wordsOf(await ask()), /set up these alerts for another organisation/);
  assert.match((await save(form)).said, /set up these alerts for another organisation/);
});
