import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { readAlertsOn } from '../../src/commands/alert-grammar.ts';
import { chosenConditions } from '../../src/domain/alert.ts';
import type { Person, Turn } from '../../src/domain/turn.ts';
import { alertOf } from '../support/contoso-berlin.ts';
import { assertionOf, idOn, startDialogs } from '../support/dialogs-rig.ts';
import { outlineOf } from '../support/outline-of.ts';
import { conversationOf, personOf, tenantId, tokenOf, turnOf } from '../support/turns.ts';

const [ada, elif] = [personOf('ada'), personOf('elif')];
const chat = turnOf();
const group = turnOf({ conversation: conversationOf('groupChat') });
const by = (person: Person, turn: Turn = group): Turn => ({ ...turn, person });

/** Five tokens, all of which monitoring saw; both people are signed in, and Elif sees four of them. */
async function start(t: TestContext, { isRead = true } = {}) {
  const rig = await startDialogs(t);
  rig.tenant.tokens = [
    tokenOf('id-1', { displayName: 'Contoso HQ' }),
    tokenOf('id-2', { displayName: 'Contoso Retail' }),
    tokenOf('id-3', { displayName: 'Fabrikam' }),
    tokenOf('id-4', { displayName: 'Expired' }),
    tokenOf('id-5', { displayName: 'Secret' }),
  ];
  if (isRead) await rig.readTenant();
  rig.hide(elif, ['id-5']);
  rig.signInAs(ada);
  rig.signInAs(elif);
  const openOf = (id: string, condition = 'expired' as const) =>
    alertOf(condition, { id: `alert-${id}`, tenantId, tokenId: id, token: tokenOf(id) });
  return {
    ...rig,
    openOf,
    async say(turn: Turn, text: string): Promise<string> {
      const reply = await rig.message(turn, text);
      return reply.kind === 'card' ? outlineOf(reply.card) : reply.kind === 'text' ? reply.text : JSON.stringify(reply);
    },
    find: (turn: Turn = group) => rig.subscriptions.findByConversation(turn.conversation.id),
    /** The deliveries queued for that conversation, by alert. */
    async listQueued(turn: Turn = group) {
      const subscription = await rig.subscriptions.findByConversation(turn.conversation.id);
      const due = subscription ? await rig.deliveries.listDue(subscription.id, Number.MAX_SAFE_INTEGER) : [];
      return due.map(({ body }) => (body.kind === 'alert' ? `${body.event} ${body.alertId}` : body.kind));
    },
  };
}

test('“alerts on” subscribes to every token, later ones too, and to everything that goes wrong', async (t) => {
  const { say, find } = await start(t);
  const said = await say(group, 'alerts on');
  assert.match(
    said,
    /^Alerts are on here\n✓ No alert is open\nTokens\nAll tokens and the push certificate of your organisation, including later ones\nAlerts for\nEverything/,
  );
  assert.match(said, /^Set up by\nAda Lindqvist$/m);
  const { id: _, createdAt: __, ...stored } = (await find()) ?? assert.fail();
  assert.deepEqual(stored, {
    tenantId,
    conversationId: '19:groupChat',
    owner: ada,
    locale: 'en',
    scope: 'all',
    events: chosenConditions,
    timeZone: 'UTC',
  });
});

const spellings: readonly (readonly [text: string, covers: 'all' | readonly string[], events: readonly string[]])[] = [
  ['alerts on all expiring failed', 'all', ['expiring', 'syncFailed']],
  ['alert on expired', 'all', ['expired']],
  ['Alerts ON fabrikam', ['id-3'], chosenConditions],
  ['alerts on vpp fabrikam stuck', ['id-3'], ['syncStuck']],
  ['alerts on vpp expired', ['id-4'], chosenConditions],
  ['alerts on “Expired” expired', ['id-4'], ['expired']],
  ['提醒 开启', 'all', chosenConditions],
  ['提醒开启全部已过期', 'all', ['expired']],
  ['开启提醒 fabrikam 失败', ['id-3'], ['syncFailed']],
];
for (const [text, covers, events] of spellings) {
  test(`“${text}” subscribes to what it says`, async (t) => {
    const { say, find } = await start(t);
    await say(group, text);
    const subscription = await find();
    assert.deepEqual([subscription?.scope, subscription?.events], [covers, events]);
  });
}

