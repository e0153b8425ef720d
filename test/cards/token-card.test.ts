import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOfTokenCard, type TokenPhase, tokenCard } from '../../src/cards/token-card.ts';
import type { VppToken } from '../../src/domain/token.ts';
import type { CardContent } from '../../src/domain/turn.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { alertOf } from '../support/contoso-berlin.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';
import { changesWorth } from './receipt-changes.ts';
import { berlin, locales, now, outcomes, states, tokenData } from './samples.ts';

const outline = (...data: Parameters<typeof tokenData>) => outlineOf(tokenCard(tokenData(...data)));

test('says every state in words, with a symbol and the one next step', () => {
  for (const locale of locales) {
    const { word, advice } = textsFor(locale).state;
    for (const state of states) {
      const dated = state === 'expired' ? { expirationDateTime: '2026-01-01T00:00:00Z' } : {};
      const said = outline({ locale, token: { ...berlin, state, ...dated } });
      assert.match(said, new RegExp(`^[✓✕⚠]\ufe0e? ${word[state]}( · |$)`, 'm'));
      if (state !== 'valid') assert.ok(said.includes(advice[state].next) && said.includes(advice[state].cause));
    }
  }
});

test('a token that Intune still calls expired although its date is ahead is to be synced, not renewed', () => {
  for (const locale of locales) {
    const { expiredButAhead, advice } = textsFor(locale).state;
    const expirationDateTime = '2027-06-01T00:00:00Z';
    const said = outline({ locale, token: { ...berlin, state: 'expired', expirationDateTime } });
    assert.match(said, new RegExp(`^⚠\ufe0e ${expiredButAhead}$`, 'm'));
    assert.ok(said.includes(advice.expiredButAhead.next) && !said.includes(advice.expired.next));
  }
});

test('shows a state and a sync status that nobody knows as they came', () => {
  const said = outline({ token: { ...berlin, state: 'constructor', lastSyncStatus: 'toString' } });
  assert.match(said, /Intune says “constructor”/);
  assert.match(said, /toString/);
});

test('hides the Apple ID outside a personal chat', () => {
  assert.match(outline(), /jo\.vpp@contoso\.com/);
  for (const conversationKind of ['channel', 'groupChat'] as const) {
    const card = JSON.stringify(tokenCard(tokenData({ conversationKind })));
    assert.match(card, /j•••@contoso\.com/);
    assert.doesNotMatch(card, /jo\.vpp/);
  }
});

test('goes by the display name, then the location, then the organisation, and shows the others below', () => {
  const { displayName: _, ...unnamed } = berlin;
  const { locationName: __, ...v1 } = unnamed;
  assert.match(outline(), /^Contoso Berlin\nBerlin Mitte · Contoso GmbH\n/);
  assert.match(outline({ token: unnamed }), /^Berlin Mitte\nContoso GmbH\n/);
  assert.match(outline({ token: v1 }), /^Contoso GmbH\n✓ Valid/);
  assert.match(outline({ token: { ...v1, displayName: ' \u202e ', organizationName: '' } }), /^Token without a name\n/);
});

test('counts the days left, and warns from thirty on', () => {
  const until = (expirationDateTime: string) => outline({ token: { ...berlin, expirationDateTime } });
  assert.match(until('2026-12-24T14:03:00Z'), /✓ Valid[\s\S]*31 days left/);
  assert.match(
    until('2026-12-23T14:03:00Z'),
    /⚠\ufe0e Expires in 30 days\n\{\{DATE\(2026-12-23T14:03:00Z, SHORT\)\}\}\nNext step: Renew it before it expires/,
  );
  assert.match(until('2026-11-24T14:02:00Z'), /Expires in 1 day/);
  assert.match(until('2026-11-23T23:59:00Z'), /Expires in less than a day/);
  assert.match(
    until('2026-11-20T14:03:00Z'),
    /✕ Valid, but past its expiry date · 3 days ago\n.*\nLikely cause: The token passed/,
  );
});

