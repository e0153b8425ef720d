import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AlertDigestCardData,
  alertDigestCard,
  summaryOfAlertDigestCard,
} from '../../src/cards/alert-digest-card.ts';
import { summaryOfWeeklyCard, type WeeklyCardData, weeklyCard } from '../../src/cards/weekly-card.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { alertOf, berlin, now } from '../support/contoso-berlin.ts';
import { outlineOf } from '../support/outline-of.ts';

const dayMs = 86_400_000;
const named = (displayName: string, days = 200) => ({
  ...berlin,
  id: displayName,
  displayName,
  expirationDateTime: new Date(now + days * dayMs + 3_600_000).toISOString(),
});
const digestOf = (alerts: readonly Alert[]): AlertDigestCardData => ({
  locale: 'en',
  now,
  conversationKind: 'channel',
  why: 'burst',
  entries: alerts.map((alert) => ({ alert })),
});
const outline = (alerts: readonly Alert[]) => outlineOf(alertDigestCard(digestOf(alerts)));

test('a digest shows the worst first: critical before warnings, monitoring before all, the soonest to expire, the ended last', () => {
  const alerts = [
    alertOf('syncFailed', { token: named('G'), endedAt: now, ending: 'resolved' }),
    alertOf('expiring', { stage: 'd30', token: named('F', 29) }),
    alertOf('syncFailed', { token: named('E') }),
    alertOf('expiring', { stage: 'd7', token: named('D', 6) }),
    alertOf('expiring', { stage: 'd1', token: named('C2', 1) }),
    alertOf('expiring', { stage: 'd1', token: named('C1', 0.5) }),
    alertOf('expired', { token: named('B', -1) }),
    alertOf('monitoringBroken'),
  ];
  const order = outline(alerts)
    .split('\n')
    .filter((line) => /^(Monitoring|[A-G]\d?)$/.test(line));
  assert.deepEqual(order, ['Monitoring', 'B', 'C1', 'C2', 'D', 'E', 'F', 'G']);
});

test('fifteen are shown and the others counted, with the way to see all', () => {
  const alerts = Array.from({ length: 200 }, (_, index) => alertOf('syncStuck', { token: named(`Token ${index}`) }));
  const said = outline(alerts);
  assert.equal(said.match(/^Token \d+$/gm)?.length, 15);
  assert.match(said, /^and 185 more; say “list”/m);
  assert.equal(summaryOfAlertDigestCard(digestOf(alerts)), '200 alerts at once: 200 warnings');
});

test('what was open already when somebody subscribed is not called open once it is over', () => {
  const summaryOf = (alert: Alert) => summaryOfAlertDigestCard({ ...digestOf([alert]), why: 'alreadyOpen' });
  assert.equal(summaryOf(alertOf('invalid')), '1 open alert: 1 critical');
  const over = alertOf('invalid', { endedAt: now, ending: 'resolved' });
  assert.equal(summaryOf(over), '1 alert open at that time: 1 ended');
});

test('a digest shows no whole Apple ID in a channel', () => {
  const { displayName: _, locationName: __, organizationName: ___, ...nameless } = berlin;
  assert.match(outline([alertOf('expired', { token: nameless })]), /^Token without a name\nj•••@contoso\.com$/m);
});

const none = { completed: 0, failed: 0, stuck: 0, noResult: 0 };
const week = (changes: Partial<WeeklyCardData> = {}): WeeklyCardData => ({
  locale: 'en',
  now,
  conversationKind: 'personal',
  tokens: [],
  alerts: [],
  runsOut: [],
  syncs: none,
  ...changes,
});

test('a week shows what expires within 60 days, the soonest first, and nothing that has expired', () => {
  const tokens = [named('Late', 60), named('Too late', 61), named('Soon', 3), named('Past', -3)];
  const said = outlineOf(weeklyCard(week({ tokens })));
  assert.match(said, /2 tokens expire within 60 days\nSoon\n3 days left · .*\nLate\n60 days left · .*\n/);
  assert.doesNotMatch(said, /Too late|^Past$/m);
  assert.match(
    summaryOfWeeklyCard(week({ tokens })),
    /^Your week with 4 tokens: 1 expired, 1 expiring soon, 2 healthy$/,
  );
});

test('a week names the apps that run out soon, each with its token', () => {
  const runsOut = [
    { name: 'Maps', tokenId: berlin.id, daysLeft: 1 },
    { name: 'Notes', tokenId: 'gone', daysLeft: 9 },
  ];
  const said = outlineOf(weeklyCard(week({ tokens: [berlin], runsOut })));
  assert.match(
    said,
    /2 apps run out of licences within 14 days\nMaps\nruns out in about 1 day · Contoso Berlin\nNotes\nruns out in about 9 days\n/,
  );
  assert.doesNotMatch(outlineOf(weeklyCard(week())), /run out/);
});

test('a week counts syncs that got stuck, or whose end nobody saw, apart from those that failed', () => {
  const said = (locale: 'en' | 'zh-CN') =>
    outlineOf(weeklyCard(week({ locale, syncs: { ...none, stuck: 1, noResult: 2 } })));
  assert.match(said('en'), /last 7 days: 0 completed, 0 failed, 1 stuck, 2 without a result$/m);
  assert.match(said('zh-CN'), /同步：0 次完成，0 次失败，1 次卡住，2 次没有结果$/m);
});

test('a quiet week says that nothing is wrong, and one without tokens that there are none', () => {
  const said = outlineOf(weeklyCard(week({ tokens: [named('A')], syncs: { ...none, completed: 7 } })));
  assert.match(said, /7 completed, 0 failed\nNo alert is open\nNo token expires within 60 days/);
  assert.match(summaryOfWeeklyCard(week()), /no longer has any tokens to monitor/);
});
