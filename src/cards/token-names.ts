import { resolveToken } from '../domain/resolve-token.ts';
import { findExpiry, type VppToken } from '../domain/token.ts';
import type { ConversationReference, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import type { Choice } from './choice-card.ts';
import { appleIdFor } from './style.ts';
import { stateWord } from './token-parts.ts';

interface TokenNames {
  /** The name a token goes by, everywhere: cards, sentences, toasts. */
  readonly title: string;
  /** Its other names, each once. */
  readonly others: readonly string[];
}

/** displayName, else locationName, else organizationName, each a `safeLine`. v1.0 of Graph knows only the last. */
export function tokenNames(
  token: Pick<VppToken, 'displayName' | 'locationName' | 'organizationName'>,
  locale: Locale,
): TokenNames {
  const names = [token.displayName, token.locationName, token.organizationName]
    .map((name) => safeLine(name ?? ''))
    .filter((name) => name !== '');
  const [title = textsFor(locale).card.unnamedToken, ...others] = new Set(names);
  return { title, others };
}

/**
 * The name of each token in a list, by its id; where several have the same, with another name or the Apple ID behind it. Each is
 * a `safeLine` and short: a hundred of them must fit on a card. Several tokens with one organisation name are the normal case.
 */
export function tokenLabels(
  tokens: readonly VppToken[],
  where: { readonly locale: Locale; readonly conversation: Pick<ConversationReference, 'kind'> },
): ReadonlyMap<string, string> {
  const named = tokens.map((token) => ({ token, ...tokenNames(token, where.locale) }));
  const counts = new Map<string, number>();
  for (const { title } of named) counts.set(title, (counts.get(title) ?? 0) + 1);
  return new Map(
    named.map(({ token, title, others }) => {
      const appleId = token.appleId && appleIdFor(token.appleId, where.conversation.kind);
      const mark = counts.get(title) === 1 ? undefined : (others[0] ?? appleId);
      return [token.id, mark ? `${safeLine(title, 26)} (${safeLine(mark, 32)})` : safeLine(title, 48)];
    }),
  );
}

/** The name to type for this token and no other: its title where that does, else its id. */
export function callNameOf(token: VppToken, tokens: readonly VppToken[], locale: Locale): string {
  const { title } = tokenNames(token, locale);
  const meant = resolveToken(title, tokens);
  return meant.kind === 'one' && meant.token.id === token.id ? title : token.id;
}

/** Tokens as choices: their number is the value, and beside the name is what tells namesakes apart. */
export function tokenChoices(
  tokens: readonly VppToken[],
  where: { readonly locale: Locale; readonly conversation: Pick<ConversationReference, 'kind'> },
  now: number,
): Choice[] {
  const { card } = textsFor(where.locale);
  return tokens.map((token, index) => {
    const { title, others } = tokenNames(token, where.locale);
    const expiry = findExpiry(token, now);
    const left = expiry && expiry.stage !== 'past' ? [card.daysLeft(expiry.days)] : [];
    const appleId = token.appleId ? [appleIdFor(token.appleId, where.conversation.kind)] : [];
    const detail = [...others, ...appleId, stateWord(token.state, where.locale), ...left].join(' · ');
    return { value: String(index + 1), title, detail };
  });
}
