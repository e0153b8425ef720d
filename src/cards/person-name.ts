import { textsFor } from '../i18n/texts.ts';
import type { Locale } from '../turn.ts';
import { plain } from './plain.ts';

/** A person as everybody may read of them; Teams does not name everyone. */
export const personName = (name: string, locale: Locale, longest?: number): string =>
  plain(name, longest) || textsFor(locale).card.somebody;
