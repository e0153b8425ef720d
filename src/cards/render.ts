import { Template } from 'adaptivecards-templating';
import type { CardContent, ConversationKind, Locale } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { cardTemplates } from '../lib/package-files.ts';
import { safeLine, safeSentence, withoutMarkdown } from '../lib/text.ts';

// Parsing a template takes some milliseconds, so each waits for its first card.
const templates = new Map<string, Template>();

function findTemplate(name: string): Template | undefined {
  const known = templates.get(name);
  if (known || !Object.hasOwn(cardTemplates, name)) return known;
  const template = new Template(withParts(cardTemplates[name]));
  templates.set(name, template);
  return template;
}

/** Puts `adaptiveCards/parts/{name}.json` where a template has `{"$part": name}`; properties beside `$part` go before the part's own. */
function withParts(node: unknown): unknown {
  if (Array.isArray(node)) return node.flatMap(withParts);
  if (typeof node !== 'object' || node === null) return node;
  const { $part: name, ...own } = Object.fromEntries(Object.entries(node).map(([key, item]) => [key, withParts(item)]));
  if (name === undefined) return own;
  const part = withParts(cardTemplates[`parts/${name}`]);
  if (typeof part !== 'object' || part === null) throw new Error(`There is no adaptiveCards/parts/${name}.json.`);
  return Array.isArray(part) ? part : { ...part, ...own };
}

// Cards know two-letter languages alone; with another one clients fall back to their own.
const languages: Readonly<Record<Locale, string>> = { en: 'en', 'zh-CN': 'zh' };

// A noncharacter that replaces `$` of the data during expansion, so that a `${` in the result is the template's own.
const standIn = '\ufdd0';

/**
 * Fills the template `adaptiveCards/{name}.json`. `summary` becomes the fallbackText of clients too old for the card.
 * Data is never evaluated: `${…}` in it arrives as it is. Throws when the template names something the data lacks;
 * therefore templates have no `$when` (a condition that cannot be read counts as false, silently): what may be absent is an array.
 */
export function render(
  name: string,
  locale: Locale,
  summary: string,
  data: Readonly<Record<string, unknown>>,
): CardContent {
  const template = findTemplate(name);
  if (!template) throw new Error(`There is no template adaptiveCards/${name}.json.`);
  const fallbackText = withoutMarkdown(safeSentence(summary));
  const root = mapStrings({ ...data, lang: languages[locale], fallbackText }, (text) =>
    text.replaceAll(standIn, '').replaceAll('$', standIn),
  );
  const card = mapStrings(template.expand({ $root: root }), (text) => {
    if (text.includes('${')) throw new Error(`Template ${name} names something its data lacks: ${text}`);
    return text.replaceAll(standIn, '$');
  });
  if (!isCard(card)) throw new Error(`Template ${name} is not an Adaptive Card.`);
  return card;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]));
}

const isCard = (value: unknown): value is CardContent =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  value.type === 'AdaptiveCard' &&
  'version' in value &&
  typeof value.version === 'string';

/** How many of each Teams and its store validation allow on a card. */
export const cardLimits = { actions: 6, choices: 15 } as const;

/** The meaning of a line. Its symbol says it without colour; the colour follows the client's own theme. */
export type Tone = 'plain' | 'good' | 'warning' | 'attention' | 'busy';

const marks = {
  plain: { symbol: '•', color: 'Default', style: 'emphasis' },
  good: { symbol: '✓', color: 'Good', style: 'good' },
  // With the text selector, so that no client draws an emoji.
  warning: { symbol: '⚠\ufe0e', color: 'Warning', style: 'warning' },
  attention: { symbol: '✕', color: 'Attention', style: 'attention' },
  busy: { symbol: '↻', color: 'Accent', style: 'accent' },
} as const satisfies Record<Tone, { symbol: string; color: string; style: string }>;

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

/** Data of the part `header`. A heading is a TextBlock, which clients read as Markdown, so lookalikes replace what could be any. */
export const header = (title: string, others: readonly string[] = []) => ({
  title: withoutMarkdown(title),
  subtitle: others.length === 0 ? [] : [line(others.join(' · '))],
});

/**
 * Data of the part `band`: the state of what the card is about, in words, with its symbol and colour. `more` are lines below it, as
 * those of a `CardRow`.
 */
export const bandOf = (tone: Tone, text: string, more: Partial<Pick<CardRow, 'runs' | 'dates'>> = {}) => ({
  ...lineWithSymbol(tone, withoutMarkdown(text)),
  style: marks[tone].style,
  runs: more.runs ?? [],
  dates: more.dates ?? [],
});

/**
 * Data of the part `bar`: a ProgressBar, and a line of blocks for clients that know none. Words beside it say the same. Empty where
 * there is nothing to measure by.
 */
export function barOf(tone: Tone, value: number, max: number) {
  if (max <= 0) return [];
  const done = Math.min(Math.max(value, 0), max);
  const { color } = tone === 'plain' ? marks.busy : marks[tone];
  const share = Math.round((done / max) * blocks);
  // Neither empty nor full before its time.
  const filled = done === 0 || done === max ? share : Math.min(Math.max(share, 1), blocks - 1);
  const segments = [
    { text: block.repeat(filled), color },
    { text: lowBlock.repeat(blocks - filled), color: marks.plain.color },
  ].filter(({ text }) => text !== '');
  return [{ value: done, max, color, segments }];
}

// Columns with a style would be as high as their padding, which no card can take away.
const block = '▂';
const lowBlock = '▁';
/** So many fit into a line on a phone, in every font. */
const blocks = 16;

/** The name of a tone's colour in a chart. */
export const chartColors: Readonly<Record<Tone, string>> = {
  plain: 'neutral',
  good: 'good',
  warning: 'warning',
  attention: 'attention',
  busy: 'neutral',
};

/** Data of the part `results`: how many of each tone, as a stacked bar; a line of blocks for clients that know no charts. */
export function resultsOf(
  title: string,
  counts: readonly { readonly tone: Tone; readonly count: number; readonly text: string }[],
) {
  const found = counts.filter(({ count }) => count > 0);
  if (found.length === 0) return [];
  const total = found.reduce((sum, { count }) => sum + count, 0);
  return [
    {
      title,
      said: found.map(({ text }) => text).join(' · '),
      data: found.map(({ tone, count, text }) => ({ legend: text, value: count, color: chartColors[tone] })),
      segments: found.map(({ tone, count }) => ({
        text: block.repeat(Math.max(1, Math.round((count / total) * blocks))),
        color: marks[tone].color,
      })),
    },
  ];
}

/** The line that folds and unfolds what is below it, in both its forms. */
export const foldOf = (title: string) => ({ title, folded: `▸ ${title}`, unfolded: `▾ ${title}` });

export interface CardButton {
  readonly title: string;
  readonly verb: string;
  readonly id: string;
}

/** Data of the part `actions`: the button that helps most comes first, and is the one positive button of its card. */
export const buttonsOf = (buttons: readonly CardButton[]) => ({
  primary: buttons.slice(0, 1),
  actions: buttons.slice(1, cardLimits.actions),
});

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
