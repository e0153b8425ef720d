import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { cardLimits } from '../../src/cards/render.ts';
import { clouds } from '../../src/clouds.ts';
import { renewalLinks } from '../../src/domain/renewal.ts';
import type { CardContent } from '../../src/domain/turn.ts';
import { isNode, type Node, nodesOf } from './nodes-of.ts';
import { readText } from './source-files.ts';

interface Renderer {
  readonly AdaptiveCard: new () => {
    hostConfig: unknown;
    parse(card: unknown, context: Context): void;
    validateProperties(): { readonly validationEvents: readonly { readonly message: string }[] };
  };
  readonly HostConfig: new (config: unknown) => unknown;
  readonly SerializationContext: new (version: unknown) => Context;
  readonly Versions: { readonly v1_5: unknown };
}

interface Context {
  readonly eventCount: number;
  getEventAt(index: number): { readonly message: string };
}

// Its ES modules do not load in plain Node; the bundle does, and validates without a DOM.
const renderer: Renderer = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js');

// From https://adaptivecards.io/schemas/adaptive-card.json, which the platform's own tools check cards with. It is older than `$id`.
const { id: _id, $schema: _draft, ...schema } = JSON.parse(readText('test/support/adaptive-card-1.5.0.json'));
const isByTheSchema = new Ajv({ strict: false, validateFormats: false }).compile(schema);

// The schema does not know Teams' own elements. From learn.microsoft.com/microsoftteams/platform (adaptive cards' progress bar and charts).
const common = ['type', 'id', 'spacing', 'separator', 'isVisible', 'fallback'];
const teamsElements: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['ProgressBar', [...common, 'value', 'max', 'color']],
  ['Chart.VerticalBar', [...common, 'title', 'data', 'showBarValues']],
  ['Chart.HorizontalBar.Stacked', [...common, 'title', 'data']],
  ['Data.Query', ['type', 'dataset']],
]);

/** The objections of the official schema and of Microsoft's own renderer to a card. */
export function listSchemaFaults(card: CardContent): readonly string[] {
  const context = new renderer.SerializationContext(renderer.Versions.v1_5);
  const parsed = new renderer.AdaptiveCard();
  parsed.hostConfig = new renderer.HostConfig({ actions: { maxActions: cardLimits.actions } });
  // Its check of `lang` keeps state between cards and refuses every second one; listLimitBreaches checks `lang` instead.
  const { lang: _, ...rest } = card;
  parsed.parse(withFallbacks(rest), context);
  return [
    ...Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message),
    ...parsed.validateProperties().validationEvents.map(({ message }) => message),
    ...schemaFaults(card),
    ...[...nodesOf(card)].flatMap(misspelt),
  ];
}

/** The card as a client draws it that knows none of Teams' own elements, with what is there instead of them. */
function withFallbacks(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.flatMap((item) =>
      isNode(item) && teamsElements.has(item.type) ? fallbackOf(item) : [withFallbacks(item)],
    );
  }
  if (!isNode(node)) return node;
  // Teams reads `choices.data` from cards of version 1.5, although the schema has it in 1.6.
  const known = Object.entries(node).filter(([key]) => key !== 'choices.data');
  // The style `filtered` came with version 1.5; the schema's file was not brought up to date.
  const olderOf = (key: string, item: unknown) => (key === 'style' && item === 'filtered' ? 'compact' : item);
  return Object.fromEntries(known.map(([key, item]) => [key, withFallbacks(olderOf(key, item))]));
}

const fallbackOf = ({ type, fallback }: Node): unknown[] =>
  fallback === 'drop' ? [] : [withFallbacks(fallback ?? { type: `${type} without a fallback` })];

/** Of the card without `msteams`, which only Teams knows; a choice between kinds of element hides what is wrong within, so the first fault says it. */
function schemaFaults({ msteams: _, ...card }: CardContent): string[] {
  if (isByTheSchema(withFallbacks(card))) return [];
  const { instancePath = '', message = '', params } = isByTheSchema.errors?.[0] ?? {};
  return [`${instancePath} ${message} ${JSON.stringify(params)}`];
}

function misspelt(node: Node): string[] {
  const names = teamsElements.get(node.type) ?? Object.keys(node);
  return Object.keys(node).flatMap((key) => (names.includes(key) ? [] : [`${node.type} has no property ${key}.`]));
}

