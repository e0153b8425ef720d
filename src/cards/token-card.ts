import type { Alert } from '../domain/alert.ts';
import { traitsOf } from '../domain/connector.ts';
import type { Change, LicensesShown } from '../domain/licenses.ts';
import type { SyncOutcome } from '../domain/sync-run.ts';
import { findExpiry, type VppToken } from '../domain/token.ts';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import { alertVerbs, snoozeInputs, takenLines, takenRows, takingActions } from './alert-card.ts';
import { alertState } from './alert-text.ts';
import {
  bandOf,
  barOf,
  buttonsOf,
  type CardButton,
  type CardRow,
  clientDateTime,
  colored,
  header,
  type Line,
  line,
  lineWithSymbol,
  render,
  rowOf,
  type Tone,
} from './render.ts';
import {
  changeRow,
  detailsOf,
  expiryRow,
  identityRows,
  lastSyncRow,
  type TokenRowsData,
  tokenNames,
} from './token-parts.ts';
import { leadsToRenewal, stateBand, stateBlock, stateWord, syncFailedAdvice } from './token-state.ts';

/**
 * Why it is not known how long a sync took. `joined`: it was begun elsewhere. `unseen`: nothing showed when it failed. `restarted`: nobody
 * watched it end.
 */
export type Untimed = 'joined' | 'unseen' | 'restarted';

export type TokenPhase =
  | { readonly kind: 'state' }
  | {
      readonly kind: 'running';
      /** Absent when that is not known. */
      readonly startedAt?: number;
      readonly elapsedMs?: number;
      /** How long this token's syncs usually take. */
      readonly usualMs?: number;
      readonly joined?: { readonly byName?: string; readonly alreadyRunning: true };
    }
  | {
      readonly kind: 'ended';
      readonly outcome: SyncOutcome;
      readonly durationMs?: number;
      /** Why there is no duration; `restarted` by default. */
      readonly untimed?: Untimed;
      readonly usualMs?: number;
      /** The largest first; those after the tenth are only counted. */
      readonly changes: readonly Change[];
      readonly licenses?: LicensesShown;
      /** Why it was refused late: a key of the texts' `syncAll.reason`. */
      readonly refusal?: string;
      /** The bot was stopped while it requested the sync. */
      readonly stoppedAsking?: true;
      /** Intune's date of the last sync, when this one failed without moving it: it is an earlier one's. */
      readonly unmovedDate?: string;
    };

export type TokenAction = 'syncNow' | 'refresh' | 'licences' | 'renew' | 'history';

export interface TokenCardData extends TokenRowsData {
  /** Opaque id of the stored record behind every button of this card. */
  readonly recordId: string;
  /** In the order shown. */
  readonly actions: readonly TokenAction[];
  readonly phase: TokenPhase;
  /** One sentence about this answer, such as a refused sync. */
  readonly notice?: { readonly text: string; readonly tone: Tone };
  /** The alert of a failed sync that the receipt shows as well; without a record it has no buttons. */
  readonly alert?: { readonly alert: Alert; readonly recordId?: string };
  /** Epoch milliseconds at which the token was read from Graph. */
  readonly readAt: number;
}

const verbs: Readonly<Record<TokenAction, string>> = {
  syncNow: 'sync/start',
  refresh: 'status/refresh',
  licences: 'licenses/show',
  renew: 'renew/show',
  history: 'history/show',
};

