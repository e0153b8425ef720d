import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertCardData, alertCard, summaryOfAlertCard } from '../../src/cards/alert-card.ts';
import { alertLine, alertLines } from '../../src/cards/alert-text.ts';
import { type Alert, type Condition, conditionStages, type MonitoringFailure } from '../../src/domain/alert.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { alertOf, berlin, now } from '../support/contoso-berlin.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const dataOf = (alert: Alert, changes: Partial<AlertCardData> = {}): AlertCardData => ({
  locale: 'en',
  now,
  conversationKind: 'personal',
  alert,
  recordId: 'press-1',
  ...changes,
});
const outline = (alert: Alert, changes: Partial<AlertCardData> = {}) => outlineOf(alertCard(dataOf(alert, changes)));
const buttons = (alert: Alert) => [...outline(alert).matchAll(/^\[(.+)\] (.+)$/gm)].map(([, title]) => title);

const expected: Readonly<Record<Condition, readonly string[]>> = {
  tokenDeleted: ['Acknowledge', 'Snooze'],
  expired: ['Renew', 'Acknowledge'],
  invalid: ['Renew', 'Acknowledge', 'Snooze'],
  assignedToExternalMDM: ['Acknowledge', 'Snooze'],
  duplicateLocationId: ['Sync now', 'Acknowledge', 'Snooze'],
  expiring: ['Renew', 'Sync now', 'Acknowledge', 'Snooze'],
  syncFailed: ['Sync now', 'Acknowledge', 'Snooze'],
  syncStuck: ['Sync now', 'Acknowledge', 'Snooze'],
  syncStale: ['Sync now', 'Acknowledge', 'Snooze'],
  licenses: ['Sync now', 'Acknowledge', 'Snooze'],
  monitoringBroken: ['Acknowledge', 'Snooze'],
};

