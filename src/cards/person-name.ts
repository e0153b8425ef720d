import type { Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';

/** A person as everybody may read of them; Teams does not name everyone. */
export const personName = (name: string, locale: Locale, longest?: number): string =>
  plain(name, longest) || textsFor(locale).card.somebody;
