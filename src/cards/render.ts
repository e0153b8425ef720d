import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Template } from 'adaptivecards-templating';
import type { CardContent, Locale } from '../domain/turn.ts';
import { safeSentence, withoutMarkdown } from '../lib/text.ts';

const folder = new URL('../../adaptiveCards/', import.meta.url);
const load = (file: string) => new Template(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
// All at once when the process starts: a broken template stops it there, not on somebody's first click.
const templates = new Map(readdirSync(folder).map((file) => [basename(file, '.json'), load(file)]));

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
  const template = templates.get(name);
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
