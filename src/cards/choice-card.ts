import type { CardContent, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { joinSentences, safeLine, withoutMarkdown } from '../lib/text.ts';
import { type Paged, pageButtons, pageLine, rowsPerPage } from './paging.ts';
import { header, render } from './render.ts';

export interface Choice {
  /** Comes back as the input `choice`. Opaque. */
  readonly value: string;
  readonly title: string;
  /** Distinguishes it from its namesakes, such as location and days left. */
  readonly detail: string;
}

export interface ChoiceCardData extends Paged {
  readonly locale: Locale;
  /** As the person typed it. */
  readonly asked: string;
  /** `near` when nothing matched and these are only the nearest names. */
  readonly found: 'matches' | 'near';
  /** Verb of the button that sends the choice, such as `sync/choose`. */
  readonly verb: string;
  readonly actionTitle: string;
  readonly recordId: string;
  /** Those of this page. They are numbered over all pages, so that a number can be typed. */
  readonly choices: readonly Choice[];
  /** Choices on all pages. */
  readonly total: number;
  /** The choices can be read anew: the card has pages, and a field to search them where there are many. */
  readonly isSearchable: boolean;
}

/** From so many on, finding one by reading takes longer than typing a part of its name. */
export const fewestToSearch = 8;

/** Asks which of several tokens is meant. Choosing also runs the command; Cancel is `dialog/cancel`. */
export function choiceCard(data: ChoiceCardData): CardContent {
  const { locale, page, total, recordId: id, isSearchable } = data;
  const { resolve, buttons } = textsFor(locale);
  const first = page * rowsPerPage + 1;
  const input = {
    label: resolve.label,
    required: resolve.required,
    placeholder: resolve.search,
    dataset: id,
    choices: data.choices.map(({ value, title, detail }, index) => ({
      value,
      title: choiceTitle(title, detail, first + index),
    })),
  };
  const hasField = isSearchable && total >= fewestToSearch;
  const notShown = total - data.choices.length;
  return render('choice-card', locale, summaryOfChoiceCard(data), {
    ...header(summaryOfChoiceCard(data)),
    radios: hasField ? [] : [input],
    fields: hasField ? [input] : [],
    page: isSearchable ? pageLine(data, total, locale) : [],
    notShown: notShown > 0 && !isSearchable ? [{ text: resolve.notShown(notShown) }] : [],
    typeInstead: resolve.typeInstead,
    actionTitle: data.actionTitle,
    cancelTitle: buttons.cancel,
    verb: data.verb,
    id,
    actions: isSearchable ? pageButtons('choice', data, total, locale) : [],
  });
}

/** The question itself. */
export function summaryOfChoiceCard({ locale, asked, found, total }: ChoiceCardData): string {
  const { resolve } = textsFor(locale);
  return found === 'near'
    ? joinSentences(resolve.none(safeLine(asked)), resolve.nearest)
    : safeLine(asked) === ''
      ? resolve.whichOfAll(total)
      : resolve.which(safeLine(asked), total);
}

/** A choice as one line, with the number that can be typed in its place. */
export const choiceTitle = (title: string, detail: string, number?: number): string =>
  // Not "1." or "1)": where Markdown is read, those would begin a list.
  withoutMarkdown(
    [`${number === undefined ? '' : `${number} – `}${safeLine(title)}`, safeLine(detail, 160)]
      .filter((part) => part !== '')
      .join(' · '),
  );