test('the date beside a failure that did not move it is marked as that of the sync before', () => {
  const failed = { ...berlin, lastSyncStatus: 'failed' };
  const phase = { kind: 'ended', outcome: 'failed', durationMs: 5000, changes: [] } as const;
  const unmoved = { ...phase, unmovedDate: failed.lastSyncDateTime ?? assert.fail() };
  assert.match(outline({ token: failed, phase: unmoved }), /✕ Failed *\n? *Before that: /);
  assert.doesNotMatch(outline({ token: failed, phase }), /Before that/);
  const later = { ...failed, lastSyncDateTime: '2026-11-23T14:00:00Z' };
  assert.doesNotMatch(outline({ token: later, phase: unmoved }), /Before that/, 'read anew, and moved meanwhile');
});

test('a sync that was refused late says why, where that is known', () => {
  const phase = { kind: 'ended', outcome: 'refusedLate', changes: [] } as const;
  const said = outline({ phase: { ...phase, refusal: 'forbidden' } });
  assert.match(
    said,
    /✕ Intune refused the sync\n.*then refused the request: Intune denied access: role, licence or scope tags\. Nothing/,
  );
  assert.match(outline({ phase }), /then refused the request\. Nothing was started\./);
  assert.match(outline({ phase: { ...phase, refusal: 'constructor' } }), /then refused the request\. Nothing/);
});

test('a bot that was stopped while it asked does not speak of an answer of Intune’s', () => {
  const phase = { kind: 'ended', outcome: 'notStarted', changes: [] } as const;
  const stopped = outline({ phase: { ...phase, stoppedAsking: true } });
  assert.match(stopped, /Intune may not have received it.*press Sync now/);
  assert.doesNotMatch(stopped, /no clear answer/);
  assert.match(outline({ phase }), /no clear answer/);
  assert.match(outline({ locale: 'zh-CN', phase: { ...phase, stoppedAsking: true } }), /Intune 可能没有收到请求/);
});

test('follows a failed last sync with its likely cause, unless the state explains it', () => {
  const cause = textsFor('en').state.advice.syncFailed.cause;
  const failed = { ...berlin, lastSyncStatus: 'failed' };
  assert.ok(outline({ token: failed }).includes(`✕ Last sync failed\nLikely cause: ${cause}`));
  assert.doesNotMatch(outline({ token: { ...failed, state: 'expired' } }), new RegExp(`Last sync failed|${cause}`));
  assert.ok(!outline({ token: failed, phase: { kind: 'running', startedAt: 0 } }).includes(cause));
  const ended = outline({ token: failed, phase: { kind: 'ended', outcome: 'failed', durationMs: 5000, changes: [] } });
  assert.ok(ended.includes(`✕ Sync failed after 5 seconds\nLikely cause: ${cause}`));
  assert.ok(!ended.includes('Last sync failed'));
});

test('shows on the receipt how long it took and what changed', () => {
  const said = outline({
    phase: {
      kind: 'ended',
      outcome: 'completed',
      durationMs: 125_000,
      changes: [
        { what: 'state', before: 'invalid', after: 'valid' },
        { what: 'expiry', before: '2026-06-10T00:00:00Z', after: '2027-06-10T00:00:00Z' },
      ],
    },
  });
  assert.match(
    said,
    /✓ Sync completed in 2 minutes, 5 seconds\nWhat changed\nState\nInvalid → Valid\nExpires\n\{\{DATE\(2026-06-10T00:00:00Z, SHORT\)\}\} → /,
  );
});

const completed = { kind: 'ended', outcome: 'completed', durationMs: 42_000, changes: [] } as const;

