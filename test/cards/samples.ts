import { choiceCard, summaryOfChoiceCard } from '../../src/cards/choice-card.ts';
import { continueCard, summaryOfContinueCard } from '../../src/cards/continue-card.ts';
import { explanationCard, summaryOfExplanationCard } from '../../src/cards/explanation-card.ts';
import { type HelpTopic, helpCard, summaryOfHelpCard } from '../../src/cards/help-card.ts';
import { summaryOfTokenCard, type TokenCardData, type TokenPhase, tokenCard } from '../../src/cards/token-card.ts';
import { summaryOfWelcomeCard, welcomeCard } from '../../src/cards/welcome-card.ts';
import type { SyncOutcome } from '../../src/domain/sync-run.ts';
import type { VppToken } from '../../src/domain/token.ts';
import type { CardContent, ConversationKind, Locale } from '../../src/domain/turn.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import { berlin, now } from '../support/contoso-berlin.ts';
import { accountSamples } from './account-samples.ts';
import { alertSamples } from './alert-samples.ts';
import { historySamples } from './history-samples.ts';
import { listingSamples } from './listing-samples.ts';
import { receiptSamples } from './receipt-samples.ts';
import { syncAllSamples } from './sync-all-samples.ts';
import { locales, tokenData } from './token-data.ts';

export { berlin, locales, now, tokenData };

export const states = [
  'valid',
  'expired',
  'invalid',
  'assignedToExternalMDM',
  'duplicateLocationId',
  'unknown',
] as const;
// A record, so that a new outcome fails the type check until it has its sample.
const everyOutcome: Readonly<Record<SyncOutcome, true>> = {
  completed: true,
  failed: true,
  stuck: true,
  noResult: true,
  deleted: true,
  notStarted: true,
  refusedLate: true,
  lost: true,
};
export const outcomes = Object.keys(everyOutcome) as SyncOutcome[];

// biome-ignore lint/suspicious/noTemplateCurlyInString: data that looks like a template's binding is the point
export const hostile = '*x* [a](http://evil) ${1+1} <at>x</at> <script>';
const nasty = `${hostile} _u_ \u202e#1\n- {{DATE(2020-01-01T00:00:00Z)}} ${'👩‍👩‍👧'.repeat(900)}`;

/** A token whose every text is what an attacker would put there. */
export const nastyToken: VppToken = {
  id: nasty,
  displayName: hostile,
  locationName: `${hostile} two`,
  organizationName: nasty,
  appleId: `${hostile}@evil.example`,
  countryOrRegion: hostile,
  vppTokenAccountType: hostile,
  state: hostile,
  lastSyncStatus: hostile,
  expirationDateTime: hostile,
  lastSyncDateTime: hostile,
};

export interface Sample {
  readonly name: string;
  readonly card: CardContent;
  readonly summary: string;
}

const phases = (text: string | undefined): TokenPhase[] => [
  { kind: 'state' },
  { kind: 'running', startedAt: now },
  { kind: 'running', startedAt: now, joined: { alreadyRunning: true } },
  { kind: 'running', startedAt: now, joined: { byName: text ?? 'Grace Hopper', alreadyRunning: true } },
  ...outcomes.flatMap((outcome): TokenPhase[] => [
    { kind: 'ended', outcome, durationMs: 42_000, changes: [] },
    {
      kind: 'ended',
      outcome,
      durationMs: 905_000,
      changes: [
        { what: 'state', before: text ?? 'invalid', after: text ?? 'valid' },
        { what: 'expiry', before: text ?? '2026-01-01T00:00:00Z', after: text ?? '2027-06-10T00:00:00Z' },
        { what: 'expiry' },
      ],
    },
  ]),
];

