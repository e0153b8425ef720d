import type { VppToken } from '../domain/token.ts';
import type { Locale } from '../domain/turn.ts';
import { type Texts, textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { daysBetween, findInstant } from '../lib/time.ts';
import { type Tone, toned } from './tone.ts';

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

/** Days before its end from which a token's expiry is shown as a warning. */
export const expirySoonDays = 30;

/** A state in words; one that nobody knows is quoted as it came. */
export function stateWord(state: string, locale: Locale): string {
  const texts = textsFor(locale).state;
  return isState(state) ? texts.word[state] : texts.other(plain(state));
}

/** The state with its symbol, and the likely cause with the one next step when there is something to do. */
export function stateBlock(token: Pick<VppToken, 'state' | 'expirationDateTime'>, now: number, locale: Locale) {
  const advice = findAdvice(token, now);
  const known = isState(token.state) ? tones[token.state] : 'warning';
  const line = toned(advice && known === 'good' ? 'warning' : known, wordFor(token.state, advice, locale));
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
