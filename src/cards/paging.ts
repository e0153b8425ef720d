import type { Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { type Line, line } from './render.ts';

/** Rows that a card shows at once: more are too long to read, and would not fit into a card of 25 KB. */
export const rowsPerPage = 15;

/** The part of a list that a card shows, and the stored query behind its buttons. */
export interface Paged {
  /** Opaque id of the record behind the card's buttons and rows. */
  readonly recordId: string;
  /** Counted from 0. */
  readonly page: number;
}

/** The page that there is in place of the one asked for: the last one, where the list has become shorter meanwhile. */
export const findPage = (total: number, asked: number): number =>
  Math.min(asked, Math.max(0, Math.ceil(total / rowsPerPage) - 1));

export const rowsOfPage = <Row>(rows: readonly Row[], page: number): readonly Row[] =>
  rows.slice(page * rowsPerPage, (page + 1) * rowsPerPage);

/** What the card's button Previous, Next or a filter needs. */
export interface ListButton {
  readonly title: string;
  readonly verb: string;
  readonly id: string;
}

/** Says which of the rows are shown, where they are not all. */
export function pageLine({ page }: Paged, total: number, locale: Locale): Line[] {
  if (total <= rowsPerPage) return [];
  const from = page * rowsPerPage + 1;
  return [line(textsFor(locale).card.page(from, Math.min(total, from + rowsPerPage - 1), total))];
}

/** Previous and Next of a command's card, as far as there is something there. */
export function pageButtons(
  command: string,
  { recordId: id, page }: Paged,
  total: number,
  locale: Locale,
): ListButton[] {
  const { previous, next } = textsFor(locale).buttons;
  return [
    ...(page > 0 ? [{ title: previous, verb: `${command}/previous`, id }] : []),
    ...((page + 1) * rowsPerPage < total ? [{ title: next, verb: `${command}/next`, id }] : []),
  ];
}

/** The id of a row: its card's, with the row's number on that card behind a dot. */
export const rowId = ({ recordId }: Pick<Paged, 'recordId'>, index: number): string => `${recordId}.${index + 1}`;