for (const text of ['alerts on all fabrikam', 'alerts on nobody', 'alerts on quiet', 'alerts on quiet 22-7 Berlin']) {
  test(`“${text}” subscribes to nothing and says why`, async (t) => {
    const { say, find } = await start(t);
    assert.ok((await say(group, text)).length > 20);
    assert.equal(await find(), undefined);
  });
}

test('somebody who sees a part of the tokens subscribes to exactly those, and the reply says so', async (t) => {
  const { say, find } = await start(t);
  assert.match(await say(by(elif), 'alerts on'), /^⚠\ufe0e These alerts cover the 4 tokens you can see\./m);
  assert.deepEqual((await find())?.scope, ['id-1', 'id-2', 'id-3', 'id-4']);
});

test('before the first pass nobody knows whether these are all, so they count as a part', async (t) => {
  const { say, find } = await start(t, { isRead: false });
  assert.match(await say(group, 'alerts on'), /cover the 5 tokens you can see\. I haven’t read.*say “alerts on” again/);
  assert.equal((await find())?.scope.length, 5);
});

test('somebody who sees no token, or is refused by Intune, subscribes to nothing', async (t) => {
  const { say, find, hide, refuse } = await start(t);
  hide(elif, ['id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
  assert.match(await say(by(elif), 'alerts on'), /There is no Apple VPP token you can see/);
  refuse(ada, 'forbidden');
  assert.match(await say(group, 'alerts on'), /Intune denied access/);
  assert.equal(await find(), undefined);
});

test('a name that several tokens have is asked about, and the choice goes on with every word', async (t) => {
  const { message, press, find } = await start(t);
  const asked = await message(group, 'alerts on contoso expiring failed quiet 22:00-07:00 Europe/Berlin');
  assert.ok(asked.kind === 'card');
  assert.match(outlineOf(asked.card), /\[Alerts on\] alertsOn\/choose/);
  assert.equal(await find(), undefined);
  const pressed = { verb: 'alertsOn/choose', id: idOn(asked), inputs: { choice: '2' }, trigger: 'manual' };
  assert.equal((await press({ ...group, cardId: 'card-1' }, pressed)).kind, 'card');
  const { scope: covers, events, quiet, timeZone } = (await find()) ?? assert.fail();
  assert.deepEqual(
    { covers, events, quiet, timeZone },
    { covers: ['id-2'], events: ['expiring', 'syncFailed'], quiet: { from: 1320, to: 420 }, timeZone: 'Europe/Berlin' },
  );
});

test('a typed choice goes on with every word as well', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on contoso stale');
  await say(group, '1');
  const subscription = await find();
  assert.deepEqual([subscription?.scope, subscription?.events], [['id-1'], ['syncStale']]);
});

test('a sign-in in between goes on with every word, as who asked', async (t) => {
  const rig = await start(t);
  rig.sessions.forget(ada);
  const asked = await rig.message(chat, 'alerts on fabrikam expired no weekly');
  assert.ok(asked.kind === 'signIn');
  const outcome = await rig.signIn.answerWithAssertion(chat, asked.requestId, assertionOf(ada));
  assert.ok(outcome.kind === 'signedIn');
  await rig.replyToSignIn(chat, outcome);
  const { scope: covers, events, weeklyAt, owner } = (await rig.find(chat)) ?? assert.fail();
  assert.deepEqual(
    { covers, events, weeklyAt, owner },
    { covers: ['id-3'], events: ['expired'], weeklyAt: undefined, owner: ada },
  );
});

test('a token said later is added to a list, with the conditions it has; said twice it says so', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on fabrikam expired');
  assert.match(
    await say(group, 'alerts on retail'),
    /^Alerts changed\n✓ No alert is open\n✓ Contoso Retail is now covered too\./,
  );
  const { scope: covers, events } = (await find()) ?? assert.fail();
  assert.deepEqual({ covers, events }, { covers: ['id-3', 'id-2'], events: ['expired'] });
  assert.match(await say(group, 'alerts on retail'), /Contoso Retail was already covered/);
  assert.match(await say(group, 'alerts on hq failed'), /Your choice of alerts applies to all 3 tokens here/);
});

