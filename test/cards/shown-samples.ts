import { alertCard } from '../../src/cards/alert-card.ts';
import { alertDigestCard } from '../../src/cards/alert-digest-card.ts';
import { alertSettingsCard } from '../../src/cards/alert-settings-card.ts';
import { choiceCard } from '../../src/cards/choice-card.ts';
import { continueCard } from '../../src/cards/continue-card.ts';
import { type CheckName, doctorCard } from '../../src/cards/doctor-card.ts';
import { explanationCard } from '../../src/cards/explanation-card.ts';
import { helpCard } from '../../src/cards/help-card.ts';
import { historyCard } from '../../src/cards/history-card.ts';
import { licensesCard } from '../../src/cards/licenses-card.ts';
import { listCard } from '../../src/cards/list-card.ts';
import { findOpenAlertsPage, openAlertsCard } from '../../src/cards/open-alerts-card.ts';
import { planCard } from '../../src/cards/plan-card.ts';
import { progressCard } from '../../src/cards/progress-card.ts';
import { reminderCard } from '../../src/cards/reminder-card.ts';
import { renewCard } from '../../src/cards/renew-card.ts';
import { subscriptionCard } from '../../src/cards/subscription-card.ts';
import { tokenCard } from '../../src/cards/token-card.ts';
import { verifyCard } from '../../src/cards/verify-card.ts';
import { weeklyCard } from '../../src/cards/weekly-card.ts';
import { welcomeCard } from '../../src/cards/welcome-card.ts';
import { whoamiCard } from '../../src/cards/whoami-card.ts';
import { clouds } from '../../src/clouds.ts';
import { checkRenewal } from '../../src/domain/renewal.ts';
import { troubleOf, troubles, type VppToken } from '../../src/domain/token.ts';
import type { CardContent, Locale } from '../../src/domain/turn.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { alertOf, berlin, now, subscriptionOf } from '../support/contoso-berlin.ts';
import { appChange } from './receipt-changes.ts';
import { planData, progressData } from './sync-all-samples.ts';
import { tokenData } from './token-data.ts';

const dayMs = 86_400_000;
const inDays = (days: number) => new Date(now + days * dayMs).toISOString();
const soon = { ...berlin, expirationDateTime: inDays(12) };
const push: VppToken = {
  id: 'push',
  appleId: 'mdm-push@contoso.example.com',
  state: 'valid',
  lastSyncStatus: 'none',
  expirationDateTime: inDays(12),
  lastModifiedDateTime: inDays(-353),
};
const enrollment: VppToken = {
  id: 'ade:c81d2e07-4b6a-4f19-9d53-7a0b1c2d3e02',
  displayName: 'Contoso iPhones',
  appleId: 'enrolment@contoso.example.com',
  vppTokenAccountType: 'business',
  state: 'valid',
  lastSyncStatus: 'failed',
  expirationDateTime: inDays(200),
  lastSyncDateTime: inDays(-4),
};
const names = ['Berlin', 'Paris', 'Rom', 'Wien', 'Praha', 'Oslo', 'Madrid', 'Dublin'];
const tokens: readonly VppToken[] = names.map((name, index) => ({
  ...berlin,
  id: `token-${index}`,
  displayName: `Contoso ${name}`,
  locationName: name,
  expirationDateTime: inDays([-9, 5, 25, 60, 120, 200, 300, 340][index] ?? 200),
  lastSyncStatus: index === 2 ? 'failed' : 'completed',
}));

