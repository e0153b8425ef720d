import type { ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/** The meaning of a line. Its symbol says it without colour; the colour follows the client's own theme. */
export type Tone = 'plain' | 'good' | 'warning' | 'attention' | 'busy';

const marks = {
  plain: { symbol: '•', color: 'Default' },
  good: { symbol: '✓', color: 'Good' },
  // With the text selector, so that no client draws an emoji.
  warning: { symbol: '⚠\ufe0e', color: 'Warning' },
  attention: { symbol: '✕', color: 'Attention' },
  busy: { symbol: '↻', color: 'Accent' },
} as const satisfies Record<Tone, { symbol: string; color: string }>;

export interface Line {
  readonly text: string;
  readonly color: string;
}

/** Without a symbol, for what needs no emphasis. */
export const line = (text: string): Line => ({ text, color: 'Default' });

export const lineWithSymbol = (tone: Tone, text: string): Line => ({
  text: `${marks[tone].symbol} ${text}`,
  color: marks[tone].color,
});

/** For a line beside one whose symbol says the same. */
export const colored = (tone: Tone, text: string): Line => ({ text, color: marks[tone].color });

/** One labelled line of a card. `runs` may hold anything and are never Markdown; `dates` hold our own words and dates alone. */
export interface CardRow {
  readonly label: string;
  readonly runs: readonly Line[];
  readonly dates: readonly Line[];
}

export const rowOf = (label: string, run: Line, dates: readonly Line[] = []): CardRow => ({
  label,
  runs: [run],
  dates,
});

// In UTF-16 units, so that fifteen rows of the longest names still fit into one card.
export const longestTitle = 60;
export const longestDetail = 90;

/** The Apple ID as this conversation may see it: whole in a personal chat, elsewhere `j•••@contoso.com`. */
export function appleIdFor(appleId: string, kind: ConversationKind): string {
  const whole = safeLine(appleId);
  if (kind === 'personal') return whole;
  const at = whole.lastIndexOf('@');
  const [first = ''] = at === 0 ? [] : whole;
  return `${first}•••${at < 0 ? '' : whole.slice(at)}`;
}

/** The account a person is signed in with: its sign-in name in a personal chat, elsewhere the name that everybody there sees anyway. */
export function accountName(kind: ConversationKind, userName: string | undefined, name: string): string {
  return safeLine(kind === 'personal' ? (userName ?? name) : name);
}

/** A person's name for everybody to read; Teams does not name everyone. */
export const personName = (name: string, locale: Locale, longest?: number): string =>
  safeLine(name, longest) || textsFor(locale).card.somebody;

// Teams shows these in the reader's own language and time zone. It wants whole seconds, and only TextBlocks support it for certain.
// Source: learn.microsoft.com/adaptive-cards/authoring-cards/text-features, github.com/MicrosoftDocs/msteams-docs/issues/4489.
const seconds = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
export const clientDate = (at: number): string => `{{DATE(${seconds(at)}, SHORT)}}`;
const clientTime = (at: number): string => `{{TIME(${seconds(at)})}}`;
export const clientDateTime = (at: number): string => `${clientDate(at)} ${clientTime(at)}`;