/** One token: its state with cause and next step, its facts, and the sync that the card follows or that ended. */
export function tokenCard(data: TokenCardData): CardContent {
  const { locale, token, phase, notice } = data;
  const { card } = textsFor(locale);
  const { title, others } = tokenNames(token, locale);
  const alert = findShownAlert(data);
  const taken = alert ? takenLines(alert, data.now, locale) : { takenBy: [], snoozedUntil: [] };
  const buttons = listButtons(data, alert);
  const own = stateBand(data);
  const changed = phase.kind === 'ended' ? new Set(phase.changes.map(({ what }) => what)) : undefined;
  const gone = phase.kind === 'ended' && phase.outcome === 'deleted';
  const isDateEarlier =
    phase.kind === 'ended' && phase.unmovedDate !== undefined && phase.unmovedDate === token.lastSyncDateTime;
  return render('token-card', locale, summaryOfTokenCard(data), {
    ...header(title, others),
    band: [phase.kind === 'state' ? own.band : bandOf(...phaseHeadline(phase, locale))],
    phase: phaseBlocks(data),
    notices: [
      ...(notice ? [lineWithSymbol(notice.tone, safeSentence(notice.text))] : []),
      ...(alert ? alertNotices(alert, data) : []),
      ...taken.takenBy,
    ],
    snoozedUntil: taken.snoozedUntil,
    states: gone ? [] : stateBlocks(data),
    rows: [
      // Where a receipt says what these were and are, no row repeats it.
      ...(phase.kind === 'state' || gone || changed?.has('state') ? [] : stateRows(data)),
      ...(gone || (phase.kind === 'state' && own.isDated) || changed?.has('expiry') ? [] : [expiryRow(data)]),
      // While a sync runs, how the last one ended would only contradict it.
      ...(gone || phase.kind === 'running' || !traitsOf(token).syncs ? [] : [lastSyncRow(data, isDateEarlier)]),
      ...identityRows(data),
      ...(alert ? takenRows(alert, data.now, locale) : []),
    ],
    details: detailsOf(data),
    snooze: snoozeInputs(
      buttons.some(({ verb }) => verb === alertVerbs.snooze),
      locale,
    ),
    footer: [line(`${card.asOf} ${clientDateTime(data.readAt)}`)],
    ...buttonsOf(buttons),
  });
}

/** A receipt carries its alert until another sync has completed on the same card; that the alert is over shows there, too. */
function findShownAlert({ alert, phase }: TokenCardData): Alert | undefined {
  if (!alert || phase.kind === 'running') return undefined;
  const isCompleted = phase.kind === 'ended' && phase.outcome === 'completed';
  return isCompleted && alert.alert.endedAt === undefined ? undefined : alert.alert;
}

/** A receipt of a failed sync says itself what its open alert is about. */
function alertNotices(alert: Alert, data: TokenCardData): Line[] {
  const { phase } = data;
  const isSaid = alert.endedAt === undefined && phase.kind === 'ended' && phase.outcome === 'failed';
  if (isSaid) return [];
  const { tone, text } = alertState(alert, data);
  return [lineWithSymbol(tone, text)];
}

/** Like an alert's own card of a failed sync, a receipt with an open alert has no button for a renewal, which would not help. */
function listButtons(data: TokenCardData, alert: Alert | undefined): CardButton[] {
  const { locale, now, recordId, alert: carried } = data;
  const { buttons } = textsFor(locale);
  const actions = inOrderOfHelp(data);
  const toButtons = (of: readonly TokenAction[]) =>
    of.map((action) => ({ title: buttons[action], verb: verbs[action], id: recordId }));
  const id = carried?.recordId;
  if (!alert || alert.endedAt !== undefined || id === undefined) return toButtons(actions);
  return [
    ...toButtons(actions.slice(0, 1)),
    ...takingActions(alert, now).map((act) => ({ title: buttons[act], verb: alertVerbs[act], id })),
    ...toButtons(actions.slice(1).filter((action) => action !== 'renew')),
  ];
}

function inOrderOfHelp({ actions, token, now, phase }: TokenCardData): readonly TokenAction[] {
  const isRenewalFirst = phase.kind !== 'running' && actions.includes('renew') && leadsToRenewal(token, now);
  return isRenewalFirst ? ['renew', ...actions.filter((action) => action !== 'renew')] : actions;
}