test('a token said where all were covered takes their place, and how to go back is said', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on');
  const before = await find();
  assert.match(await say(group, 'alerts on fabrikam'), /They covered all tokens before\. Say “alerts on all”/);
  const after = await find();
  assert.deepEqual(after?.scope, ['id-3']);
  assert.equal(after?.id, before?.id, 'its subscription stays');
});

test('settings alone change nothing else, whoever says them', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on all expired');
  const before = await find();
  await say(by(elif, { ...group, timeZone: 'Asia/Shanghai' }), 'alerts on quiet 22:00-06:30');
  const after = await find();
  assert.deepEqual(after, { ...before, quiet: { from: 1320, to: 390 }, timeZone: 'Asia/Shanghai' });
  await say(group, 'alerts on quiet off');
  assert.deepEqual(await find(), { ...before, timeZone: 'Asia/Shanghai' });
});

test('a colleague who sees less does not take tokens from everybody by saying “alerts on” again', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on');
  const before = await find();
  for (const text of ['alerts on', 'alerts on fabrikam', 'alerts on expired'])
    assert.match(
      await say(by(elif), text),
      /Ada Lindqvist set up these alerts, also for tokens that Intune hides from you/,
    );
  assert.deepEqual(await find(), before);
  await say(by(elif), 'alerts off');
  await say(by(elif), 'alerts on');
  assert.equal((await find())?.scope.length, 4);
});

test('somebody who may not see all any more keeps what they see when they ask again', async (t) => {
  const { say, find, hide } = await start(t);
  await say(group, 'alerts on');
  hide(ada, ['id-1']);
  await say(group, 'alerts on expired');
  assert.deepEqual((await find())?.scope, ['id-2', 'id-3', 'id-4', 'id-5']);
});

test('alerts of another organisation are left alone', async (t) => {
  const { say, find, subscriptions } = await start(t);
  await say(group, 'alerts on');
  const theirs = { ...((await find()) ?? assert.fail()), tenantId: 'tenant-2' };
  await subscriptions.put(theirs);
  assert.match(await say(by(elif), 'alerts on'), /for another organisation/);
  assert.deepEqual(await find(), theirs);
});

test('the zone is what was said, else that of the person’s Teams, else UTC, and the answer says which', async (t) => {
  const { say } = await start(t);
  const berlin = { ...group, timeZone: 'Europe/Berlin' };
  assert.match(await say(berlin, 'alerts on quiet 22-7'), /^Time zone\nEurope\/Berlin, from your Teams$/m);
  assert.match(await say(berlin, 'alerts on zone Asia/Tokyo'), /^Time zone\nAsia\/Tokyo$/m);
  await say(group, 'alerts off');
  assert.match(await say(group, 'alerts on quiet 22-7'), /^Time zone\nUTC, because Teams didn’t say yours/m);
});

test('the weekly digest comes in a personal chat unless it is left out, and nowhere else', async (t) => {
  const { say, find } = await start(t);
  assert.match(
    await say(chat, 'alerts on'),
    /A weekly digest is included.*no weekly[\s\S]*Weekly digest\nMondays at 08:00/,
  );
  assert.ok(((await find(chat))?.weeklyAt ?? 0) > chat.at);
  assert.match(await say(chat, 'alerts on no weekly'), /Weekly digest\nOff/);
  assert.equal((await find(chat))?.weeklyAt, undefined);
  await say(chat, 'alerts on expired');
  assert.equal((await find(chat))?.weeklyAt, undefined, 'what was left out stays out');
  assert.match(await say(group, 'alerts on weekly'), /comes only to personal chats/);
  assert.equal((await find())?.weeklyAt, undefined);
});

