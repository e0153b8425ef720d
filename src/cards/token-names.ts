import type { VppToken } from '../graph/vpp-token.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Locale } from '../turn.ts';
import { plain } from './plain.ts';

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
