import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import type { CardAction, CardActionAnswer } from '../../src/dialogs/card-action.ts';
import type { Alert, Condition } from '../../src/domain/alert.ts';
import type { Person, Turn } from '../../src/domain/turn.ts';
import { alertOf, subscriptionOf } from '../support/contoso-berlin.ts';
import { assertionOf, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { outlineOf } from '../support/outline-of.ts';
import { conversationOf, personOf, tenantId, tokenOf, turnOf } from '../support/turns.ts';

const [ada, elif] = [personOf('ada'), personOf('elif')];
const group = conversationOf('groupChat');
const onCard = (person: Person): Turn => turnOf({ person, conversation: group, cardId: 'card-1' });
const dayMs = 86_400_000;

/** An open alert of the one token, shown in a group chat whose subscription is Chinese, and delivered to Ada's own chat too. */
async function start(t: TestContext, condition: Condition = 'syncFailed', changes: Partial<Alert> = {}) {
  const rig = await startDialogs(t);
  const [token] = rig.tenant.tokens;
  const isBroken = condition === 'monitoringBroken';
  const own = { id: 'alert-1', tenantId, tokenId: isBroken ? '' : 'token-1', openedAt: 0, notifiedAt: 0 };
  const alert = alertOf(condition, { ...own, ...(token && !isBroken && { token }), ...changes });
  await rig.alerts.put(alert);
  for (const [id, conversationId] of [
    ['there', group.id],
    ['elsewhere', 'a:ada'],
  ] as const)
    await rig.subscriptions.put(subscriptionOf({ id, conversationId, tenantId }));
  const { card } = await rig.alertViews.card({ alert, locale: 'en', conversation: group });
  const id = /"id":"([\w-]{22,})"/.exec(JSON.stringify(card))?.[1] ?? 'no button';
  rig.signInAs(elif);
  return {
    ...rig,
    alert,
    id,
    press: (verb: string, changed: Partial<CardAction> & { readonly turn?: Turn } = {}) => {
      const { turn = onCard(elif), ...press } = changed;
      return rig.press(turn, { verb: `alert/${verb}`, id, inputs: {}, trigger: 'manual', ...press });
    },
    find: async () => (await rig.alerts.find(alert.id)) ?? assert.fail(),
    listQueued: async () =>
      (await Promise.all(['there', 'elsewhere'].map((each) => rig.deliveries.listDue(each, rig.clock.now))))
        .flat()
        .map(({ subscriptionId, body }) => `${subscriptionId}: ${body.kind === 'alert' ? body.event : body.kind}`),
  };
}

const said = (answer: CardActionAnswer) =>
  answer.kind === 'card' || answer.kind === 'beside' ? outlineOf(answer.reply.card) : wordsOf(answer);

test('Acknowledge writes the presser’s name on the card, and every conversation that has the alert gets an edit', async (t) => {
  const rig = await start(t);
  const answer = await rig.press('acknowledge');
  assert.equal(answer.kind, 'card');
  assert.match(said(answer), /^Acknowledged by\nElif Karaduman$/m);
  assert.doesNotMatch(said(answer), /\[Acknowledge\]/);
  assert.deepEqual((await rig.find()).acknowledged, { by: 'Elif Karaduman', at: onCard(elif).at });
  assert.deepEqual(await rig.listQueued(), ['there: changed', 'elsewhere: changed']);
});

test('a second acknowledgement learns who has it, and changes nothing', async (t) => {
  const rig = await start(t);
  await rig.press('acknowledge');
  rig.signInAs(ada);
  const answer = await rig.press('acknowledge', { turn: onCard(ada) });
  assert.deepEqual(answer, {
    kind: 'message',
    text: 'Elif Karaduman has already acknowledged this. Nothing was changed.',
  });
  assert.match(said(await rig.press('acknowledge')), /^You have already acknowledged this/);
  assert.equal((await rig.find()).revision, 2);
});

for (const [days, until] of [
  ['3', 3],
  ['1', 1],
  [undefined, 1],
  ['2', 1],
  [3, 1],
  [['3'], 1],
] as const) {
  test(`Snooze with ${JSON.stringify(days)} chosen is for ${until} day${until === 1 ? '' : 's'}`, async (t) => {
    const rig = await start(t);
    const answer = await rig.press('snooze', { inputs: { days } });
    assert.match(said(answer), /^Snoozed by\nElif Karaduman\nuntil /m);
    assert.deepEqual((await rig.find()).snoozed, {
      by: 'Elif Karaduman',
      at: onCard(elif).at,
      until: onCard(elif).at + until * dayMs,
    });
    assert.deepEqual(await rig.listQueued(), ['there: changed', 'elsewhere: changed']);
  });
}

test('an alert of an expired token is not snoozed, not from an old card either', async (t) => {
  const rig = await start(t, 'expired');
  assert.match(said(await rig.press('snooze')), /expired token can’t be snoozed/);
  assert.equal((await rig.find()).revision, 1);
});

for (const verb of ['acknowledge', 'snooze']) {
  test(`${verb} of an alert that has ended does nothing and says so`, async (t) => {
    const rig = await start(t);
    const { alert } = rig;
    await rig.alerts.put({ ...alert, revision: 2, endedAt: 5, ending: 'resolved' });
    assert.match(said(await rig.press(verb)), /has already ended\. Nothing was changed/);
    assert.equal((await rig.find()).revision, 2);
    assert.deepEqual(await rig.listQueued(), []);
  });
}

for (const [verb, shown] of [
  ['acknowledge', /^Acknowledged by\nElif Karaduman$/m],
  ['snooze', /^Snoozed by\nElif Karaduman\nuntil /m],
] as const)
  test(`${verb} works on an alert of a deleted token for whoever reads others, and for nobody else`, async (t) => {
    const rig = await start(t, 'tokenDeleted');
    rig.tenant.tokens = [tokenOf('token-2')];
    assert.match(said(await rig.press(verb)), shown);
    rig.signInAs(ada);
    rig.hide(ada, ['token-2']);
    assert.match(said(await rig.press(verb, { turn: onCard(ada) })), /no Apple VPP token you can see/);
  });

for (const verb of ['acknowledge', 'snooze', 'sync', 'renew'])
  test(`${verb} on an old card of a token that was deleted since says so`, async (t) => {
    const rig = await start(t, 'expiring');
    rig.tenant.tokens = [tokenOf('token-2')];
    await rig.alerts.put({ ...rig.alert, revision: 2, endedAt: 5, ending: 'deleted' });
    assert.match(said(await rig.press(verb)), /alert’s token was deleted from Intune.*Nothing was changed/);
    assert.deepEqual(rig.posts, []);
  });

for (const verb of ['acknowledge', 'snooze', 'undo', 'sync', 'renew']) {
  const taken = verb === 'undo' ? { acknowledged: { by: 'Ada Lindqvist', at: 1 } } : {};

  suite(verb, () => {
    test('by somebody whom Intune does not show the token does nothing, and only they see the refusal', async (t) => {
      const rig = await start(t, 'expiring', taken);
      rig.hide(elif, ['token-1']);
      const answer = await rig.press(verb);
      assert.equal(answer.kind, 'message');
      assert.match(said(answer), /Intune no longer has this token\. Nothing was changed[\s\S]*scope tags/);
      rig.hide(elif, []);
      rig.refuse(elif, 'forbidden');
      assert.match(said(await rig.press(verb)), /Intune denied access\. Nothing was changed/);
      assert.deepEqual([(await rig.find()).revision, rig.posts, await rig.listQueued()], [1, [], []]);
    });

    test('on an alert of another organisation than the presser’s sign-in is refused', async (t) => {
      const rig = await start(t, 'expiring', { ...taken, tenantId: 'tenant-2' });
      assert.match(said(await rig.press(verb)), /another organisation than the one you’re signed in to/);
      assert.deepEqual([(await rig.find()).revision, rig.posts], [1, []]);
    });

    test('without a sign-in asks for one and goes on as who pressed', async (t) => {
      const rig = await start(t, 'expiring', taken);
      rig.sessions.forget(elif);
      const asked = await rig.press(verb);
      assert.ok(asked.kind === 'signIn');
      assert.equal((await rig.find()).revision, 1);
      const proof = { kind: 'assertion' as const, requestId: asked.requestId, assertion: assertionOf(elif) };
      const answer = await rig.press(verb, { proof });
      assert.ok(answer.kind === 'card' || answer.kind === 'beside', said(answer));
    });

    test('goes on after a sign-in that ends away from the card', async (t) => {
      const rig = await start(t, 'expiring', taken);
      rig.sessions.forget(elif);
      const asked = await rig.press(verb, { inputs: { days: '3' } });
      assert.ok(asked.kind === 'signIn');
      const outcome = await rig.signIn.answerWithAssertion(onCard(elif), asked.requestId, assertionOf(elif));
      assert.ok(outcome.kind === 'signedIn');
      assert.equal(outcome.request.cardId, undefined, 'beside the card: others look at it, too');
      const reply = await rig.replyToSignIn(onCard(elif), outcome);
      const alert = await rig.find();
      if (verb === 'acknowledge') assert.equal(alert.acknowledged?.by, 'Elif Karaduman');
      if (verb === 'snooze') assert.equal(alert.snoozed?.until, onCard(elif).at + 3 * dayMs);
      if (verb === 'undo') assert.equal(alert.acknowledged, undefined);
      if (verb === 'sync') assert.deepEqual(rig.posts, ['Elif Karaduman: token-1']);
      if (verb === 'renew') assert.match(wordsOf(reply), /Renew Adatum/);
    });

    test('is what somebody presses by hand, in the card’s conversation', async (t) => {
      const rig = await start(t, 'expiring', taken);
      assert.match(said(await rig.press(verb, { trigger: 'automatic' })), /somebody has to press/);
      assert.match(
        said(await rig.press(verb, { turn: turnOf({ person: elif, cardId: 'card-1' }) })),
        /another conversation/,
      );
      assert.deepEqual([(await rig.find()).revision, rig.posts], [1, []]);
    });
  });
}

test('Sync now syncs as the presser, and answers beside the card, which stays', async (t) => {
  const rig = await start(t);
  const answer = await rig.press('sync');
  assert.equal(answer.kind, 'beside');
  assert.deepEqual(rig.posts, ['Elif Karaduman: token-1']);
  assert.equal((await rig.find()).revision, 1);
});

test('Renew shows the steps beside the card, as often as one likes', async (t) => {
  const rig = await start(t, 'expiring');
  for (const _ of [1, 2]) {
    const answer = await rig.press('renew');
    assert.equal(answer.kind, 'beside');
    assert.match(said(answer), /^Renew Adatum/);
  }
});

test('an alert of monitoring is acknowledged by whoever sees any token, and nothing can be synced of it', async (t) => {
  const rig = await start(t, 'monitoringBroken');
  for (const verb of ['sync', 'renew']) assert.equal((await rig.press(verb)).kind, 'message');
  assert.deepEqual(rig.posts, []);
  rig.hide(elif, ['token-1']);
  assert.match(said(await rig.press('acknowledge')), /no Apple VPP token you can see/);
  rig.hide(elif, []);
  assert.match(said(await rig.press('acknowledge')), /^Acknowledged by\nElif Karaduman$/m);
});

test('the card stays in the language of its conversation’s alerts', async (t) => {
  const rig = await start(t);
  await rig.subscriptions.put(subscriptionOf({ id: 'there', conversationId: group.id, tenantId, locale: 'zh-CN' }));
  assert.match(said(await rig.press('acknowledge')), /^确认人\nElif Karaduman$/m);
});

test('the card counts days in the zone of its conversation’s alerts, whoever presses', async (t) => {
  // The rig's clock says 1970-01-01T00:16:40Z.
  const token = tokenOf('token-1', { expirationDateTime: '1970-01-02T08:30:00Z' });
  const rig = await start(t, 'expiring', { stage: 'd3', token });
  await rig.subscriptions.put(
    subscriptionOf({ id: 'there', conversationId: group.id, tenantId, timeZone: 'America/Los_Angeles' }),
  );
  const turn = { ...onCard(elif), timeZone: 'Pacific/Auckland' };
  assert.match(said(await rig.press('acknowledge', { turn })), /Expires in 2 days$/m);
});

test('a card of an alert that is not kept any more says so', async (t) => {
  const rig = await start(t);
  await rig.alerts.put({ ...rig.alert, revision: 2, endedAt: 5, ending: 'resolved' });
  await rig.alerts.prune(5 + 200 * dayMs);
  assert.match(said(await rig.press('acknowledge')), /no longer kept/);
});

test('Cancel, and the verbs of other cards, do nothing on an alert’s card', async (t) => {
  const rig = await start(t);
  for (const verb of ['dialog/cancel', 'sync/start', 'status/refresh', 'alertsOn/choose', 'alert/constructor'])
    assert.match(said(await rig.press('', { verb })), /no longer works/, verb);
  assert.equal((await rig.press('acknowledge')).kind, 'card', 'and it is not used up');
});

test('Undo takes back what was done last, on the card and for everybody', async (t) => {
  const rig = await start(t);
  await rig.press('acknowledge');
  const snoozed = said(await rig.press('snooze', { inputs: { days: '3' } }));
  assert.match(snoozed, /^Elif Karaduman is on it\nSnoozed until \{\{DATE/m);
  assert.match(snoozed, /^\[Undo\] alert\/undo$/m);
  const once = said(await rig.press('undo'));
  assert.match(once, /^Elif Karaduman is on it$/m);
  assert.doesNotMatch(once, /Snoozed until/);
  const twice = said(await rig.press('undo'));
  assert.doesNotMatch(twice, /is on it|\[Undo\]/);
  assert.match(twice, /\[Acknowledge\]/);
  const { acknowledged, snoozed: left } = await rig.find();
  assert.deepEqual([acknowledged, left], [undefined, undefined]);
  assert.match(said(await rig.press('undo')), /Nobody has acknowledged or snoozed this\. Nothing was changed/);
  assert.equal((await rig.listQueued()).length, 8, 'each change is an edit in both conversations');
});

test('“undo” below an alert’s card takes back what was done about it', async (t) => {
  const rig = await start(t);
  await rig.press('acknowledge');
  const stored = await rig.records.find(rig.id);
  await rig.records.setCard(stored?.id ?? assert.fail(), 'card-1');
  for (const words of ['undo', '撤销']) {
    if ((await rig.find()).acknowledged === undefined) await rig.press('acknowledge');
    const reply = await rig.message(turnOf({ person: elif, conversation: group, quotedId: 'card-1' }), words);
    assert.match(wordsOf(reply), /^Undone: .*The last sync failed/);
    assert.equal((await rig.find()).acknowledged, undefined);
  }
});
