import type { Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';

/** A sentence that refuses, with the reference under which log and audit know of it. */
export const withReference = (
  { locale, correlationId }: Pick<Turn, 'locale' | 'correlationId'>,
  text: string,
): string => `${text} ${textsFor(locale).card.reference(correlationId)}`;
