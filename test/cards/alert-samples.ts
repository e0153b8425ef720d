import { alertCard, summaryOfAlertCard } from '../../src/cards/alert-card.ts';
import { alertDigestCard, summaryOfAlertDigestCard } from '../../src/cards/alert-digest-card.ts';
import {
  type AlertSettingsCardData,
  alertSettingsCard,
  mostTokenChoices,
  summaryOfAlertSettingsCard,
} from '../../src/cards/alert-settings-card.ts';
import { findOpenAlertsPage, openAlertsCard, summaryOfOpenAlertsCard } from '../../src/cards/open-alerts-card.ts';
import {
  type SubscriptionCardData,
  subscriptionCard,
  summaryOfSubscriptionCard,
} from '../../src/cards/subscription-card.ts';
import { summaryOfWeeklyCard, weeklyCard } from '../../src/cards/weekly-card.ts';
import {
  type Alert,
  type AlertEnding,
  type Condition,
  chosenConditions,
  conditionStages,
  type MonitoringFailure,
  type Stage,
} from '../../src/domain/alert.ts';
import type { Locale } from '../../src/domain/turn.ts';
import type { Texts } from '../../src/i18n/en.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { safeLine } from '../../src/lib/text.ts';
import { alertOf, berlin, now, subscriptionOf } from '../support/contoso-berlin.ts';
import { nastyToken, type Sample } from './samples.ts';

const hourMs = 3_600_000;

// A record, so that a new ending or part fails the type check until it has its sample.
const endings = Object.keys({ resolved: 1, deleted: 1, superseded: 1 } satisfies Record<
  AlertEnding,
  1
>) as AlertEnding[];
const parts = Object.keys({ tokens: 1, licenses: 1 } satisfies Record<MonitoringFailure['part'], 1>) as ['tokens'];
const reasons = [
  'consentRequired',
  'missingScope',
  'forbidden',
  'wrongClientSecret',
  'tenantNotAllowed',
  'refused',
  'blockedByPolicy',
  'notInTenant',
  'tokenRejected',
  'claimsChallenge',
  'throttled',
  'unavailable',
  'timedOut',
  'unreadable',
  'badRequest',
  'notFound',
  'allGone',
  'unexpected',
  'constructor',
];

/** Every condition at every stage, open and ended every way, quiet and taken, with good and with nasty data. */
function* everyAlert(nasty: string): Generator<Alert> {
  for (const [condition, stages] of Object.entries(conditionStages) as [Condition, readonly Stage[]][]) {
    for (const stage of stages) {
      for (const token of condition === 'monitoringBroken' ? [undefined] : [berlin, nastyToken]) {
        const alert = alertOf(condition, { stage, ...(token && { token }), detail: { since: now - 90 * hourMs } });
        yield alert;
        yield { ...alert, acknowledged: { by: nasty, at: now }, snoozed: { by: nasty, at: now, until: now + hourMs } };
        for (const ending of endings) yield { ...alert, endedAt: now, ending };
      }
    }
  }
  for (const id of ['push', 'ade:c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e02'])
    for (const [condition, [stage]] of Object.entries(conditionStages) as [Condition, readonly [Stage]][])
      if (condition !== 'monitoringBroken') yield alertOf(condition, { stage, token: { ...nastyToken, id } });
  for (const [index, reason] of [...reasons, nasty].entries()) {
    const part = parts[index % parts.length] ?? 'tokens';
    const failure = { part, reason, neededScopes: [nasty, 'DeviceManagementApps.Read.All'], code: nasty };
    yield alertOf('monitoringBroken', { detail: { since: now, failure } });
  }
  const apps = (length: number) => Array.from({ length }, (_, index) => ({ name: nasty, used: 40 + index, total: 41 }));
  for (const length of [0, 1, 5, 3000])
    yield alertOf('licenses', { token: nastyToken, detail: { apps: apps(length), isApproximate: length > 1 } });
}

export function* alertSamples(locale: Locale, nasty: string): Generator<Sample> {
  const alerts = [...everyAlert(nasty)];
  for (const [index, alert] of alerts.entries()) {
    const conversationKind = index % 2 === 0 ? 'personal' : 'channel';
    const data = { locale, now, conversationKind, alert, recordId: 'press-1' } as const;
    const name = `alert ${index} ${alert.condition} ${alert.stage} ${conversationKind}`;
    yield { name, card: alertCard(data), summary: summaryOfAlertCard(data) };
  }
  yield* openSamples(locale, nasty, alerts);
  yield* digestSamples(locale, alerts);
  yield* weeklySamples(locale, nasty, alerts);
  yield* subscriptionSamples(locale, nasty, alerts);
  yield* settingsSamples(locale, nasty);
}

function* openSamples(locale: Locale, nasty: string, alerts: readonly Alert[]): Generator<Sample> {
  const open = alerts
    .filter(({ endedAt }) => endedAt === undefined)
    .map((alert, index) => ({ ...alert, id: `${index}` }));
  const wide = Array.from({ length: 200 }, (_, index) =>
    alertOf(index % 2 === 0 ? 'syncStale' : 'invalid', {
      id: `${index}`,
      token: wideOf(index),
      acknowledged: { by: '陈'.repeat(200), at: now },
      snoozed: { by: '陈', at: now, until: now + hourMs },
    }),
  );
  const lists = { every: open, wide, one: open.slice(0, 1), none: [] };
  for (const [name, listed] of Object.entries(lists)) {
    for (const asked of [0, 1, 3, 1000]) {
      const page = findOpenAlertsPage(listed, asked, locale);
      const notice = { text: nasty, tone: 'warning' } as const;
      const data = { locale, now, page, recordId: 'press-1', ...(asked > 0 && { notice }) };
      const card = openAlertsCard(data);
      yield { name: `open alerts ${name} page ${page.page}`, card, summary: summaryOfOpenAlertsCard(data) };
    }
  }
}

