import type { CardContent, Locale } from '../domain/turn.ts';
import type { Explanation } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, safeSentence } from '../lib/text.ts';
import { buttonsOf, header, lineWithSymbol, render } from './render.ts';

export interface ExplanationCardData {
  readonly locale: Locale;
  readonly explanation: Explanation;
  /** The turn's correlationId. */
  readonly reference: string;
  readonly actions?: readonly { readonly title: string; readonly verb: string; readonly recordId: string }[];
}

/** Explains a failure: what happened, why, who can fix it, the next step, and the reference to find it in the log. */
export function explanationCard(data: ExplanationCardData): CardContent {
  const { explanation, locale, actions = [] } = data;
  const { card } = textsFor(locale);
  const part = (key: 'cause' | 'who' | 'next') => ({
    label: card.labelled(card.label[key]),
    text: safeSentence(explanation[key]),
  });
  return render('explanation-card', locale, summaryOfExplanationCard(data), {
    ...header(lineWithSymbol('warning', safeSentence(explanation.what)).text),
    parts: [part('cause'), part('who'), part('next')],
    reference: card.reference(safeLine(data.reference)),
    ...buttonsOf(actions.map(({ title, verb, recordId }) => ({ title, verb, id: recordId }))),
  });
}

export const summaryOfExplanationCard = ({ explanation }: ExplanationCardData): string =>
  safeSentence(explanation.what);

/** The explanation as plain text, for places without cards. */
export function explanationText({ explanation, reference, locale }: ExplanationCardData): string {
  const { card } = textsFor(locale);
  const { what, cause, who, next } = explanation;
  return [
    what,
    `${card.labelled(card.label.cause)}${cause}`,
    `${card.labelled(card.label.who)}${who}`,
    `${card.labelled(card.label.next)}${next}`,
    card.reference(reference),
  ]
    .map(safeSentence)
    .join('\n');
}