function* tokenSamples(locale: Locale): Generator<Sample> {
  const make = (name: string, data: TokenCardData) => ({
    name,
    card: tokenCard(data),
    summary: summaryOfTokenCard(data),
  });
  for (const phase of phases(undefined)) {
    for (const state of states) {
      for (const lastSyncStatus of ['none', 'inProgress', 'completed', 'failed']) {
        const token = { ...berlin, state, lastSyncStatus };
        yield make(`token ${state} ${lastSyncStatus} ${JSON.stringify(phase)}`, tokenData({ locale, token, phase }));
      }
    }
  }
  for (const phase of phases(nasty)) {
    for (const conversationKind of ['personal', 'channel'] as const) {
      const notice = { text: `${hostile} ${nasty}`, tone: 'warning' } as const;
      const data = tokenData({ locale, token: nastyToken, phase, conversationKind, requestedBy: nasty, notice });
      yield make(`nasty ${conversationKind} token ${JSON.stringify(phase).slice(0, 80)}`, data);
    }
  }
  const bare = { id: '1', state: '', lastSyncStatus: '' };
  yield make('token with nothing', tokenData({ locale, token: bare, actions: [] }));
  for (const expirationDateTime of [
    '2026-11-23T14:02:00Z',
    '2026-11-24T00:00:00Z',
    '2026-12-10T00:00:00Z',
    '9999-12-31T23:59:59.9999999Z',
  ]) {
    yield make(`token until ${expirationDateTime}`, tokenData({ locale, token: { ...berlin, expirationDateTime } }));
  }
}

function* choiceSamples(locale: Locale): Generator<Sample> {
  for (const found of ['matches', 'near'] as const) {
    for (const [count, total, page, isSearchable] of [
      [1, 1, 0, true],
      [15, 16, 0, false],
      [8, 8, 0, true],
      [15, 3000, 0, true],
      [15, 3000, 100, true],
    ] as const) {
      const choices = Array.from({ length: count }, (_, index) => ({
        value: `v${index}`,
        title: nasty,
        detail: nasty,
      }));
      const data = {
        locale,
        asked: nasty,
        found,
        verb: 'sync/choose',
        actionTitle: textsFor(locale).buttons.syncNow,
        recordId: 'p',
        choices,
        total,
        page,
        isSearchable,
      };
      yield { name: `choice of ${count} ${found}`, card: choiceCard(data), summary: summaryOfChoiceCard(data) };
    }
  }
}

function* otherSamples(locale: Locale): Generator<Sample> {
  const waiting = { locale, person: nasty, command: nasty, requestId: 'p', expiresInMs: 900_000 };
  yield { name: 'continue', card: continueCard(waiting), summary: summaryOfContinueCard(waiting) };
  const explanation = { what: nasty, cause: nasty, who: nasty, next: nasty };
  for (const count of [0, 9]) {
    const actions = Array.from({ length: count }, () => ({ title: 'Refresh', verb: 'status/refresh', recordId: 'p' }));
    const data = { locale, explanation, reference: nasty, actions };
    yield {
      name: `explanation with ${count} buttons`,
      card: explanationCard(data),
      summary: summaryOfExplanationCard(data),
    };
  }
  const kinds: readonly ConversationKind[] = ['personal', 'groupChat', 'channel'];
  const topics = Object.keys(textsFor(locale).commands) as HelpTopic[];
  for (const conversationKind of kinds) {
    for (const topic of [undefined, ...topics]) {
      const data = { locale, conversationKind, ...(topic && { topic }) };
      yield { name: `help ${topic}`, card: helpCard(data), summary: summaryOfHelpCard(data) };
    }
    for (const former of [undefined, { by: nasty, lines: [nasty, nasty, nasty], tokens: 3000 }]) {
      const data = {
        locale,
        conversationKind,
        addedBy: { teamsId: '29:nasty', name: nasty },
        ...(former && { former }),
      };
      yield { name: `welcome ${conversationKind}`, card: welcomeCard(data), summary: summaryOfWelcomeCard(data) };
    }
  }
}

/** Every card in every language, state, status and phase, with good and with nasty data. Drawing them takes seconds. */
export const drawSamples = (): readonly Sample[] =>
  locales.flatMap((locale) =>
    [
      ...accountSamples(locale, nasty),
      ...alertSamples(locale, nasty),
      ...historySamples(locale, nasty),
      ...tokenSamples(locale),
      ...receiptSamples(tokenData({ locale, token: nastyToken, requestedBy: nasty }), nasty),
      ...choiceSamples(locale),
      ...otherSamples(locale),
      ...listingSamples(locale, nasty),
      ...syncAllSamples(locale, nasty),
    ].map((sample) => ({
      ...sample,
      name: `${locale} ${sample.name}`,
    })),
  );
