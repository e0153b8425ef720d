import type { VppToken } from '../domain/token.ts';
import type { Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';

export interface TokenNames {
  /** The name a token goes by, everywhere: cards, sentences, toasts. */
  readonly title: string;
  /** Its other names, each once. */
  readonly others: readonly string[];
}

/** displayName, else locationName, else organizationName; already `plain`. v1.0 of Graph knows only the last. */
export function tokenNames(
  token: Pick<VppToken, 'displayName' | 'locationName' | 'organizationName'>,
  locale: Locale,
): TokenNames {
  const names = [token.displayName, token.locationName, token.organizationName]
    .map((name) => plain(name ?? ''))
    .filter((name) => name !== '');
  const [title = textsFor(locale).card.unnamedToken, ...others] = new Set(names);
  return { title, others };
}
