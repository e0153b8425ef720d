import { readFileSync } from 'node:fs';
import { Template } from 'adaptivecards-templating';
import type { CardContent, Locale } from '../domain/turn.ts';
import { plainSentence, withoutMarkdown } from '../lib/text.ts';

const names = [
  'alert-card',
  'alert-digest-card',
  'choice-card',
  'continue-card',
  'doctor-card',
  'explanation-card',
  'help-card',
  'history-card',
  'licenses-card',
  'list-card',
  'plan-card',
  'progress-card',
  'renew-card',
  'subscription-card',
  'token-card',
  'verify-card',
  'weekly-card',
  'welcome-card',
  'whoami-card',
] as const;
export type TemplateName = (typeof names)[number];

const folder = new URL('../../adaptiveCards/', import.meta.url);
const load = (name: TemplateName) => new Template(JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')));
// All at once when the process starts: a missing or broken template stops it there, not on somebody's first press.
const templates = new Map(names.map((name) => [name, load(name)]));

// Cards know two-letter languages alone; with another one clients fall back to their own.
const languages: Readonly<Record<Locale, string>> = { en: 'en', 'zh-CN': 'zh' };

// A noncharacter: it stands in for `$` of the data during expansion, so that a `${` in the result is the template's own.
const standIn = '\ufdd0';

/**
 * Fills the template of that name. `summary` becomes the fallbackText of clients too old for the card.
 * Data is never evaluated: `${…}` in it arrives as it is. Throws when the template names something the data lacks;
 * therefore templates have no `$when` (a condition that cannot be read counts as false, silently): what may be absent is an array.
 */
export function render(
  name: TemplateName,
  locale: Locale,
  summary: string,
  data: Readonly<Record<string, unknown>>,
): CardContent {
  const fallbackText = withoutMarkdown(plainSentence(summary));
  const root = mapStrings({ ...data, lang: languages[locale], fallbackText }, (text) =>
    text.replaceAll(standIn, '').replaceAll('$', standIn),
  );
  const expanded: unknown = templates.get(name)?.expand({ $root: root });
  const card = mapStrings(expanded, (text) => {
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