for (const [condition, titles] of Object.entries(expected) as [Condition, readonly string[]][]) {
  test(`an alert of ${condition} has the buttons that make sense, and a choice of days where it can be snoozed`, () => {
    const alert = alertOf(condition);
    assert.deepEqual(buttons(alert), titles);
    assert.equal(/^Snooze for:$/m.test(outline(alert)), titles.includes('Snooze'));
  });

  test(`an alert of ${condition} says how serious it is and the next step, and says neither once it is over`, () => {
    for (const stage of conditionStages[condition]) {
      const open = outline(alertOf(condition, { stage }));
      assert.match(open, /^(✕ Critical|⚠\ufe0e Warning|⚠\ufe0e Notice) · \S/m);
      assert.match(open, /^Next step: \S/m);
      const over = outline(alertOf(condition, { stage, endedAt: now, ending: 'resolved' }));
      assert.match(over, /^✓ Resolved after 2 hours\nWas: \S/m);
      assert.doesNotMatch(over, /Next step|^\[|Snooze|Critical|Warning/m);
    }
  });
}

test('an alert counts calendar days, as the lists and the token’s own card do', () => {
  const token = { ...berlin, expirationDateTime: new Date(now + 12 * dayMs - hourMs).toISOString() };
  assert.match(outline(alertOf('expiring', { stage: 'd14', token })), /Expires in 12 days/);
});

test('without a stored record there are no buttons', () => {
  const { recordId: _, ...unpressable } = dataOf(alertOf('syncFailed'));
  assert.doesNotMatch(outlineOf(alertCard(unpressable)), /^\[|Snooze/m);
});

test('one who has taken it is named, and nobody is offered to take it again', () => {
  const alert = alertOf('syncFailed', { acknowledged: { by: 'Elif Karaduman', at: now - hourMs } });
  assert.match(outline(alert), /^Acknowledged by\nElif Karaduman\n\{\{DATE\(2026-11-23T13:03:00Z/m);
  assert.match(outline(alert), /^Elif Karaduman is on it$/m);
  assert.deepEqual(buttons(alert), ['Sync now', 'Snooze', 'Undo']);
});

test('one that is snoozed says until when, and is offered again once that is over', () => {
  const snoozed = { by: 'Elif Karaduman', at: now - hourMs, until: now + dayMs };
  const alert = alertOf('syncFailed', { snoozed });
  assert.match(outline(alert), /^Snoozed until \{\{DATE\(2026-11-24T/m);
  assert.deepEqual(buttons(alert), ['Sync now', 'Acknowledge', 'Undo']);
  const over = { ...alert, snoozed: { ...snoozed, until: now } };
  assert.deepEqual(buttons(over), ['Sync now', 'Acknowledge', 'Snooze']);
});

test('a person whom Teams does not name is shown as somebody', () => {
  const by = { by: '', at: now };
  assert.match(
    outline(alertOf('invalid', { acknowledged: by, snoozed: { by: ' ', at: now, until: now + dayMs } })),
    /by\nSomebody\n[\s\S]*by\nSomebody\n/,
  );
});

test('a snooze says whose it is and until when, and is gone when it is over or the alert is', () => {
  const snoozed = { by: 'Ada Lindqvist', at: now, until: now + dayMs };
  assert.match(outline(alertOf('invalid', { snoozed })), /^Snoozed by\nAda Lindqvist\nuntil \{\{DATE\(2026-11-24T/m);
  assert.doesNotMatch(outline(alertOf('invalid', { snoozed: { ...snoozed, until: now } })), /Ada/);
  assert.doesNotMatch(outline(alertOf('invalid', { snoozed, endedAt: now, ending: 'resolved' })), /Ada/);
});

test('numbers are those of now: days left, how long a sync is stuck, how long none completed, apps short of licences', () => {
  const in7 = { ...berlin, expirationDateTime: '2026-11-30T20:00:00Z' };
  const said = (alert: Alert, at = now) => summaryOfAlertCard(dataOf(alert, { now: at }));
  const expiring = alertOf('expiring', { stage: 'd7', token: in7 });
  assert.equal(said(expiring), 'Contoso Berlin: Expires in 7 days');
  assert.equal(said(expiring, now + 6.5 * dayMs), 'Contoso Berlin: Expires in less than a day');
  assert.equal(said(expiring, now + 8 * dayMs), 'Contoso Berlin: The token has expired');
  assert.equal(
    said(alertOf('syncStuck', { detail: { since: now - hourMs } })),
    'Contoso Berlin: A sync seems stuck after 1 hour',
  );
  assert.equal(
    said(alertOf('syncStale', { stage: 'h72', detail: { since: now - 4 * dayMs } })),
    'Contoso Berlin: No completed sync for 4 days',
  );
  const apps = [
    { name: 'Pages', used: 41, total: 40 },
    { name: 'Keynote', used: 40, total: 40 },
    { name: 'Numbers', used: 39, total: 40 },
  ];
  assert.equal(
    said(alertOf('licenses', { stage: 'usedUp', detail: { apps } })),
    'Contoso Berlin: Licences of 2 apps are used up',
  );
  assert.match(
    outline(alertOf('licenses', { stage: 'usedUp', detail: { apps } })),
    /^Pages: 41 of 40 used\nKeynote: 40 of 40 used\nNumbers/m,
  );
  const soon = [
    { name: 'Pages', used: 30, total: 40, daysLeft: 3 },
    { name: 'Keynote', used: 20, total: 40, daysLeft: 9 },
  ];
  assert.equal(
    said(alertOf('licenses', { stage: 'runsOut3', detail: { apps: soon } })),
    'Contoso Berlin: 2 apps run out of licences, the first in about 3 days',
  );
  assert.equal(
    said(alertOf('licenses', { stage: 'runsOut3', detail: { apps: soon.slice(1) } })),
    'Contoso Berlin: 1 app runs out of licences in about 9 days',
  );
  assert.match(
    outline(alertOf('licenses', { stage: 'runsOut3', detail: { apps: soon } })),
    /At the pace of the last four weeks[\s\S]*^Pages: 30 of 40 used · runs out in about 3 days\nKeynote: 20 of 40 used · runs out in about 9 days/m,
  );
});

test('the Apple ID is whole in a personal chat alone', () => {
  assert.match(outline(alertOf('expired')), /^jo\.vpp@contoso\.com$/m);
  for (const conversationKind of ['groupChat', 'channel'] as const)
    assert.match(outline(alertOf('expired'), { conversationKind }), /^j•••@contoso\.com$/m);
});

test('broken monitoring says why, who can fix it and what to do, for every reason there is', () => {
  const failures: Readonly<Record<string, RegExp>> = {
    consentRequired: /Likely cause: I have no read access[\s\S]*An Entra administrator[\s\S]*consent/,
    missingScope: /lacks DeviceManagementApps\.Read\.All[\s\S]*An Entra administrator/,
    wrongClientSecret: /secret or certificate[\s\S]*The bot’s operator[\s\S]*AAD_APP_CLIENT_SECRET/,
    blockedByPolicy: /organisation’s policy[\s\S]*AADSTS53003[\s\S]*An Entra administrator/,
    notInTenant: /service principal[\s\S]*AADSTS53003[\s\S]*An Entra administrator[\s\S]*consent/,
    tenantNotAllowed: /not set up for me[\s\S]*ALLOWED_TENANTS/,
    refused: /refused me \(AADSTS53003\)/,
    forbidden: /Intune denies my own read access/,
    throttled: /refuses requests for now[\s\S]*clears up on its own/,
    unavailable: /isn’t answering/,
    toString: /I had an internal error/,
  };
  for (const [reason, words] of Object.entries(failures)) {
    const failure: MonitoringFailure = {
      part: 'tokens',
      reason,
      code: '53003',
      neededScopes: ['DeviceManagementApps.Read.All'],
    };
    const said = outline(alertOf('monitoringBroken', { detail: { failure } }));
    assert.match(said, words);
    assert.match(said, /^Monitoring\n✕ Critical · I can’t read your organisation’s tokens\nUntil this is fixed/);
  }
  const part: MonitoringFailure = { part: 'licenses', reason: 'forbidden' };
  assert.match(
    outline(alertOf('monitoringBroken', { detail: { failure: part } })),
    /can’t read your organisation’s licences.*\n.*Everything else is still monitored/,
  );
});

test('one that ended because its token is gone, or because something worse came, says so', () => {
  const over = (ending: 'deleted' | 'superseded') => outline(alertOf('expiring', { endedAt: now, ending }));
  assert.match(over('deleted'), /^• Ended after 2 hours: it was deleted from Intune\nWas: Expiring$/m);
  assert.match(over('superseded'), /^• Ended after 2 hours: a more serious alert replaced it$/m);
});

test('an alert that was over within a minute shows its duration in seconds', () => {
  const short = alertOf('invalid', { openedAt: now - 2_000, endedAt: now, ending: 'resolved' });
  assert.match(outline(short), /^✓ Resolved after 2 seconds$/m);
});

test('why a token is invalid is no repetition of its headline', () => {
  assert.match(outline(alertOf('invalid')), /no longer accepts the token\nLikely cause: The password or the domain of/);
});

test('a line for the thread says what became of it', () => {
  const line = (kind: Parameters<typeof alertLine>[0]['event']['kind'], alert: Alert) =>
    alertLine({ locale: 'en', now, event: { kind, alert } });
  const failed = alertOf('syncFailed');
  assert.equal(line('reminded', failed), 'Still open: Contoso Berlin. The last sync failed.');
  assert.equal(line('cameBack', failed), 'Back again: Contoso Berlin. The last sync failed.');
  assert.equal(
    line('escalated', alertOf('syncStale', { stage: 'h72' })),
    'More urgent now: Contoso Berlin. No completed sync for 3 days.',
  );
  const failure = { part: 'tokens', reason: 'missingScope', neededScopes: ['Tokens.Read.All'] } as const;
  assert.equal(
    line('escalated', alertOf('monitoringBroken', { detail: { failure } })),
    'More urgent now: Monitoring. I can’t read your organisation’s tokens, and it won’t clear up on its own. ' +
      'My own access in your organisation lacks Tokens.Read.All. ' +
      'Who can fix it: An Entra administrator in your organisation.',
  );
  assert.equal(
    line('resolved', { ...failed, endedAt: now, ending: 'resolved' }),
    'Resolved after 2 hours: Contoso Berlin. Was: Sync failed.',
  );
});

test('several lines are one message, and those after the fifth are counted', () => {
  const events = Array.from({ length: 7 }, () => ({ kind: 'reminded' as const, alert: alertOf('expired') }));
  const lines = alertLines({ locale: 'en', now, events }).split('\n');
  assert.equal(lines.length, 6);
  assert.equal(lines[5], 'And 2 more.');
});

test('the choice of days is one of two, one day unless chosen', () => {
  const [input] = [...nodesOf(alertCard(dataOf(alertOf('invalid'))))].filter(({ type }) => type === 'Input.ChoiceSet');
  assert.deepEqual(
    { id: input?.id, style: input?.style, value: input?.value, choices: input?.choices },
    {
      id: 'days',
      style: 'compact',
      value: '1',
      choices: [
        { title: '1 day', value: '1' },
        { title: '3 days', value: '3' },
      ],
    },
  );
});

test('every word of Chinese alerts is Chinese', () => {
  const said = outline(alertOf('syncStuck', { detail: { since: now - hourMs } }), { locale: 'zh-CN' });
  assert.match(said, /^⚠\ufe0e 警告 · 同步似乎卡住了，已持续 1 小时$/m);
  assert.equal(textsFor('zh-CN').alert.snoozeFor.three, '3 天');
});
