import type { CardContent, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import { header, render } from './render.ts';

export interface ContinueCardData {
  readonly locale: Locale;
  /** The person whose command waits; nobody else's click continues it. */
  readonly person: string;
  /** The command as it was typed. */
  readonly command: string;
  readonly requestId: string;
  readonly expiresInMs: number;
}

/** Replaces silent sign-in in a channel, where Teams offers none: one press signs in and continues the command. */
export function continueCard(data: ContinueCardData): CardContent {
  const { signIn, buttons } = textsFor(data.locale);
  const person = safeLine(data.person);
  return render('continue-card', data.locale, summaryOfContinueCard(data), {
    ...header(signIn.continueHeading(person)),
    what: safeSentence(signIn.continueWhat(person, safeLine(data.command))),
    bound: signIn.continueBound(person),
    expires: signIn.continueExpires(data.expiresInMs),
    actionTitle: buttons.continue,
    id: data.requestId,
  });
}

export const summaryOfContinueCard = ({ locale, person }: ContinueCardData): string =>
  textsFor(locale).signIn.continueSummary(safeLine(person));
