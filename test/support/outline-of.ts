import type { CardContent } from '../../src/domain/turn.ts';
import { nodesOf } from './nodes-of.ts';

/** A card as its reader meets it, top to bottom: one line per text, input, choice and button. */
export function outlineOf(card: CardContent): string {
  const nodes = [...nodesOf(card)];
  // A row that can be tapped shows no words for it.
  const taps = new Set(nodes.map(({ selectAction }) => selectAction));
  return nodes.flatMap((node) => (taps.has(node) ? [] : lineOf(node))).join('\n');
}

function lineOf(node: Readonly<Record<string, unknown>>): string[] {
  switch (node.type) {
    case 'TextBlock':
      return node.isVisible === false ? [] : [String(node.text)];
    case 'RichTextBlock':
      return [Array.isArray(node.inlines) ? node.inlines.map(({ text }) => text).join('') : ''];
    case 'Input.Text':
    case 'Input.Time':
      return [`${node.label}: ${node.value ?? ''}`.trim()];
    case 'Input.Toggle':
      return [`${node.label}: (${node.value === 'true' ? 'x' : ' '}) ${node.title}`];
    case 'Input.ChoiceSet':
      return [`${node.label}:`];
    case 'Action.Execute':
      return [`[${node.title}] ${node.verb}`];
    default:
      return 'value' in node && 'title' in node ? [`( ) ${node.title}`] : [];
  }
}
