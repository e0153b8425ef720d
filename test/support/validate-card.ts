import { createRequire } from 'node:module';
import { cardLimits } from '../../src/cards/render.ts';
import { clouds } from '../../src/clouds.ts';
import { renewalLinks } from '../../src/domain/renewal.ts';
import type { CardContent } from '../../src/domain/turn.ts';
import { isNode, type Node, nodesOf } from './nodes-of.ts';

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

// Microsoft's validator keeps silent about misspelt properties. From the Adaptive Card 1.5 schema, as far as this product uses it.
const element = ['type', 'id', 'spacing', 'separator', 'isVisible'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  AdaptiveCard: ['$schema', 'type', 'version', 'lang', 'fallbackText', 'msteams', 'body', 'actions'],
  TextBlock: [...element, 'text', 'color', 'isSubtle', 'size', 'style', 'weight', 'wrap', 'horizontalAlignment'],
  RichTextBlock: [...element, 'inlines'],
  TextRun: ['type', 'text', 'color', 'isSubtle', 'size', 'weight'],
  Container: [...element, 'items', 'style', 'selectAction'],
  ProgressBar: [...element, 'value', 'max', 'color', 'fallback'],
  'Chart.VerticalBar': [...element, 'title', 'data', 'showBarValues', 'fallback'],
  'Chart.HorizontalBar.Stacked': [...element, 'title', 'data', 'fallback'],
  ColumnSet: [...element, 'columns', 'selectAction'],
  Column: [...element, 'items', 'width', 'style', 'minHeight'],
  'Input.ChoiceSet': [
    ...element,
    'choices',
    'label',
    'isRequired',
    'errorMessage',
    'style',
    'value',
    'wrap',
    'placeholder',
  ],
  'Action.Execute': ['type', 'title', 'verb', 'data', 'associatedInputs', 'style'],
  'Action.ToggleVisibility': ['type', 'title', 'targetElements'],
  'Action.OpenUrl': ['type', 'title', 'url'],
  // Below `msteams`, which the schema leaves to Teams.
  mention: ['type', 'text', 'mentioned'],
};

/** The objections of Microsoft's own renderer, and of the schema's property names, to a card. */
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
    ...[...nodesOf(card)].flatMap(misspelt),
  ];
}

const teamsElements = new Set(['ProgressBar', 'Chart.VerticalBar', 'Chart.HorizontalBar.Stacked']);

/** The card as a client draws it that knows none of Teams' own elements, with what is there instead of them. */
function withFallbacks(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.flatMap((item) =>
      isNode(item) && teamsElements.has(String(item.type)) ? fallbackOf(item) : [withFallbacks(item)],
    );
  }
  if (!isNode(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, withFallbacks(item)]));
}

const fallbackOf = ({ type, fallback }: Node): unknown[] =>
  fallback === 'drop' ? [] : [withFallbacks(fallback ?? { type: `${type} without a fallback` })];

function misspelt(node: Readonly<Record<string, unknown>>): string[] {
  if (typeof node.type !== 'string') return [];
  const names = allowed[node.type];
  if (names === undefined) return [`${node.type} is not an element of our cards.`];
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
  ];
}

const externalPages = [clouds.global.intuneUrl, ...Object.values(renewalLinks).map((host) => `https://${host}`)];

function actionBreaches(action: Node): string[] {
  if (action.type === 'Action.OpenUrl' && externalPages.includes(String(action.url)) && isText(action.title)) return [];
  if (action.type === 'Action.ToggleVisibility' && isText(action.title)) return [];
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

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