/** One line for toasts, such as "Contoso Berlin: sync completed in 42 seconds". */
export function summaryOfTokenCard({ locale, now, timeZone, token, phase }: TokenCardData): string {
  const { sync, card } = textsFor(locale);
  const { title } = tokenNames(token, locale);
  if (phase.kind === 'running') return phase.joined ? sync.joined(title) : sync.running(title);
  if (phase.kind === 'ended') return sync[phase.outcome](title, phase.durationMs);
  const expiry = findExpiry(token, now, timeZone);
  const left = expiry && expiry.stage !== 'past' ? card.daysLeft(expiry.days) : undefined;
  return card.summary(title, stateWord(token.state, locale), left);
}

/** The state's advice, under its word where the card's band says something else. */
function stateBlocks({ token, now, locale, phase }: TokenCardData) {
  const { word, color, advice: ownAdvice } = stateBlock(token, now, locale);
  const words = phase.kind === 'state' ? [] : [{ word, color }];
  const own = ownAdvice.length === 0 ? [] : [{ words, advice: ownAdvice }];
  // A running sync is already the answer to a failed one; one that just ended has its receipt on the card.
  const failed = phase.kind === 'state' && token.lastSyncStatus === 'failed';
  const advice = failed ? syncFailedAdvice(token, now, locale) : [];
  if (advice.length === 0) return own;
  const line = lineWithSymbol('attention', textsFor(locale).state.lastSyncFailed);
  return [...own, { words: [{ word: line.text, color: line.color }], advice }];
}

/** A state that needs no advice is a row among others. */
function stateRows({ token, now, locale }: TokenCardData): CardRow[] {
  const { word: text, color, advice } = stateBlock(token, now, locale);
  return advice.length > 0 ? [] : [rowOf(textsFor(locale).card.label.state, { text, color })];
}

interface PhaseData {
  readonly phase: TokenPhase;
  readonly locale: Locale;
  readonly token: VppToken;
  readonly conversationKind: ConversationKind;
  readonly now: number;
}

/** How serious each way to end is. */
export const outcomeTones: Readonly<Record<SyncOutcome, Tone>> = {
  completed: 'good',
  failed: 'attention',
  stuck: 'warning',
  noResult: 'warning',
  deleted: 'attention',
  notStarted: 'attention',
  refusedLate: 'attention',
  lost: 'warning',
};

const mostChanges = 10;

/** The card's blocks for the sync it follows: none without one, one while it runs, the receipt at its end. */
function phaseBlocks(data: PhaseData) {
  const { phase, locale, token, now } = data;
  if (phase.kind === 'state') return [];
  if (phase.kind === 'running') return [runningBlock(phase, locale)];
  const advice = phase.outcome === 'failed' ? syncFailedAdvice(token, now, locale) : [];
  const block = { ...endedBlock(phase, data), advice };
  const { details, changes, notes } = block;
  return [details, changes, notes, advice].some((part) => part.length > 0) ? [block] : [];
}

/** The sync that the card follows, as its band. */
function phaseHeadline(phase: Running | Ended, locale: Locale): [Tone, string] {
  const { headline } = textsFor(locale).sync;
  if (phase.kind === 'running') return ['busy', phase.joined ? headline.joined : headline.running];
  const said = headline[phase.outcome];
  return [outcomeTones[phase.outcome], typeof said === 'function' ? said(phase.durationMs) : said];
}

type Running = Extract<TokenPhase, { kind: 'running' }>;
type Ended = Extract<TokenPhase, { kind: 'ended' }>;

function runningBlock({ startedAt, elapsedMs, usualMs, joined }: Running, locale: Locale) {
  const { sync, card } = textsFor(locale);
  const { detail } = sync;
  const follows = joined ? (joined.byName ? detail.joinedBy(safeLine(joined.byName)) : detail.joined) : detail.running;
  const soFar =
    elapsedMs === undefined
      ? []
      : [usualMs === undefined ? detail.soFar(elapsedMs) : detail.soFarOfUsual(elapsedMs, usualMs)];
  return {
    // Nobody knows when a sync ends, so its bar is never full before it has.
    bar: usualMs === undefined ? [] : barOf('busy', Math.min(elapsedMs ?? 0, usualMs * 0.95), usualMs),
    waiting: usualMs === undefined ? [{ color: 'Accent' }] : [],
    since: startedAt === undefined ? [] : [line(`${card.since} ${clientDateTime(startedAt)}`)],
    details: [...soFar, follows].map(line),
    advice: [],
    changes: [],
    notes: [],
  };
}

