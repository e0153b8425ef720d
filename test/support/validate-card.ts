import { createRequire } from 'node:module';
import { cardLimits } from '../../src/cards/render.ts';
import type { CardContent } from '../../src/domain/turn.ts';
import { nodesOf } from './nodes-of.ts';

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
  TextBlock: [...element, 'text', 'color', 'isSubtle', 'size', 'style', 'weight', 'wrap'],
  RichTextBlock: [...element, 'inlines'],
  TextRun: ['type', 'text', 'color', 'isSubtle', 'size', 'weight'],
  Container: [...element, 'items', 'style'],
  ColumnSet: [...element, 'columns'],
  Column: [...element, 'items', 'width'],
  'Input.ChoiceSet': [...element, 'choices', 'label', 'isRequired', 'errorMessage', 'style', 'value', 'wrap'],
  'Action.Execute': ['type', 'title', 'verb', 'data', 'associatedInputs'],
  'Action.OpenUrl': ['type', 'title', 'url'],
};

/** What Microsoft's own renderer and the schema's property names say against a card. Empty when they agree with it. */
export function listSchemaFaults(card: CardContent): readonly string[] {
  const context = new renderer.SerializationContext(renderer.Versions.v1_5);
  const parsed = new renderer.AdaptiveCard();
  parsed.hostConfig = new renderer.HostConfig({ actions: { maxActions: cardLimits.actions } });
  // Its check of `lang` keeps state between cards and refuses every second one; limits.ts looks at `lang` instead.
  const { lang: _, ...rest } = card;
  parsed.parse(rest, context);
  return [
    ...Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message),
    ...parsed.validateProperties().validationEvents.map(({ message }) => message),
    ...[...nodesOf(card)].flatMap(misspelt),
  ];
}

function misspelt(node: Readonly<Record<string, unknown>>): string[] {
  if (typeof node.type !== 'string') return [];
  const names = allowed[node.type];
  if (names === undefined) return [`${node.type} is not an element of our cards.`];
  return Object.keys(node).flatMap((key) => (names.includes(key) ? [] : [`${node.type} has no property ${key}.`]));
}
