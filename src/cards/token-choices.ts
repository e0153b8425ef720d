import type { VppToken } from '../domain/token.ts';
import type { ConversationReference, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { daysBetween, findInstant } from '../lib/time.ts';
import { appleIdFor } from './apple-id.ts';
import type { Choice } from './choice-card.ts';
import { tokenNames } from './token-names.ts';
import { stateWord } from './token-state.ts';

/** Tokens as choices: their number is the value, and beside the name stands what tells namesakes apart. */
export function tokenChoices(
  tokens: readonly VppToken[],
  where: { readonly locale: Locale; readonly conversation: Pick<ConversationReference, 'kind'> },
  now: number,
): Choice[] {
  const { card } = textsFor(where.locale);
  return tokens.map((token, index) => {
    const { title, others } = tokenNames(token, where.locale);
    const expiresAt = findInstant(token.expirationDateTime);
    const left = expiresAt !== undefined && expiresAt > now ? [card.daysLeft(daysBetween(now, expiresAt))] : [];
    const appleId = token.appleId ? [appleIdFor(token.appleId, where.conversation.kind)] : [];
    const detail = [...others, ...appleId, stateWord(token.state, where.locale), ...left].join(' · ');
    return { value: String(index + 1), title, detail };
  });
}
