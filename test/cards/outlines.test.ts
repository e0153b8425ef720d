import { type TestContext, test } from 'node:test';
import { alertCard } from '../../src/cards/alert-card.ts';
import { alertDigestCard } from '../../src/cards/alert-digest-card.ts';
import { alertSettingsCard } from '../../src/cards/alert-settings-card.ts';
import { choiceCard } from '../../src/cards/choice-card.ts';
import { continueCard } from '../../src/cards/continue-card.ts';
import { explanationCard } from '../../src/cards/explanation-card.ts';
import { helpCard } from '../../src/cards/help-card.ts';
import { findOpenAlertsPage, openAlertsCard } from '../../src/cards/open-alerts-card.ts';
import { planCard } from '../../src/cards/plan-card.ts';
import { progressCard } from '../../src/cards/progress-card.ts';
import { subscriptionCard } from '../../src/cards/subscription-card.ts';
import { tokenCard } from '../../src/cards/token-card.ts';
import { weeklyCard } from '../../src/cards/weekly-card.ts';
import { welcomeCard } from '../../src/cards/welcome-card.ts';
import type { CardContent } from '../../src/domain/turn.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { alertOf, subscriptionOf } from '../support/contoso-berlin.ts';
import { outlineOf } from '../support/outline-of.ts';
import { changesWorth } from './receipt-changes.ts';
import { berlin, hostile, locales, now, tokenData } from './samples.ts';
import { planData, progressData } from './sync-all-samples.ts';

const same = (t: TestContext, card: CardContent) =>
  t.assert.snapshot(outlineOf(card), { serializers: [(outline: string) => outline] });