const wideOf = (index: number) => ({ ...nastyToken, id: `${index}`, displayName: '华'.repeat(90) });

function* digestSamples(locale: Locale, alerts: readonly Alert[]): Generator<Sample> {
  const wide = Array.from({ length: 200 }, (_, index) =>
    alertOf('syncStale', {
      token: wideOf(index),
      acknowledged: { by: '陈'.repeat(200), at: now },
      snoozed: { by: '陈', at: now, until: now + hourMs },
      ...(index % 2 === 1 && { endedAt: now, ending: 'superseded' as const }),
    }),
  );
  for (const why of ['alreadyOpen', 'burst', 'morning'] as const) {
    const conversationKind = why === 'alreadyOpen' ? 'channel' : 'personal';
    for (const [name, listed] of Object.entries({ every: alerts, one: alerts.slice(0, 1), wide, none: [] })) {
      const entries = listed.map((alert) => ({ alert, ...(why === 'morning' && { event: 'cameBack' as const }) }));
      const data = { locale, now, conversationKind, why, entries, recordId: 'press-1' } as const;
      yield { name: `digest ${why} ${name}`, card: alertDigestCard(data), summary: summaryOfAlertDigestCard(data) };
    }
  }
}

function* weeklySamples(locale: Locale, nasty: string, alerts: readonly Alert[]): Generator<Sample> {
  const expirationDateTime = new Date(now + 40 * 24 * hourMs).toISOString();
  const soon = Array.from({ length: 40 }, (_, index) => ({ ...wideOf(index), expirationDateTime }));
  const weeks = {
    full: { tokens: soon, alerts: alerts.filter(({ endedAt }) => endedAt === undefined) },
    nasty: { tokens: [{ ...nastyToken, displayName: nasty, expirationDateTime }], alerts: alerts.slice(0, 1) },
    well: { tokens: [berlin], alerts: [] },
    nothing: { tokens: [], alerts: [] },
  };
  for (const [name, week] of Object.entries(weeks)) {
    const syncs = { completed: 12, failed: 1, stuck: 1, noResult: 2 };
    const runsOut = week.tokens.map(({ id }, index) => ({ name: nasty, tokenId: id, daysLeft: index + 1 }));
    const data = { locale, now, conversationKind: 'personal' as const, ...week, runsOut, syncs, recordId: 'press-1' };
    yield { name: `week ${name}`, card: weeklyCard(data), summary: summaryOfWeeklyCard(data) };
  }
}

function* settingsSamples(locale: Locale, nasty: string): Generator<Sample> {
  const forms = {
    all: { tokens: [{ name: 'Contoso', isCovered: false }], coversAll: true, unshown: 0, hasMore: false },
    many: {
      tokens: Array.from({ length: mostTokenChoices }, () => ({ name: safeLine(nasty, 60), isCovered: true })),
      coversAll: false,
      unshown: 2_986,
      hasMore: true,
    },
  };
  for (const [index, [name, form]] of Object.entries(forms).entries()) {
    const data: AlertSettingsCardData = {
      locale,
      conversationKind: index === 0 ? 'personal' : 'channel',
      ...form,
      events: index === 0 ? chosenConditions : ['expiring'],
      ...(index === 1 && { quiet: { from: 0, to: 5 } }),
      timeZone: 'Europe/Berlin',
      weekly: index === 0,
      isOn: index === 1,
      recordId: 'press-1',
    };
    yield { name: `settings ${name}`, card: alertSettingsCard(data), summary: summaryOfAlertSettingsCard(data) };
  }
}

function* subscriptionSamples(locale: Locale, nasty: string, alerts: readonly Alert[]): Generator<Sample> {
  const words = textsFor(locale).alerts;
  const headings = Object.keys(words.heading) as (keyof Texts['alerts']['heading'])[];
  const zones = Object.keys(words.zone) as (keyof Texts['alerts']['zone'])[];
  const subscriptions = [
    subscriptionOf(),
    subscriptionOf({
      scope: Array.from({ length: 3000 }, (_, index) => `${index}`),
      events: ['expiring', 'licenses'],
      owner: { ...subscriptionOf().owner, name: nasty },
      quiet: { from: 22 * 60, to: 7 * 60 },
      timeZone: nasty,
      weeklyAt: now,
      suspended: { at: now, why: nasty },
    }),
  ];
  for (const subscription of subscriptions) {
    for (const [index, heading] of headings.entries()) {
      const data: SubscriptionCardData = {
        locale,
        heading,
        subscription,
        conversationKind: index % 2 === 0 ? 'personal' : 'channel',
        notices: index === 0 ? [] : [{ text: nasty, tone: 'warning' }],
        tokenNames: subscription.scope === 'all' ? [] : Array.from({ length: 40 }, () => nasty),
        goneTokens: index,
        zoneFrom: zones[index % zones.length] ?? 'said',
        open: index === 0 ? [] : alerts,
        recordId: 'press-1',
      };
      yield { name: `subscription ${heading}`, card: subscriptionCard(data), summary: summaryOfSubscriptionCard(data) };
    }
  }
}