test('alerts that are open already are posted once per subscribing, if they match, and the notifier is woken', async (t) => {
  const { say, alerts, listQueued, openOf, woken } = await start(t);
  for (const id of ['id-1', 'id-3']) await alerts.put(openOf(id));
  await alerts.put({ ...openOf('id-2'), endedAt: 1, ending: 'resolved' });
  await alerts.put({ ...openOf('id-4'), tenantId: 'tenant-2' });
  assert.match(
    await say(group, 'alerts on fabrikam'),
    /✕ Open now: 1 critical\n[\s\S]*1 alert is already open; a card follows/,
  );
  assert.deepEqual(await listQueued(), ['alreadyOpen alert-id-3']);
  await say(group, 'alerts on hq');
  assert.deepEqual(await listQueued(), ['alreadyOpen alert-id-3', 'alreadyOpen alert-id-1']);
  assert.equal(woken.times, 2);
  await say(group, 'alerts on quiet 22-7');
  assert.equal((await listQueued()).length, 2);
  await say(group, 'alerts on all');
  assert.equal((await listQueued()).length, 4, 'asked for anew, posted anew');
  assert.doesNotMatch(await say(group, 'alerts on all'), /follows/);
  assert.equal((await listQueued()).length, 4, 'the same again is not');
});

test('chosen events stay as they were, with “all” as with a name, and the reply says so; “alerts on” alone begins anew', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on all expiring');
  assert.match(await say(group, 'alerts on all'), /stays as it was.*all events[\s\S]*Alerts for\nExpiring/);
  assert.deepEqual((await find())?.events, ['expiring']);
  await say(group, 'alerts on fabrikam');
  assert.deepEqual((await find())?.events, ['expiring']);
  assert.doesNotMatch(await say(group, 'alerts on all events'), /stays as it was/);
  assert.deepEqual((await find())?.events, chosenConditions);
  await say(group, 'alerts on expiring');
  assert.match(await say(group, 'alerts on'), /Alerts for\nEverything that goes wrong/);
});

test('a deleted token is known by name to who sees all others, and where its alerts were on, whose list it can be taken out of', async (t) => {
  const { say, find, tenant, snapshots, clock } = await start(t);
  await say(group, 'alerts on fabrikam');
  await say(group, 'alerts on retail expiring');
  tenant.tokens = tenant.tokens.filter(({ id }) => id !== 'id-3');
  clock.now += 30_000;
  const snapshot = { tenantId, token: tokenOf('id-3', { displayName: 'Fabrikam' }), firstSeenAt: 0, seenAt: 0 };
  const missing = { ...snapshot, missingSince: Date.UTC(2026, 10, 20, 9, 30) };
  await snapshots.putAll([missing]);
  assert.match(await say(chat, 'status fabrikam'), /has not listed “Fabrikam” since 20 Nov 2026, 09:30 UTC/);
  await snapshots.putAll([{ ...missing, deletedAt: clock.now }]);
  for (const [turn, text] of [
    [chat, 'status fabrikam'],
    [chat, 'history fabrikam'],
    [chat, 'alerts on fabrikam'],
    [by(elif), 'sync vpp fabrikam'],
  ] as const)
    assert.match(
      await say(turn, text),
      /^“Fabrikam” was deleted from Intune on 20 Nov 2026\. Nothing was changed/,
      text,
    );
  assert.match(await say(by(elif, chat), 'status fabrikam'), /^No token you can see is called “fabrikam”/);
  assert.match(await say(group, 'alerts'), /2 tokens · Contoso Retail · 1 that is no longer in Intune/);
  assert.match(await say(group, 'alerts off fabrikam'), /Fabrikam from the alerts here/);
  assert.deepEqual((await find())?.scope, ['id-2']);
});

test('“alerts” shows what is on: which tokens, what for, when, by whom, and what is open', async (t) => {
  const { say, alerts, openOf } = await start(t);
  await alerts.put(openOf('id-3'));
  await say(group, 'alerts on fabrikam expired quiet 22:00-07:00 Europe/Berlin');
  const said = await say(by(elif), 'alerts');
  assert.match(
    said,
    /^Alerts here\n✕ Open now: 1 critical\nTokens\n1 token · Fabrikam\nAlerts for\nExpired · and when/,
  );
  assert.match(
    said,
    /Quiet hours\n22:00 to 07:00; critical alerts still come at once\nTime zone\nEurope\/Berlin\nSet up by\nAda Lindqvist\n.*\nTo change them/,
  );
});