/** The cards of the contact sheets: each kind in the states that people meet, with data as a tenant has it. */
export function shownSamples(locale: Locale): { readonly name: string; readonly card: CardContent }[] {
  const texts = textsFor(locale);
  const personal = { locale, now, conversationKind: 'personal' } as const;
  const everyButton = ['syncNow', 'refresh', 'licences', 'renew', 'history'] as const;
  const token = (changes: Parameters<typeof tokenData>[0]) =>
    tokenCard(tokenData({ locale, actions: everyButton, ...changes }));
  const ended = { kind: 'ended', outcome: 'completed', durationMs: 42_000, usualMs: 38_000 } as const;
  const changes = [{ what: 'expiry', before: inDays(12), after: inDays(377) } as const, appChange('Meadow Notes')];
  const worstFirst = (listed: readonly VppToken[]) =>
    listed
      .map((each) => ({ token: each, trouble: troubleOf(each, now) }))
      .sort((a, b) => troubles.indexOf(a.trouble) - troubles.indexOf(b.trouble));
  const entries = worstFirst(tokens);
  const total = entries.length;
  const connectors = worstFirst([enrollment, ...tokens.slice(1, 5)]);
  const page = { recordId: 'r', page: 0 };
  const apps = ['Meadow Notes', 'Harbor Mail', 'Sketch Pad', 'Field Survey'].map((displayName, index) => ({
    id: `${index}`,
    displayName,
    bundleId: `com.example.${index}`,
    usedLicenseCount: [40, 38, 12, 0][index] ?? 0,
    totalLicenseCount: 40,
  }));
  const alert = alertOf('expiring', { stage: 'd14', token: soon });
  const { intuneUrl } = clouds.global;
  const before = { ...soon, startedAt: now - 600_000 };
  const checks = checkRenewal(berlin, before, now);
  const openAlerts = [
    alert,
    alertOf('syncFailed', { acknowledged: { by: 'Ada Lovelace', at: now } }),
    alertOf('syncFailed', { id: 'paris', token: { ...berlin, displayName: 'Contoso Paris', locationName: 'Paris' } }),
    alertOf('expired', { token: { ...berlin, displayName: 'Contoso Rom', expirationDateTime: inDays(-9) } }),
  ];
  const findings = (Object.keys(texts.doctor.name) as CheckName[]).map((name) => ({
    name,
    finding:
      name === 'consent'
        ? { tone: 'attention' as const, ...texts.doctor.monitoring.consent }
        : { tone: 'good' as const, text: texts.doctor.name[name] },
  }));
  const counts = { completed: 4, failed: 1, noResult: 0, notStarted: 0, running: 3, waiting: 4, joined: 0 };
  return [
    { name: 'Healthy', card: token({}) },
    { name: 'Expires soon', card: token({ token: soon }) },
    { name: 'Expired', card: token({ token: { ...berlin, state: 'expired', expirationDateTime: inDays(-9) } }) },
    { name: 'Invalid', card: token({ token: { ...berlin, state: 'invalid', lastSyncStatus: 'failed' } }) },
    {
      name: 'Syncing',
      card: token({
        actions: ['refresh'],
        phase: { kind: 'running', startedAt: now - 21_000, elapsedMs: 21_000, usualMs: 38_000 },
      }),
    },
    {
      name: 'Receipt',
      card: token({ phase: { ...ended, changes, licenses: { kind: 'compared', approximate: false } } }),
    },
    {
      name: 'Failed',
      card: token({
        token: { ...berlin, lastSyncStatus: 'failed' },
        phase: { kind: 'ended', outcome: 'failed', durationMs: 42_000, changes: [] },
      }),
    },
    {
      name: 'List',
      card: listCard({ ...personal, ...page, entries, total, found: { expiring: 3, failed: 1, stale: 0 } }),
    },
    {
      name: 'Apple connectors',
      card: listCard({
        ...personal,
        ...page,
        kind: 'every',
        notes: [texts.connector.notCovered(texts.connector.pushTitle, 'DeviceManagementServiceConfig.Read.All')],
        entries: connectors,
        total: connectors.length,
        found: { expiring: 2, failed: 2, stale: 1 },
      }),
    },
    { name: 'Push certificate', card: token({ token: push, actions: ['refresh', 'renew', 'history'] }) },
    {
      name: 'Licences',
      card: licensesCard({
        ...personal,
        ...page,
        token: berlin,
        apps,
        low: false,
        uncounted: 0,
        approximate: false,
        daysLeft: new Map(apps.slice(-1).map(({ id }) => [id, 9])),
        readAt: now,
        total: 4,
        lowTotal: 2,
      }),
    },
    {
      name: 'Which one',
      card: choiceCard({
        locale,
        asked: 'contoso',
        found: 'matches',
        verb: 'sync/choose',
        actionTitle: texts.buttons.syncNow,
        recordId: 'p',
        choices: names.slice(0, 4).map((name) => ({ value: name, title: `Contoso ${name}`, detail: 'Contoso GmbH' })),
        total: 4,
        page: 0,
        isSearchable: false,
      }),
    },
    {
      name: 'Which of many',
      card: choiceCard({
        locale,
        asked: '',
        found: 'matches',
        verb: 'status/choose',
        actionTitle: texts.resolve.show.status,
        recordId: 'p',
        choices: names.map((name) => ({ value: name, title: `Contoso ${name}`, detail: 'Contoso GmbH' })),
        total: 40,
        page: 1,
        isSearchable: true,
      }),
    },
    { name: 'Plan', card: planCard(planData({ locale, run: tokens.map(({ displayName }) => displayName ?? '') })) },
    {
      name: 'Sync of all',
      card: progressCard(
        progressData({ locale, counts, troubles: [{ name: 'Contoso Rom', kind: 'failed', outcome: 'forbidden' }] }),
      ),
    },
    {
      name: 'All synced but one',
      card: progressCard(
        progressData({
          locale,
          counts: { ...counts, completed: 11, running: 0, waiting: 0 },
          troubles: [{ name: 'Contoso Rom', kind: 'failed', outcome: 'failed', detail: 'invalid' }],
          receipt: {
            changes: [{ name: 'Contoso Paris', change: appChange('Meadow Notes') }],
            licenses: { compared: 11, notCompared: 0, approximate: false },
          },
          elapsedMs: 64_000,
          recordId: 'b',
        }),
      ),
    },
    {
      name: 'History',
      card: historyCard({
        locale,
        now,
        ...page,
        total: 40,
        rows: ['completed', 'completed', 'failed', 'stuck', 'completed'].map((outcome, index) => ({
          tokenName: `Contoso ${names[index]}`,
          requesterName: index === 3 ? 'Grace Hopper' : 'Ada Lovelace',
          action: 'sync',
          outcome: 'started',
          ended: { outcome, at: now - index * dayMs, tookMs: outcome === 'stuck' ? 1_800_000 : 40_000 },
          at: now - index * dayMs,
        })),
      }),
    },
    {
      name: 'Renewal',
      card: renewCard({
        ...personal,
        intuneUrl,
        token: soon,
        callName: 'Contoso Berlin',
        isWatched: true,
        recordId: 'p',
        renewal: { person: { ...subscriptionOf().owner }, startedAt: now - 600_000 },
      }),
    },
    { name: 'Renewal, reminder', card: reminderCard({ ...personal, token: soon, recordId: 'p' }) },
    {
      name: 'Renewal of the push certificate',
      card: renewCard({ ...personal, intuneUrl, token: push, callName: 'push', isWatched: true, recordId: 'p' }),
    },
    {
      name: 'Renewed',
      card: verifyCard({ ...personal, intuneUrl, token: berlin, before, checks, callName: 'Berlin', recordId: 'p' }),
    },
    { name: 'Alert', card: alertCard({ ...personal, alert, recordId: 'p' }) },
    {
      name: 'Alert of an enrolment token',
      card: alertCard({ ...personal, alert: alertOf('syncFailed', { token: enrollment }), recordId: 'p' }),
    },
    {
      name: 'Alert, resolved',
      card: alertCard({
        ...personal,
        alert: alertOf('syncFailed', { endedAt: now, ending: 'resolved' }),
        recordId: 'p',
      }),
    },
    {
      name: 'Digest',
      card: alertDigestCard({ ...personal, why: 'morning', entries: [{ alert }, { alert: alertOf('syncFailed') }] }),
    },
    {
      name: 'Open alerts',
      card: openAlertsCard({ locale, now, recordId: 'p', page: findOpenAlertsPage(openAlerts, 0, locale) }),
    },
    {
      name: 'Week',
      card: weeklyCard({
        ...personal,
        tokens,
        alerts: [alert],
        runsOut: [{ name: 'Meadow Notes', tokenId: berlin.id, daysLeft: 9 }],
        syncs: { completed: 9, failed: 1, stuck: 0, noResult: 0 },
      }),
    },
    {
      name: 'Subscription',
      card: subscriptionCard({
        locale,
        conversationKind: 'personal',
        heading: 'on',
        subscription: subscriptionOf({ quiet: { from: 22 * 60, to: 7 * 60 }, weeklyAt: now }),
        tokenNames: [],
        goneTokens: 0,
        notices: [],
        zoneFrom: 'client',
        recordId: 'p',
        open: [alert],
      }),
    },
    {
      name: 'Alert settings',
      card: alertSettingsCard({
        locale,
        conversationKind: 'personal',
        tokens: tokens.map(({ displayName }, index) => ({ name: displayName ?? '', isCovered: index < 2 })),
        coversAll: false,
        unshown: 0,
        hasMore: false,
        events: ['expired', 'expiring', 'syncFailed'],
        quiet: { from: 22 * 60, to: 7 * 60 },
        timeZone: 'Europe/Berlin',
        weekly: true,
        isOn: true,
        recordId: 'p',
      }),
    },
    {
      name: 'Refused',
      card: explanationCard({ locale, explanation: texts.errors.graph.forbidden, reference: 'ab12cd' }),
    },
    {
      name: 'Continue',
      card: continueCard({
        locale,
        person: 'Ada Lovelace',
        command: 'sync contoso',
        requestId: 'p',
        expiresInMs: 900_000,
      }),
    },
    {
      name: 'Doctor',
      card: doctorCard({ locale, findings, isOperator: true, reference: 'ab12cd' }),
    },
    {
      name: 'Who am I',
      card: whoamiCard({
        ...personal,
        name: 'Ada Lovelace',
        tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47',
        signedIn: { userName: 'ada@contoso.com', until: now + 3_600_000, reading: { kind: 'read', count: 8 } },
      }),
    },
    { name: 'Help', card: helpCard({ locale, conversationKind: 'personal' }) },
    { name: 'Welcome', card: welcomeCard({ locale, conversationKind: 'personal' }) },
  ];
}