test('says so when a completed sync changed nothing, and whether licences were compared', () => {
  const compared = outline({ phase: { ...completed, licenses: { kind: 'compared', approximate: false } } });
  assert.match(
    compared,
    /Nothing changed: state, expiry, account, iPhone and iPad apps and their licences are the same as before\./,
  );
  const why = outline({ phase: { ...completed, licenses: { kind: 'notCompared', why: 'forbidden' } } });
  assert.match(why, /State, expiry and account did not change\.\nApps and licences weren’t compared: Intune denied/);
  const unknown = outline({ phase: { ...completed, licenses: { kind: 'notCompared' } } });
  assert.match(unknown, /Apps and licences weren’t compared\./);
  const pending = outline({ phase: { ...completed, licenses: { kind: 'pending' } } });
  assert.match(pending, /State, expiry and account did not change\.\nComparing apps and licences\./);
  for (const said of [compared, why, unknown, pending]) assert.doesNotMatch(said, /What changed/);
});

test('shows which apps run out soon, the first three by name, with changes and without', () => {
  const runsOut = ['A', 'B', 'C', 'D'].map((name, n) => ({ name, daysLeft: n + 1 }));
  const said = outline({ phase: { ...completed, licenses: { kind: 'compared', approximate: false, runsOut } } });
  assert.match(said, /Running out\nApp\nA\nruns out in about 1 day\n[\s\S]*C\nruns out in about 3 days\n1 app more/);
  assert.doesNotMatch(said, /about 4 days/);
});

test('shows the licences of each app before and after, and apps that came and went', () => {
  const counts = { used: 1200, total: 1500 };
  const app = { what: 'app', id: 'a' } as const;
  const said = outline({
    phase: {
      ...completed,
      licenses: { kind: 'compared', approximate: true },
      changes: [
        { ...app, name: 'Meadow Notes', before: { used: 1200, total: 1250 }, after: counts },
        { ...app, name: '*Shelf*', after: { used: 0, total: 25 } },
        { ...app, name: 'Safety Rounds', before: { used: 3, total: 40 } },
      ],
    },
  });
  assert.match(said, /Licences\nMeadow Notes\n1,200 of 1,250 used → 1,200 of 1,500 used/);
  assert.match(said, /App added\n\*Shelf\*\n0 of 25 used/);
  assert.match(said, /App removed\nSafety Rounds\n3 of 40 used/);
  assert.match(said, /Apps and licences are approximate/);
});

test('shows ten changes in all and counts the rest', () => {
  const changes = changesWorth(45, 'Meadow Notes');
  const said = outline({ phase: { ...completed, changes } });
  assert.equal(said.match(/→/g)?.length, 8, 'five of the token and three of its apps have two sides');
  assert.match(said, /App added\n.*App removed\n.*and 35 more/s);
});

test('an account that changed is shown as this conversation may see it', () => {
  const changes = [{ what: 'appleId', before: 'jo.vpp@contoso.com', after: 'mo@fabrikam.com' }] as const;
  const phase = { ...completed, changes };
  assert.match(outline({ phase }), /Apple ID\njo\.vpp@contoso\.com → mo@fabrikam\.com/);
  assert.match(outline({ phase, conversationKind: 'channel' }), /Apple ID\nj•••@contoso\.com → m•••@fabrikam\.com/);
});

test('sets how long it took against what is usual for this token, and says when that is not known', () => {
  assert.doesNotMatch(outline({ phase: { ...completed, usualMs: 41_300 } }), /Usually/, 'it is over');
  const stuck = { ...completed, outcome: 'stuck', usualMs: 41_300 } as const;
  assert.match(outline({ phase: stuck }), /\nUsually about 40 seconds\.\n/);
  const gone = { ...completed, outcome: 'deleted', usualMs: 41_300 } as const;
  assert.doesNotMatch(outline({ phase: gone }), /Usually/, 'there is nothing to compare with');
  const { durationMs: _, ...unwatched } = completed;
  const untimed = outline({ locale: 'zh-CN', phase: { ...unwatched, outcome: 'failed' } });
  assert.match(untimed, /✕ 同步失败\n机器人在此期间重新启动过/);
  const joined = outline({ phase: { ...unwatched, outcome: 'completed', untimed: 'joined' } });
  assert.match(joined, /✓ Sync completed\nIt was already running, so the duration/);
  const unseen = outline({ phase: { ...unwatched, outcome: 'failed', untimed: 'unseen' } });
  assert.match(unseen, /✕ Sync failed\nIntune never showed it in progress/);
  assert.match(outline({ phase: unwatched }), /✓ Sync completed\nThe bot restarted meanwhile/);
  const running = { kind: 'running', startedAt: 0, elapsedMs: 21_000 } as const;
  assert.match(outline({ phase: running }), /\n21 seconds so far\.\nI’ll update this card/);
  const usual = outline({ phase: { ...running, usualMs: 41_300 } });
  assert.match(usual, /\n21 seconds so far; usually about 40 seconds\.\n/);
});

