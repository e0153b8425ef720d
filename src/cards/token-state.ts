import { kindOf } from '../domain/connector.ts';
import { findExpiry, isStateBehind, type VppToken } from '../domain/token.ts';
import type { Locale, Reader } from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { isKeyOf, textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { bandOf, clientDate, line, lineWithSymbol, type Tone } from './render.ts';

/** All that the state's words and advice depend on. */
type StateOf = Pick<VppToken, 'id' | 'state' | 'expirationDateTime'>;

type StateKey = keyof Texts['state']['word'];
type AdviceKey = keyof Texts['state']['advice'];
type Advice = Readonly<Record<'cause' | 'next', string>>;

const stateTones: Readonly<Record<StateKey, Tone>> = {
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
  return isKeyOf(stateTones, state) ? texts.word[state] : texts.other(safeLine(state));
}

/** The state with its symbol, and the likely cause with the one next step when there is something to do. */
export function stateBlock(token: StateOf, now: number, locale: Locale) {
  const advice = findAdvice(token, now);
  const said = wordFor(token, advice, locale);
  const { text, color } = lineWithSymbol(stateToneOf(token.state, advice), said);
  return { said, word: text, color, advice: advice ? adviceOf(advice, token, locale) : [] };
}

interface StateBandData extends Reader {
  readonly token: VppToken;
}

/**
 * The state as a card's band, with the expiry where that is what matters about it: then `isDated` is true and no row needs to
 * repeat the date.
 */
export function stateBand({ locale, now, timeZone, token }: StateBandData) {
  const { alert, card } = textsFor(locale);
  const advice = findAdvice(token, now);
  const tone = stateToneOf(token.state, advice);
  const expiry = findExpiry(token, now, timeZone);
  const isDated = token.state === 'valid' || advice === 'expired';
  if (!expiry || !isDated) return { band: bandOf(tone, wordFor(token, advice, locale)), isDated: false };
  const { days, stage, at } = expiry;
  const left = stage === 'past' ? card.daysAgo(-days) : card.daysLeft(days);
  const said = stage === 'soon' ? alert.what.expiring(days) : `${wordFor(token, advice, locale)} · ${left}`;
  // On a line of its own, where no phone breaks it.
  return { band: bandOf(tone, said, { dates: [line(clientDate(at))] }), isDated: true };
}

/** True while a new token file is what helps: before a sync, which cannot work. */
export const leadsToRenewal = (token: StateOf, now: number): boolean =>
  ['expired', 'expiresSoon', 'invalid', 'assignedToExternalMDM'].includes(findAdvice(token, now) ?? '');

function stateToneOf(state: string, advice: AdviceKey | undefined): Tone {
  if (advice === 'expired') return stateTones.expired;
  const known = isKeyOf(stateTones, state) && advice !== 'expiredButAhead' ? stateTones[state] : 'warning';
  return advice && known === 'good' ? 'warning' : known;
}

function wordFor(token: StateOf, advice: AdviceKey | undefined, locale: Locale): string {
  const { state } = token;
  const { validButExpiresSoon, validButPast, expiredButAhead } = textsFor(locale).state;
  if (advice === 'expiredButAhead') return expiredButAhead;
  // Graph gives no state of the others: their date is all there is.
  if (advice === 'expired' && kindOf(token) !== 'vpp') return stateWord('expired', locale);
  if (state !== 'valid' || advice === undefined) return stateWord(state, locale);
  return advice === 'expiresSoon' ? validButExpiresSoon : validButPast;
}

/** Why a sync may have failed, unless the token's own state already explains it. */
export function syncFailedAdvice(token: StateOf, now: number, locale: Locale) {
  const explained = token.state !== 'valid' || findAdvice(token, now) === 'expired';
  return explained ? [] : adviceOf('syncFailed', token, locale);
}

function findAdvice(token: StateOf, now: number): AdviceKey | undefined {
  if (!isKeyOf(stateTones, token.state)) return undefined;
  if (isStateBehind(token, now)) return 'expiredButAhead';
  if (token.state !== 'valid') return token.state;
  const stage = findExpiry(token, now)?.stage;
  if (stage === 'past') return 'expired';
  return stage === 'soon' ? 'expiresSoon' : undefined;
}

const adviceOf = (key: AdviceKey, token: StateOf, locale: Locale) =>
  adviceLines(ownAdvice(token, key, locale) ?? textsFor(locale).state.advice[key], locale);

/** Advice in words of the connector's own kind, where it has some. */
export function ownAdvice(token: Pick<VppToken, 'id'>, key: string, locale: Locale): Advice | undefined {
  const kind = kindOf(token);
  if (kind === 'vpp') return undefined;
  const words: Readonly<Record<string, Advice>> = textsFor(locale).connector.advice[kind];
  return words[key];
}

/** A cause and the one next step, each under its label; what is empty is left out. */
export function adviceLines({ cause, next }: Advice, locale: Locale) {
  const { card } = textsFor(locale);
  return [
    { label: card.labelled(card.label.cause), text: cause },
    { label: card.labelled(card.label.next), text: next },
  ].filter(({ text }) => text !== '');
}
