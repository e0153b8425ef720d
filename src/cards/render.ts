import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Template } from 'adaptivecards-templating';
import { renewalLinks } from '../domain/renewal.ts';
import type { CardContent, Locale } from '../domain/turn.ts';
import { safeSentence, withoutMarkdown } from '../lib/text.ts';

const folder = new URL('../../adaptiveCards/', import.meta.url);
const load = (file: string) => new Template(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
// All at once when the process starts: a broken template stops it there, not on somebody's first click.
const templates = new Map(readdirSync(folder).map((file) => [basename(file, '.json'), load(file)]));

// Cards know two-letter languages alone; with another one clients fall back to their own.
const languages: Readonly<Record<Locale, string>> = { en: 'en', 'zh-CN': 'zh' };

// A noncharacter: it stands in for `$` of the data during expansion, so that a `${` in the result is the template's own.
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

/** What Teams and its store validation allow a card. */
export const cardLimits = { bytes: 25 * 1024, actions: 6, choices: 15 } as const;

type Node = Readonly<Record<string, unknown>>;

/** Every way in which a card breaks the rules of this product, each as a sentence. Empty for a good card. */
export function listLimitBreaches(card: CardContent): readonly string[] {
  const nodes = [...nodesOf(card)];
  const ofType = (start: string) =>
    nodes.filter((node) => typeof node.type === 'string' && node.type.startsWith(start));
  const bytes = Buffer.byteLength(JSON.stringify(card));
  const actions = ofType('Action.');
  return [
    ...(bytes > cardLimits.bytes ? [`The card has ${bytes} bytes; at most ${cardLimits.bytes}.`] : []),
    ...(actions.length > cardLimits.actions
      ? [`The card has ${actions.length} actions; at most ${cardLimits.actions}.`]
      : []),
    ...(card.version === '1.5' ? [] : ['The version is not 1.5.']),
    ...(isText(card.fallbackText) ? [] : ['fallbackText is missing.']),
    ...(/^[a-z]{2}$/.test(String(card.lang)) ? [] : ['lang is not a two-letter language.']),
    ...actions.flatMap(actionBreaches),
    ...ofType('TextBlock').flatMap((node) => (node.wrap === true ? [] : [`TextBlock “${node.text}” does not wrap.`])),
    ...ofType('Input.').flatMap(inputBreaches),
  ];
}

function actionBreaches(action: Node): string[] {
  if (action.type === 'Action.OpenUrl' && action.url === renewalLinks.intune && isText(action.title)) return [];
  if (action.type !== 'Action.Execute') return [`${action.type} “${action.title}” is not an Action.Execute.`];
  const keys = isNode(action.data) ? Object.keys(action.data) : [];
  return [
    ...(isText(action.title) ? [] : ['An action has no title.']),
    ...(/^[a-z][A-Za-z]*\/[a-z][A-Za-z]*$/.test(String(action.verb))
      ? []
      : [`Verb “${action.verb}” is not feature/step.`]),
    ...(keys.length === 1 && keys[0] === 'id' ? [] : [`Data of “${action.title}” is not exactly one id.`]),
  ];
}

const inputBreaches = (input: Node): string[] => [
  ...(isText(input.label) ? [] : [`${input.type} has no label.`]),
  ...(input.isRequired === true && !isText(input.errorMessage)
    ? [`${input.type} is required without an errorMessage.`]
    : []),
  ...(Array.isArray(input.choices) && input.choices.length > cardLimits.choices ? ['Too many choices.'] : []),
];

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item);
  else if (isNode(value)) {
    yield value;
    for (const item of Object.values(value)) yield* nodesOf(item);
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
