import { alertCard } from '../../src/cards/alert-card.ts';
import { alertDigestCard } from '../../src/cards/alert-digest-card.ts';
import { choiceCard } from '../../src/cards/choice-card.ts';
import { continueCard } from '../../src/cards/continue-card.ts';
import { explanationCard } from '../../src/cards/explanation-card.ts';
import { helpCard } from '../../src/cards/help-card.ts';
import { licensesCard } from '../../src/cards/licenses-card.ts';
import { listCard } from '../../src/cards/list-card.ts';
import { planCard } from '../../src/cards/plan-card.ts';
import { progressCard } from '../../src/cards/progress-card.ts';
import { subscriptionCard } from '../../src/cards/subscription-card.ts';
import { tokenCard } from '../../src/cards/token-card.ts';
import { weeklyCard } from '../../src/cards/weekly-card.ts';
import { welcomeCard } from '../../src/cards/welcome-card.ts';
import { troubleOf, troubles, type VppToken } from '../../src/domain/token.ts';
import type { CardContent, Locale } from '../../src/domain/turn.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { alertOf, subscriptionOf } from '../support/contoso-berlin.ts';
import { appChange } from './receipt-changes.ts';
import { berlin, now, tokenData } from './samples.ts';
import { planData, progressData } from './sync-all-samples.ts';

const dayMs = 86_400_000;
const inDays = (days: number) => new Date(now + days * dayMs).toISOString();
const soon = { ...berlin, expirationDateTime: inDays(12) };
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
  const entries = tokens
    .map((each) => ({ token: each, trouble: troubleOf(each, now) }))
    .sort((a, b) => troubles.indexOf(a.trouble) - troubles.indexOf(b.trouble));
  const total = entries.length;
  const page = { recordId: 'r', page: 0 };
  const apps = ['Meadow Notes', 'Harbor Mail', 'Sketch Pad', 'Field Survey'].map((displayName, index) => ({
    id: `${index}`,
    displayName,
    bundleId: `com.example.${index}`,
    usedLicenseCount: [40, 38, 12, 0][index] ?? 0,
    totalLicenseCount: 40,
  }));
  const alert = alertOf('expiring', { stage: 'd14', token: soon });
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
    { name: 'Failed', card: token({ phase: { kind: 'ended', outcome: 'failed', durationMs: 42_000, changes: [] } }) },
    {
      name: 'List',
      card: listCard({ ...personal, ...page, entries, total, found: { expiring: 3, failed: 1, stale: 0 } }),
    },
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
    { name: 'Plan', card: planCard(planData({ locale, run: tokens.map(({ displayName }) => displayName ?? '') })) },
    {
      name: 'Sync of all',
      card: progressCard(
        progressData({ locale, counts, troubles: [{ name: 'Contoso Rom', kind: 'failed', outcome: 'forbidden' }] }),
      ),
    },
    { name: 'Alert', card: alertCard({ ...personal, alert, recordId: 'p' }) },
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
      name: 'Week',
      card: weeklyCard({
        ...personal,
        tokens,
        alerts: [alert],
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
    { name: 'Help', card: helpCard({ locale, conversationKind: 'personal' }) },
    { name: 'Welcome', card: welcomeCard({ locale, conversationKind: 'personal' }) },
  ];
}