for (const locale of locales) {
  const texts = textsFor(locale);

  test(`token, healthy, ${locale}`, (t) => same(t, tokenCard(tokenData({ locale }))));

  test(`token, invalid, in a channel, ${locale}`, (t) => {
    const token = { ...berlin, displayName: hostile, state: 'invalid', lastSyncStatus: 'failed' };
    same(t, tokenCard(tokenData({ locale, token, conversationKind: 'channel' })));
  });

  test(`token, running, ${locale}`, (t) => {
    const token = { ...berlin, lastSyncStatus: 'inProgress' };
    same(t, tokenCard(tokenData({ locale, token, actions: ['refresh'], phase: { kind: 'running', startedAt: now } })));
  });

  test(`token, receipt, ${locale}`, (t) => {
    const changes = [{ what: 'expiry', before: '2026-12-01T00:00:00Z', after: '2027-06-10T00:00:00Z' }] as const;
    same(
      t,
      tokenCard(tokenData({ locale, phase: { kind: 'ended', outcome: 'completed', durationMs: 42_000, changes } })),
    );
  });

  test(`token, receipt with licences, in a channel, ${locale}`, (t) => {
    const phase = {
      kind: 'ended',
      outcome: 'completed',
      durationMs: 42_000,
      usualMs: 38_000,
      changes: [
        { what: 'appleId', before: 'jo@contoso.com', after: 'mo@contoso.com' },
        { what: 'location', before: hostile, after: 'Berlin Mitte' },
        ...changesWorth(45, hostile).slice(5),
      ],
      licenses: { kind: 'compared', approximate: true },
    } as const;
    same(t, tokenCard(tokenData({ locale, phase, conversationKind: 'channel' })));
  });

  test(`token, receipt of an unchanged token whose licences could not be read, ${locale}`, (t) => {
    const licenses = { kind: 'notCompared', why: 'slow' } as const;
    same(t, tokenCard(tokenData({ locale, phase: { kind: 'ended', outcome: 'completed', changes: [], licenses } })));
  });

  test(`token, running for a while, ${locale}`, (t) => {
    const phase = { kind: 'running', startedAt: now - 21_000, elapsedMs: 21_000, usualMs: 38_000 } as const;
    same(t, tokenCard(tokenData({ locale, actions: ['refresh'], phase })));
  });

  test(`token, no result, ${locale}`, (t) => {
    same(
      t,
      tokenCard(tokenData({ locale, phase: { kind: 'ended', outcome: 'noResult', durationMs: 900_000, changes: [] } })),
    );
  });

  test(`choice, ${locale}`, (t) => {
    const choices = ['Contoso Berlin', hostile].map((title, index) => ({
      value: `${index}`,
      title,
      detail: 'Contoso GmbH',
    }));
    const choice = {
      asked: 'contoso',
      found: 'matches',
      verb: 'sync/choose',
      recordId: 'p',
      choices,
      total: 3,
      page: 0,
      isSearchable: false,
    } as const;
    same(t, choiceCard({ locale, ...choice, actionTitle: texts.buttons.syncNow }));
  });

  test(`continue, ${locale}`, (t) => {
    same(
      t,
      continueCard({ locale, person: 'Ada Lovelace', command: 'sync contoso', requestId: 'p', expiresInMs: 900_000 }),
    );
  });

  test(`explanation of a refusal, ${locale}`, (t) => {
    same(t, explanationCard({ locale, explanation: texts.errors.graph.forbidden, reference: 'ab12cd' }));
  });

  test(`plan, ${locale}`, (t) => {
    const run = Array.from({ length: 14 }, (_, index) => `Contoso ${index + 1}`);
    same(t, planCard(planData({ locale, run })));
  });

  test(`plan, drifted, ${locale}`, (t) => {
    same(t, planCard(planData({ locale, drifts: [{ name: hostile, what: 'inProgress' }] })));
  });

  test(`progress, ${locale}`, (t) => same(t, progressCard(progressData({ locale }))));

  test(`progress, ended with changes, ${locale}`, (t) => {
    const counts = { completed: 12, failed: 0, noResult: 0, notStarted: 0, running: 0, waiting: 0, joined: 0 };
    const changes = [
      {
        name: 'Contoso Rom',
        change: { what: 'expiry', before: '2026-12-01T00:00:00Z', after: '2027-06-10T00:00:00Z' },
      },
      ...changesWorth(20, hostile).map((change) => ({ name: 'Contoso Berlin', change })),
    ] as const;
    const licenses = { compared: 10, notCompared: 2, why: 'slow', approximate: true } as const;
    same(t, progressCard(progressData({ locale, counts, receipt: { changes, licenses } })));
  });

  test(`progress, stopped and ended, ${locale}`, (t) => {
    const counts = { completed: 4, failed: 1, noResult: 0, notStarted: 7, running: 0, waiting: 0, joined: 1 };
    const troubles = [
      { name: hostile, kind: 'failed', outcome: 'forbidden' },
      { name: 'Contoso Rom', kind: 'notStarted', outcome: 'notAsked' },
    ] as const;
    same(t, progressCard(progressData({ locale, counts, troubles, stopped: { reason: 'tokenRejected' } })));
  });

  test(`help, ${locale}`, (t) => same(t, helpCard({ locale, conversationKind: 'channel' })));

  test(`welcome, ${locale}`, (t) =>
    same(t, welcomeCard({ locale, conversationKind: 'channel', addedBy: { teamsId: '29:ada', name: 'Ada' } })));

  test(`welcome after a reinstall, ${locale}`, (t) => {
    const former = { by: 'Ada', lines: ['alerts on "Contoso HQ" expired', `alerts on "${hostile}"`] };
    same(t, welcomeCard({ locale, conversationKind: 'channel', former }));
  });

  const soon = { ...berlin, displayName: hostile, expirationDateTime: '2026-11-30T20:00:00Z' };
  const expiring = alertOf('expiring', { stage: 'd7', token: soon });

  test(`alert, ${locale}`, (t) =>
    same(t, alertCard({ locale, now, conversationKind: 'channel', alert: expiring, recordId: 'p' })));

  test(`alert of licences, taken and snoozed, ${locale}`, (t) => {
    const apps = Array.from({ length: 7 }, (_, index) => ({ name: `App ${index + 1}`, used: 39, total: 40 }));
    const alert = alertOf('licenses', {
      detail: { apps, isApproximate: true },
      acknowledged: { by: 'Elif Karaduman', at: now },
      snoozed: { by: 'Ada Lindqvist', at: now, until: now + 86_400_000 },
    });
    same(t, alertCard({ locale, now, conversationKind: 'personal', alert, recordId: 'p' }));
  });

  test(`alert, resolved, ${locale}`, (t) => {
    const alert = alertOf('syncFailed', { endedAt: now, ending: 'resolved' });
    same(t, alertCard({ locale, now, conversationKind: 'personal', alert, recordId: 'p' }));
  });

  test(`alert of a deleted token, ${locale}`, (t) => {
    const alert = alertOf('tokenDeleted', { detail: { since: now - 3_600_000 } });
    same(t, alertCard({ locale, now, conversationKind: 'channel', alert, recordId: 'p' }));
  });

  test(`alert of tokens that are all gone, ${locale}`, (t) => {
    const failure = { part: 'tokens', reason: 'allGone' } as const;
    const alert = alertOf('monitoringBroken', {
      stage: 'monitoringBroken',
      detail: { since: now - 3_600_000, failure },
    });
    same(t, alertCard({ locale, now, conversationKind: 'personal', alert, recordId: 'p' }));
  });

  test(`alert of broken monitoring, ${locale}`, (t) => {
    const failure = { part: 'tokens', reason: 'consentRequired' } as const;
    const alert = alertOf('monitoringBroken', { detail: { since: now - 3_600_000, failure } });
    same(t, alertCard({ locale, now, conversationKind: 'personal', alert, recordId: 'p' }));
  });

  test(`alert digest, ${locale}`, (t) => {
    const taken = alertOf('expired', { acknowledged: { by: 'Ada', at: now } });
    const over = alertOf('syncFailed', { endedAt: now, ending: 'resolved' });
    const entries = [
      { alert: over },
      { alert: expiring, event: 'escalated' as const },
      { alert: taken },
      { alert: alertOf('syncStuck', { detail: { since: now - 40 * 60_000 } }) },
    ];
    same(t, alertDigestCard({ locale, now, conversationKind: 'channel', why: 'morning', entries, recordId: 'p' }));
  });

  test(`open alerts, ${locale}`, (t) => {
    const others = Array.from({ length: 9 }, (_, index) =>
      alertOf('syncStale', { id: `stale-${index}`, detail: { since: now - 90 * 3_600_000 } }),
    );
    const alerts = [
      ...others,
      { ...expiring, snoozed: { by: 'Ada', at: now, until: now + 86_400_000 } },
      alertOf('expired', { acknowledged: { by: 'Elif Karaduman', at: now } }),
      alertOf('monitoringBroken', { stage: 'monitoringBroken' }),
    ];
    const page = findOpenAlertsPage(alerts, 0, locale);
    same(t, openAlertsCard({ locale, now, page, recordId: 'p', notice: { text: 'Done.', tone: 'good' } }));
  });

  test(`open alerts, none, ${locale}`, (t) =>
    same(t, openAlertsCard({ locale, now, page: findOpenAlertsPage([], 0, locale), recordId: 'p' })));

  test(`week, ${locale}`, (t) => {
    const later = { ...berlin, expirationDateTime: '2027-01-20T00:00:00Z' };
    const tokens = [later, soon, { ...berlin, state: 'invalid' }];
    const runsOut = [{ name: 'Meadow Notes', tokenId: berlin.id, daysLeft: 9 }];
    const week = { tokens, alerts: [expiring], runsOut, syncs: { completed: 9, failed: 1, stuck: 0, noResult: 0 } };
    same(t, weeklyCard({ locale, now, conversationKind: 'personal', ...week, recordId: 'p' }));
  });

  test(`subscription, ${locale}`, (t) => {
    const subscription = subscriptionOf({
      scope: ['1', '2', '3'],
      events: ['expired', 'expiring'],
      quiet: { from: 22 * 60, to: 7 * 60 },
      weeklyAt: now,
    });
    const card = subscriptionCard({
      locale,
      conversationKind: 'personal',
      heading: 'on',
      subscription,
      tokenNames: ['Contoso Berlin', hostile],
      goneTokens: 1,
      notices: [{ text: texts.alerts.partial(3), tone: 'warning' }],
      zoneFrom: 'client',
      open: [expiring],
      recordId: 'p',
    });
    same(t, card);
  });

  test(`alert settings, ${locale}`, (t) => {
    const card = alertSettingsCard({
      locale,
      conversationKind: 'personal',
      tokens: [
        { name: 'Contoso Berlin', isCovered: true },
        { name: hostile, isCovered: false },
      ],
      coversAll: false,
      unshown: 1,
      hasMore: true,
      events: ['expired', 'expiring'],
      quiet: { from: 22 * 60, to: 7 * 60 },
      timeZone: 'Europe/Berlin',
      weekly: true,
      isOn: true,
      recordId: 'p',
    });
    same(t, card);
  });
}