function endedBlock(phase: Ended, { locale, conversationKind }: PhaseData) {
  const { card } = textsFor(locale);
  const { changes } = phase;
  const rest = changes.length - mostChanges;
  const changed = {
    heading: card.label.changed,
    rows: changes.slice(0, mostChanges).map((change) => changeRow(change, locale, conversationKind)),
    more: rest > 0 ? [line(card.moreChanges(rest))] : [],
  };
  return {
    bar: [],
    waiting: [],
    since: [],
    details: phaseDetails(phase, locale),
    changes: [...(changes.length === 0 ? [] : [changed]), ...runsOutBlock(phase, locale)],
    notes: licenseNotes(phase, locale),
  };
}

const mostRunsOut = 3;

/** Apps of the token that run out soon, changed by the sync or not. */
function runsOutBlock({ licenses: compared }: Ended, locale: Locale) {
  const runsOut = (compared?.kind === 'compared' && compared.runsOut) || [];
  if (runsOut.length === 0) return [];
  const { licenses } = textsFor(locale);
  const rest = runsOut.length - mostRunsOut;
  const rows = runsOut.slice(0, mostRunsOut).map(({ name, daysLeft }) => ({
    label: licenses.label.app,
    runs: [line(safeLine(name)), colored('warning', licenses.runsOut(daysLeft))],
    dates: [],
  }));
  return [{ heading: licenses.runningOut, rows, more: rest > 0 ? [line(licenses.moreRunOut(rest))] : [] }];
}

function phaseDetails({ outcome, durationMs, usualMs, changes, licenses, ...phase }: Ended, locale: Locale): Line[] {
  const { detail } = textsFor(locale).sync;
  const isReal = outcome === 'completed' || outcome === 'failed';
  const isOverdue = outcome === 'noResult' || outcome === 'stuck';
  const unchanged = licenses?.kind === 'compared' ? detail.nothingChanged : detail.tokenUnchanged;
  return [
    ...(isReal ? [] : [outcome === 'refusedLate' ? refusalOf(phase.refusal, locale) : detail[whyNot(outcome, phase)]]),
    ...(isReal && durationMs === undefined ? [detail.untimed[phase.untimed ?? 'restarted']] : []),
    ...(isOverdue && usualMs !== undefined ? [detail.usual(usualMs)] : []),
    ...(outcome === 'completed' && changes.length === 0 ? [unchanged] : []),
  ].map(line);
}

function whyNot<Outcome extends SyncOutcome>(outcome: Outcome, { stoppedAsking }: Pick<Ended, 'stoppedAsking'>) {
  return outcome === 'notStarted' && stoppedAsking ? 'stoppedAsking' : outcome;
}

function refusalOf(refusal: string | undefined, locale: Locale): string {
  const { sync, syncAll } = textsFor(locale);
  const { failedIn: _, ...reasons } = syncAll.reason;
  const why = new Map<string, string>(Object.entries(reasons)).get(refusal ?? '');
  return sync.detail.refusedLate(why);
}

/** Notes on licences not compared, or not for certain: under every completed sync, under another only when changes are shown. */
function licenseNotes({ outcome, changes, licenses }: Ended, locale: Locale): Line[] {
  const { pending, approximate, notCompared, notComparedAs, why } = textsFor(locale).sync.licenses;
  if (!licenses || (outcome !== 'completed' && changes.length === 0)) return [];
  switch (licenses.kind) {
    case 'pending':
      return [line(pending)];
    case 'compared':
      return licenses.approximate ? [line(approximate)] : [];
    case 'notCompared':
      return [line(licenses.why === undefined ? notCompared : notComparedAs(why[licenses.why]))];
  }
}
