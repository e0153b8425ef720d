import type { VppToken } from '../domain/token.ts';
import type { ConversationReference, Locale } from '../domain/turn.ts';
import { plain } from '../lib/text.ts';
import { appleIdFor } from './apple-id.ts';
import { tokenNames } from './token-names.ts';

/**
 * What each token is called in a list, by its id: its name, and where several have the same, what tells them apart. Already
 * `plain` and short: a hundred of them must fit on a card. Several tokens with one organisation name are the normal case.
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
      return [token.id, mark ? `${plain(title, 26)} (${plain(mark, 32)})` : plain(title, 48)];
    }),
  );
}
