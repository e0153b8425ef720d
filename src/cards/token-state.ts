import type { VppToken } from '../graph/vpp-token.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Locale } from '../turn.ts';
import { daysBetween, findInstant } from './instant.ts';
import { plain } from './plain.ts';
import type { Tone } from './tone.ts';

type StateKey = keyof ReturnType<typeof textsFor>['state']['word'];
type AdviceKey = keyof ReturnType<typeof textsFor>['state']['advice'];

const tones: Readonly<Record<StateKey, Tone>> = {
  valid: 'good',
  expired: 'attention',
  invalid: 'attention',
  assignedToExternalMDM: 'attention',
  duplicateLocationId: 'warning',
  unknown: 'warning',
};
const soonDays = 30;

/** A state in words; one that nobody knows is quoted as it came. */
export function stateWord(state: string, locale: Locale): string {
  const texts = textsFor(locale).state;
  return isState(state, texts.word) ? texts.word[state] : texts.other(plain(state));
}

/** State, how serious it is, and the likely cause with the one next step when there is something to do. */
export function tokenState(
  token: Pick<VppToken, 'state' | 'lastSyncStatus' | 'expirationDateTime'>,
  now: number,
  locale: Locale,
): { readonly word: string; readonly tone: Tone; readonly advice?: { readonly cause: string; readonly next: string } } {
  const { advice, word } = textsFor(locale).state;
  const key = findAdvice(token, now);
  const known = isState(token.state, word) ? tones[token.state] : 'warning';
  return {
    word: stateWord(token.state, locale),
    tone: key === undefined || known !== 'good' || key === 'syncFailed' ? known : 'warning',
    ...(key && { advice: advice[key] }),
  };
}

function findAdvice(
  token: Pick<VppToken, 'state' | 'lastSyncStatus' | 'expirationDateTime'>,
  now: number,
): AdviceKey | undefined {
  if (token.state !== 'valid') return isState(token.state, tones) && token.state !== 'valid' ? token.state : undefined;
  const expiresAt = findInstant(token.expirationDateTime);
  if (expiresAt !== undefined && expiresAt <= now) return 'expired';
  if (token.lastSyncStatus === 'failed') return 'syncFailed';
  return expiresAt !== undefined && daysBetween(now, expiresAt) <= soonDays ? 'expiresSoon' : undefined;
}

const isState = (state: string, known: object): state is StateKey => Object.hasOwn(known, state);
