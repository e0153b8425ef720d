import type { AppChange, Change, LicenseCounts, TokenChange } from '../domain/licenses.ts';
import { expirySoonDays, type VppToken } from '../domain/token.ts';
import type { ConversationKind, Locale } from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { clientDate, clientDateTime, daysBetween, findInstant } from '../lib/time.ts';
import { appleIdFor, type CardRow, colored, type Line, line, lineWithSymbol, type Tone } from './style.ts';

export interface TokenRowsData {
  readonly locale: Locale;
  readonly now: number;
  readonly token: VppToken;
  readonly conversationKind: ConversationKind;
  /** Who asked, by name. */
  readonly requestedBy?: string;
}

/** The facts of a token that stay true when it is gone. */
export function identityRows({ locale, token, conversationKind, requestedBy }: TokenRowsData): CardRow[] {
  const { label, accountType, autoUpdate } = textsFor(locale).card;
  const updates = token.automaticallyUpdateApps;
  return [
    ...row(label.accountType, token.vppTokenAccountType, (raw) => wordOr(accountType, raw)),
    ...row(label.appleId, token.appleId, (raw) => appleIdFor(raw, conversationKind)),
    ...row(label.region, token.countryOrRegion, (raw) => regionName(raw, locale)),
    ...row(label.autoUpdate, updates === undefined ? undefined : autoUpdate[updates ? 'on' : 'off']),
    ...row(label.askedBy, requestedBy),
  ];
}

export function expiryRow({ locale, now, token }: TokenRowsData): CardRow {
  const { label, daysLeft, daysAgo, unknown } = textsFor(locale).card;
  const at = findInstant(token.expirationDateTime);
  if (at === undefined)
    return { label: label.expires, runs: [line(safeLine(token.expirationDateTime ?? '') || unknown)], dates: [] };
  const days = daysBetween(now, at);
  const tone: Tone = at <= now ? 'attention' : days <= expirySoonDays ? 'warning' : 'plain';
  const left = at <= now ? daysAgo(-days) : daysLeft(days);
  return { label: label.expires, runs: [], dates: [colored(tone, `${clientDate(at)} · ${left}`)] };
}

const syncTones: Readonly<Record<string, Tone>> = {
  completed: 'good',
  failed: 'attention',
  inProgress: 'busy',
  none: 'plain',
};

/** `isDateEarlier`: the date is known to be that of a sync before the one whose outcome is shown. */
export function lastSyncRow({ locale, token }: TokenRowsData, isDateEarlier = false): CardRow {
  const texts = textsFor(locale);
  const { lastSyncStatus: status, lastSyncDateTime } = token;
  const at = findInstant(lastSyncDateTime);
  const word = wordOr(texts.state.syncWord, status);
  const isBefore = status === 'inProgress' || (status === 'failed' && isDateEarlier);
  const dates: Line[] =
    at === undefined ? [] : [line(`${isBefore ? `${texts.card.before} ` : ''}${clientDateTime(at)}`)];
  return {
    label: texts.card.label.lastSync,
    runs: [lineWithSymbol(Object.hasOwn(syncTones, status) ? (syncTones[status] ?? 'plain') : 'warning', word)],
    dates,
  };
}

function row(label: string, raw: string | undefined, say: (raw: string) => string = safeLine): CardRow[] {
  const text = raw === undefined ? '' : say(raw);
  return text === '' ? [] : [{ label, runs: [line(text)], dates: [] }];
}

/** Graph's enums are open: a value without a word is shown as it came. */
function wordOr<Words extends object>(words: Words & Readonly<Record<string, string>>, raw: string): string {
  return Object.hasOwn(words, raw) ? (words[raw] ?? safeLine(raw)) : safeLine(raw);
}

function regionName(code: string, locale: Locale): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return safeLine(code);
  return new Intl.DisplayNames(locale, { type: 'region' }).of(code.toUpperCase()) ?? code;
}

type StateKey = keyof Texts['state']['word'];
type AdviceKey = keyof Texts['state']['advice'];
type Advice = Readonly<Record<'cause' | 'next', string>>;

const tones: Readonly<Record<StateKey, Tone>> = {
  valid: 'good',
  expired: 'attention',
  invalid: 'attention',
  assignedToExternalMDM: 'attention',
  duplicateLocationId: 'warning',
  unknown: 'warning',
};

/** A state in words; one that nobody knows is quoted as it came. */
export function stateWord(state: string, locale: Locale): string {
  const texts = textsFor(locale).state;
  return isState(state) ? texts.word[state] : texts.other(safeLine(state));
}