test('claims that nothing changed only of a completed sync', () => {
  for (const outcome of outcomes.filter((name) => name !== 'completed')) {
    const said = outline({ phase: { kind: 'ended', outcome, durationMs: 1000, changes: [] } });
    assert.doesNotMatch(said, /did not change/, outcome);
  }
});

test('shows no state or expiry of a token that was deleted meanwhile', () => {
  const said = outline({ phase: { kind: 'ended', outcome: 'deleted', durationMs: 1000, changes: [] } });
  assert.doesNotMatch(said, /Valid|Expires|Last sync/);
  assert.match(said, /✕ The token was deleted while it synced/);
});

test('names who started the sync that was joined', () => {
  const phase = { kind: 'running', startedAt: 0, joined: { byName: 'Grace', alreadyRunning: true } } as const;
  assert.match(outline({ phase }), /A sync is already running[\s\S]*Grace started it\./);
});

test('gives every button the one opaque id and its own verb', () => {
  const actions = [...nodesOf(tokenCard(tokenData()))].filter(({ type }) => type === 'Action.Execute');
  assert.deepEqual(actions, [
    { type: 'Action.Execute', title: 'Sync now', verb: 'sync/start', style: 'positive', data: { id: 'press-1' } },
    { type: 'Action.Execute', title: 'Refresh', verb: 'status/refresh', data: { id: 'press-1' } },
  ]);
});

test('leads with the button that helps: a renewal where no sync can, else the sync', () => {
  const actions = ['syncNow', 'refresh', 'renew'] as const;
  const lead = (token: Partial<VppToken>, phase?: TokenPhase) => {
    const card = tokenCard(tokenData({ actions, token: { ...berlin, ...token }, ...(phase && { phase }) }));
    return [...nodesOf(card)].filter(({ style }) => style === 'positive').map(({ title }) => title);
  };
  const past = '2026-01-01T00:00:00Z';
  assert.deepEqual(lead({}), ['Sync now']);
  assert.deepEqual(lead({ state: 'duplicateLocationId' }), ['Sync now']);
  assert.deepEqual(lead({ state: 'expired' }), ['Sync now'], 'its date is ahead: Intune has not noticed the renewal');
  assert.deepEqual(lead({ state: 'expired', expirationDateTime: past }), ['Renew']);
  assert.deepEqual(lead({ expirationDateTime: past }), ['Renew']);
  assert.deepEqual(lead({ expirationDateTime: '2026-12-10T00:00:00Z' }), ['Renew']);
  assert.deepEqual(lead({ state: 'invalid' }), ['Renew']);
  assert.deepEqual(lead({ state: 'assignedToExternalMDM' }), ['Renew']);
});

test('folds what helps rarely, and names who asked only where others read along', () => {
  const hidden = (card: CardContent) => [...nodesOf(card)].find(({ id }) => id === 'details');
  const card = tokenCard(tokenData());
  assert.equal(hidden(card)?.isVisible, false);
  assert.match(JSON.stringify(hidden(card)), /Account type.*Region.*App updates/);
  assert.doesNotMatch(outlineOf(card), /Asked by/);
  assert.match(outline({ conversationKind: 'groupChat' }), /Asked by\nAda Lovelace/);
  const bare = { id: '1', state: 'valid', lastSyncStatus: 'none' };
  assert.equal(hidden(tokenCard(tokenData({ token: bare }))), undefined);
});