test('“alerts” where nothing is on says how to switch them on, and asks for no sign-in', async (t) => {
  const { say, sessions } = await start(t);
  sessions.forget(ada);
  assert.match(await say(group, 'alerts'), /^No alerts are on here\. Say “alerts on”/);
  assert.match(await say(group, '提醒'), /^No alerts/);
  assert.match(await say(group, 'alerts purple'), /I don’t understand “purple” here/);
});

test('“alerts” says when Teams stopped taking them, and that “alerts on” starts anew', async (t) => {
  const { say, find, subscriptions, alerts, openOf, listQueued } = await start(t);
  await alerts.put(openOf('id-1'));
  await say(group, 'alerts on');
  await subscriptions.suspend((await find())?.id ?? '', 'BotNotInConversationRoster', 1);
  assert.match(await say(group, 'alerts'), /Stopped\nTeams refused my messages here \(BotNotInConversationRoster\)/);
  await say(group, 'alerts on quiet off');
  assert.equal((await find())?.suspended, undefined);
  assert.deepEqual(await listQueued(), ['alreadyOpen alert-id-1'], 'what was dropped meanwhile is queued');
});

test('anybody there may switch alerts off, without a sign-in, and in a shared chat is named for it', async (t) => {
  const { say, find, sessions, alerts, openOf, listQueued } = await start(t);
  await alerts.put(openOf('id-1'));
  await say(group, 'alerts on');
  sessions.forget(elif);
  assert.match(await say(by(elif), 'alerts off'), /^Elif Karaduman turned alerts off here/);
  assert.deepEqual([await find(), await listQueued()], [undefined, []]);
  assert.equal(await say(group, 'alerts off'), 'No alerts are on here, so nothing was changed.');
  await say(chat, '提醒 开启');
  assert.match(await say(chat, '提醒 关闭'), /^Alerts are off here\./);
});

test('“alerts off” and a name takes that token out of a list, and the last one ends them', async (t) => {
  const { say, find } = await start(t);
  for (const name of ['hq', 'retail', 'fabrikam']) await say(group, `alerts on ${name}`);
  assert.match(await say(group, 'alerts off secret'), /None of the tokens covered here is called “secret”/);
  assert.match(await say(group, 'alerts off fabrikam'), /Ada Lindqvist removed Fabrikam.*2 tokens still are covered/);
  await say(group, 'alerts off contoso');
  await say(group, '2');
  assert.deepEqual((await find())?.scope, ['id-1']);
  assert.match(await say(group, 'alerts off contoso'), /turned alerts off here/);
  assert.equal(await find(), undefined);
});

test('one token cannot be left out of all of them, which is said', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on');
  assert.match(await say(group, 'alerts off fabrikam'), /cover all tokens, so “fabrikam” can’t be left out on its own/);
  assert.equal((await find())?.scope, 'all');
});

test('after the bot was removed nothing is on, and subscribing begins anew', async (t) => {
  const { say, find, subscriptions } = await start(t);
  await say(group, 'alerts on expired quiet 22-7');
  await subscriptions.markRemoved('19:groupChat', 5);
  assert.match(await say(group, 'alerts'), /^No alerts are on here/);
  assert.match(await say(group, 'alerts off'), /nothing was changed/);
  await say(by(elif), 'alerts on');
  const subscription = (await find()) ?? assert.fail();
  assert.deepEqual([subscription.removedAt, subscription.quiet, subscription.owner], [undefined, undefined, elif]);
});

test('each conversation has its own; threads of one channel share theirs', async (t) => {
  const { say, find } = await start(t);
  const thread = turnOf({ conversation: conversationOf('channel', '19:channel;messageid=1') });
  await say(thread, 'alerts on');
  assert.match(
    await say({ ...thread, conversation: { ...thread.conversation, id: '19:channel;messageid=2' } }, 'alerts'),
    /^Alerts here/,
  );
  assert.equal(await find(), undefined);
});