/** The state with its symbol, and the likely cause with the one next step when there is something to do. */
export function stateBlock(token: Pick<VppToken, 'state' | 'expirationDateTime'>, now: number, locale: Locale) {
  const advice = findAdvice(token, now);
  const known = isState(token.state) ? tones[token.state] : 'warning';
  const line = lineWithSymbol(advice && known === 'good' ? 'warning' : known, wordFor(token.state, advice, locale));
  return { word: line.text, color: line.color, advice: advice ? adviceOf(advice, locale) : [] };
}

function wordFor(state: string, advice: AdviceKey | undefined, locale: Locale): string {
  const { validButExpiresSoon, validButPast } = textsFor(locale).state;
  if (state !== 'valid' || advice === undefined) return stateWord(state, locale);
  return advice === 'expiresSoon' ? validButExpiresSoon : validButPast;
}

/** Why a sync may have failed, unless the token's own state already explains it. */
export function syncFailedAdvice(token: Pick<VppToken, 'state' | 'expirationDateTime'>, now: number, locale: Locale) {
  const explained = token.state !== 'valid' || findAdvice(token, now) === 'expired';
  return explained ? [] : adviceOf('syncFailed', locale);
}

function findAdvice(token: Pick<VppToken, 'state' | 'expirationDateTime'>, now: number): AdviceKey | undefined {
  if (!isState(token.state)) return undefined;
  if (token.state !== 'valid') return token.state;
  const expiresAt = findInstant(token.expirationDateTime);
  if (expiresAt === undefined) return undefined;
  if (expiresAt <= now) return 'expired';
  return daysBetween(now, expiresAt) <= expirySoonDays ? 'expiresSoon' : undefined;
}

const adviceOf = (key: AdviceKey, locale: Locale) => adviceLines(textsFor(locale).state.advice[key], locale);

/** A cause and the one next step, each under its label; what is empty is left out. */
export function adviceLines({ cause, next }: Advice, locale: Locale) {
  const { card } = textsFor(locale);
  return [
    { label: card.labelled(card.label.cause), text: cause },
    { label: card.labelled(card.label.next), text: next },
  ].filter(({ text }) => text !== '');
}

const isState = (state: string): state is StateKey => Object.hasOwn(tones, state);

/** One change as a labelled row: what it was, and what it is. An Apple ID is shown as this conversation may see it. */
export function changeRow(change: Change, locale: Locale, kind: ConversationKind): CardRow {
  return change.what === 'app' ? appRow(change, locale) : tokenRow(change, locale, kind);
}

function appRow({ name, before, after }: AppChange, locale: Locale): CardRow {
  const { sync, card, licenses } = textsFor(locale);
  const say = ({ used, total }: LicenseCounts) => licenses.used(used, total);
  const [label, said] =
    before && after
      ? [sync.change.licenses, card.change(say(before), say(after))]
      : [after ? sync.change.appAdded : sync.change.appRemoved, say(after ?? before ?? { used: 0, total: 0 })];
  return { label, runs: [safeLine(name), said].map(line), dates: [] };
}

function tokenRow(changed: TokenChange, locale: Locale, kind: ConversationKind): CardRow {
  const texts = textsFor(locale);
  const { change } = texts.card;
  const label = labelOf(changed.what, texts);
  if (changed.what === 'expiry') {
    const [from, to] = [findInstant(changed.before), findInstant(changed.after)];
    if (from !== undefined && to !== undefined) {
      return { label, runs: [], dates: [line(change(clientDate(from), clientDate(to)))] };
    }
  }
  const say = (value: string | undefined) => sayValue(changed.what, value, locale, kind);
  return { label, runs: [line(change(say(changed.before), say(changed.after)))], dates: [] };
}

function sayValue(what: TokenChange['what'], value: string | undefined, locale: Locale, kind: ConversationKind) {
  const { nothing } = textsFor(locale).card;
  if (value === undefined) return nothing;
  if (what === 'state') return stateWord(value, locale);
  return (what === 'appleId' ? appleIdFor(value, kind) : safeLine(value)) || nothing;
}

function labelOf(what: TokenChange['what'], { card, sync }: Texts): string {
  switch (what) {
    case 'state':
      return card.label.state;
    case 'expiry':
      return card.label.expires;
    case 'appleId':
      return card.label.appleId;
    default:
      return sync.change[what];
  }
}