const mostBytes = 25 * 1024;

/** Every way in which a card breaks the rules of this product, each as a sentence. Empty for a good card. */
export function listLimitBreaches(card: CardContent): readonly string[] {
  const nodes = [...nodesOf(card)];
  const ofType = (start: string) =>
    nodes.filter((node) => typeof node.type === 'string' && node.type.startsWith(start));
  const bytes = Buffer.byteLength(JSON.stringify(card));
  const actions = ofType('Action.');
  return [
    ...(bytes > mostBytes ? [`The card has ${bytes} bytes; at most ${mostBytes}.`] : []),
    ...(Array.isArray(card.actions) && card.actions.length > cardLimits.actions
      ? [`The card has ${card.actions.length} actions; at most ${cardLimits.actions}.`]
      : []),
    ...(actions.filter(({ style }) => style === 'positive').length > 1
      ? ['The card has more than one positive button.']
      : []),
    ...(card.version === '1.5' ? [] : ['The version is not 1.5.']),
    ...(isText(card.fallbackText) ? [] : ['fallbackText is missing.']),
    ...(/^[a-z]{2}$/.test(String(card.lang)) ? [] : ['lang is not a two-letter language.']),
    ...actions.flatMap(actionBreaches),
    ...ofType('TextBlock').flatMap((node) => (node.wrap === true ? [] : [`TextBlock “${node.text}” does not wrap.`])),
    ...ofType('Input.').flatMap(inputBreaches),
    ...headingBreaches(card, nodes),
    ...pictures.flatMap(ofType).flatMap((node) => (isText(node.altText) ? [] : [`${node.type} has no altText.`])),
    ...groupsOf(card).flatMap(colorBreaches),
  ];
}

const externalPages = [clouds.global.intuneUrl, ...Object.values(renewalLinks).map((host) => `https://${host}`)];

const pictures = ['Image', 'Media'];

/** A screen reader's list of headings has each card once, and nothing of a card comes before it. */
function headingBreaches({ body }: CardContent, nodes: readonly Node[]): string[] {
  const headings = nodes.filter(({ style, type }) => type === 'TextBlock' && style === 'heading');
  if (headings.length !== 1) return [`The card has ${headings.length} headings instead of one.`];
  return Array.isArray(body) && body[0] === headings[0] ? [] : ['The card does not begin with its heading.'];
}

const groups = ['AdaptiveCard', 'Container', 'ColumnSet', 'RichTextBlock'];

/** What is read together: every container with what is directly in it, and not within another one of it. */
function groupsOf(node: Node): Node[][] {
  const own: Node[] = [];
  const others: Node[][] = [];
  const walk = (value: unknown) => {
    if (Array.isArray(value)) for (const item of value) walk(item);
    else if (isNode(value)) {
      own.push(value);
      if (groups.includes(String(value.type))) others.push(...groupsOf(value));
      else for (const [key, item] of Object.entries(value)) if (key !== 'fallback') walk(item);
    }
  };
  // A picture's plain form has the words of its own beside the picture.
  for (const [key, value] of Object.entries(node)) if (key !== 'fallback') walk(value);
  return [own, ...others];
}

const mark = /[✓⚠✕↻•▸▾]/u;
// How many days there are and how many licences are used says it in words.
const inWords = /days?\b|\bused\b|天|已使用/;

function colorBreaches(group: readonly Node[]): string[] {
  const said = JSON.stringify(group);
  if (mark.test(said) || inWords.test(said)) return [];
  return group.flatMap(({ color, text }) =>
    isText(text) && ['Good', 'Warning', 'Attention', 'Accent'].includes(String(color))
      ? [`“${text}” is said by ${color} colour alone.`]
      : [],
  );
}

function actionBreaches(action: Node): string[] {
  if (!isText(action.title)) return ['An action has no title.'];
  if (action.type === 'Action.OpenUrl' && externalPages.includes(String(action.url))) return [];
  if (action.type === 'Action.ToggleVisibility') return [];
  if (action.type !== 'Action.Execute') return [`${action.type} “${action.title}” is not an Action.Execute.`];
  const keys = isNode(action.data) ? Object.keys(action.data) : [];
  return [
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

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
