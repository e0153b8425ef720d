import { renewalLinks } from '../domain/renewal.ts';
import type { CardContent } from '../domain/turn.ts';

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