test('alerts are switched on where it is said, whatever other place the words, a press or an answer come from', async (t) => {
  const { say, press, message, find } = await start(t);
  await say(group, 'alerts on 19:channel');
  await say(group, 'alerts on fabrikam 19:channel@thread.tacv2');
  const asked = await message(group, 'alerts on contoso');
  const pressed = { verb: 'alertsOn/choose', id: idOn(asked), inputs: { choice: '1' }, trigger: 'manual' };
  assert.equal((await press({ ...chat, cardId: 'card-1' }, pressed)).kind, 'message');
  await say(chat, '1');
  for (const turn of [group, chat, turnOf({ conversation: conversationOf('channel') })])
    assert.equal(await find(turn), undefined, turn.conversation.id);
  await say(group, '1');
  assert.deepEqual((await find())?.scope, ['id-1']);
});

test('any words after “alerts on” have an answer, and nothing is subscribed to that was not said', async (t) => {
  const { say, find, subscriptions, tenant } = await start(t);
  const words = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...'all expired failed vpp quiet off 22:00-07:00 weekly no Europe/Berlin contoso fabrikam hq for'.split(' '),
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(words, async (parts) => {
      await subscriptions.erase('19:groupChat');
      const text = parts.join(' ');
      assert.notEqual(await say(group, `alerts on ${text}`), '');
      const subscription = await find();
      if (!subscription) return;
      const named = tenant.tokens.filter(({ id }) => subscription.scope.includes(id));
      const read = readAlertsOn(text);
      const names = parts.map((part) => part.toLowerCase());
      if (subscription.scope === 'all') assert.ok('asked' in read || names.includes('all'), text);
      else
        for (const { displayName = '' } of named)
          assert.ok(
            names.some((part) => displayName.toLowerCase().includes(part)),
            text,
          );
      assert.equal(
        subscription.events.length === chosenConditions.length ||
          names.some((part) => ['expired', 'failed'].includes(part)),
        true,
      );
    }),
    { numRuns: 150 },
  );
});

test('quiet hours without a zone keep the zone that was said before', async (t) => {
  const { say, find } = await start(t);
  const utc = { ...group, timeZone: 'UTC' };
  await say(utc, 'alerts on quiet 22:00-07:00 Europe/Berlin');
  assert.match(await say(utc, 'alerts on quiet 10pm-7am'), /Europe\/Berlin/);
  assert.equal((await find())?.timeZone, 'Europe/Berlin');
  await say(utc, 'alerts on quiet off');
  await say(utc, '提醒 开启 免打扰 21:00-06:00');
  assert.equal((await find())?.timeZone, 'Europe/Berlin');
});

test('what is replaced or narrowed is named, with the words that bring it back', async (t) => {
  const { say, find } = await start(t);
  await say(group, 'alerts on contoso hq');
  const before = await find();
  const said = await say(group, 'alerts on all expiring failed');
  assert.match(said, /Before, they covered: .*Contoso HQ.*\. Alerts for: Everything that goes wrong\./);
  const words = /say “(.*)”\.$/m.exec(said)?.[1] ?? assert.fail(said);
  await say(group, words);
  const { scope, events } = (await find()) ?? assert.fail();
  assert.deepEqual([scope, events], [before?.scope, before?.events]);

  const narrowed = await say(group, 'alerts on expired');
  assert.match(narrowed, /Alerts for: Everything that goes wrong\. To go back to that, say “alerts on all events”\./);
  const chinese = { ...group, locale: 'zh-CN' as const };
  assert.match(await say(chinese, '提醒 开启 失败'), /此前涵盖：.*如要恢复，请输入“提醒 开启 /);
});

test('a token that is added under an earlier choice: the choice is named, and the alerts it leaves out are counted', async (t) => {
  const rig = await start(t);
  await rig.say(group, 'alerts on contoso hq expiring');
  await rig.alerts.put(rig.openOf('id-4'));
  const said = await rig.say(group, 'alerts on “Expired”');
  assert.match(said, /stays as it was\. Say “alerts on all events”/);
  assert.match(said, /1 open alert on these tokens is not among those you chose/);
  await rig.say(group, 'alerts on all events');
  assert.deepEqual(await rig.listQueued(), ['alreadyOpen alert-id-4']);
});