test('an address too long for a line of a phone is broken at its @', () => {
  const appleId = 'volume-purchasing.emea@contoso.example.com';
  assert.match(outline({ token: { ...berlin, appleId } }), /^volume-purchasing\.emea\n@contoso\.example\.com$/m);
  assert.match(outline(), /^jo\.vpp@contoso\.com$/m);
});

test('while a sync runs, nothing is said of the one before', () => {
  const token = { ...berlin, lastSyncStatus: 'completed' };
  assert.doesNotMatch(outline({ token, phase: { kind: 'running', startedAt: 0 } }), /Last sync|Completed/);
});

test('sums itself up in one line for a toast', () => {
  const of = (...data: Parameters<typeof tokenData>) => summaryOfTokenCard(tokenData(...data));
  assert.equal(of(), 'Contoso Berlin: Valid, 199 days left');
  assert.equal(of({ phase: { kind: 'running', startedAt: 0 } }), 'Contoso Berlin: syncing');
  assert.equal(
    of({ locale: 'zh-CN', phase: { kind: 'ended', outcome: 'completed', durationMs: 42_000, changes: [] } }),
    'Contoso Berlin：同步完成，用时 42 秒',
  );
});

test('a receipt carries the alert of its failed sync: its buttons while it is open, who took it, and how it ended', () => {
  for (const locale of locales) {
    const { buttons, alert: words } = textsFor(locale);
    const open = alertOf('syncFailed');
    const draw = (alert: typeof open, outcome: 'failed' | 'completed' = 'failed') => {
      const carried = { alert, ...(alert.endedAt === undefined && { recordId: 'alert-1' }) };
      const phase = { kind: 'ended', outcome, durationMs: 9_000, changes: [] } as const;
      const actions = ['syncNow', 'refresh', 'licences', 'renew', 'history'] as const;
      const card = tokenCard(tokenData({ locale, phase, actions, alert: carried }));
      const pressed = [...nodesOf(card)].filter(({ type }) => type === 'Action.Execute');
      const ids = new Map(pressed.map(({ title, data }) => [title, (data as { id: string }).id]));
      return { said: outlineOf(card), ids, titles: [...ids.keys()] };
    };
    const { syncNow, acknowledge, snooze, undo, refresh, licences, renew, history } = buttons;

    const first = draw(open);
    assert.deepEqual(first.titles, [syncNow, acknowledge, snooze, refresh, licences, history]);
    assert.deepEqual([first.ids.get(acknowledge), first.ids.get(snooze)], ['alert-1', 'alert-1']);
    assert.equal(first.ids.get(refresh), 'press-1');
    assert.ok(first.said.includes(words.label.snoozeFor));
    assert.ok(!first.said.includes(words.what.syncFailed), 'the receipt says it');

    const taken = draw({
      ...open,
      acknowledged: { by: 'Grace', at: now },
      snoozed: { by: 'Grace', at: now, until: now + 1 },
    });
    assert.deepEqual(taken.titles, [syncNow, undo, refresh, licences, history]);
    assert.ok(taken.said.includes(words.label.acknowledgedBy) && taken.said.includes(words.label.snoozedBy));

    const own = [syncNow, refresh, licences, renew, history];
    const over = draw({ ...open, endedAt: now, ending: 'resolved' });
    assert.deepEqual(over.titles, own);
    assert.ok(over.said.includes(words.ended.resolved(now - open.openedAt)));
    assert.ok(!over.said.includes(words.label.snoozeFor));

    assert.deepEqual(
      draw(open, 'completed').titles,
      own,
      'a sync that completed on that card is news, the alert is not',
    );
  }
});
