import type { CardContent, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine, withoutMarkdown } from '../lib/text.ts';
import { cardLimits, header, render } from './render.ts';

export interface Choice {
  /** Comes back as the input `choice`. Opaque. */
  readonly value: string;
  readonly title: string;
  /** Distinguishes it from its namesakes, such as location and days left. */
  readonly detail: string;
}

export interface ChoiceCardData {
  readonly locale: Locale;
  /** As the person typed it. */
  readonly asked: string;
  /** `near` when nothing matched and these are only the nearest names. */
  readonly found: 'matches' | 'near';
  /** Verb of the button that sends the choice, such as `sync/choose`. */
  readonly verb: string;
  readonly actionTitle: string;
  readonly recordId: string;
  /** Numbered from 1 in this order; those after the fifteenth are only counted. */
  readonly choices: readonly Choice[];
  /** Matches beyond `choices`. */
  readonly more: number;
}

/** Asks which of several tokens is meant. Choosing also runs the command; Cancel is `dialog/cancel`. */
export function choiceCard(data: ChoiceCardData): CardContent {
  const { resolve, buttons } = textsFor(data.locale);
  const shown = data.choices.slice(0, cardLimits.choices);
  const notShown = data.choices.length - shown.length + data.more;
  return render('choice-card', data.locale, summaryOfChoiceCard(data), {
    ...header(summaryOfChoiceCard(data)),
    label: resolve.label,
    required: resolve.required,
    choices: shown.map(({ value, title, detail }, index) => ({ value, title: numbered(index + 1, title, detail) })),
    notShown: notShown > 0 ? [{ text: resolve.notShown(notShown) }] : [],
    typeInstead: resolve.typeInstead,
    actionTitle: data.actionTitle,
    cancelTitle: buttons.cancel,
    verb: data.verb,
    id: data.recordId,
  });
}

/** The question itself. */
export function summaryOfChoiceCard({ locale, asked, found, choices, more }: ChoiceCardData): string {
  const { resolve } = textsFor(locale);
  return found === 'near'
    ? `${resolve.none(safeLine(asked))} ${resolve.nearest}`
    : safeLine(asked) === ''
      ? resolve.whichOfAll(choices.length + more)
      : resolve.which(safeLine(asked), choices.length + more);
}

// Not "1." or "1)": where Markdown is read, those would begin a list.
const numbered = (number: number, title: string, detail: string) =>
  withoutMarkdown([`${number} – ${safeLine(title)}`, safeLine(detail, 160)].filter((part) => part !== '').join(' · '));
