// @ts-check
// @ts-expect-error the library's browser build has no types of its own
import MarkdownIt from '/client/vendor/markdown-it.mjs';

/** The Markdown that Teams supports in a card: emphasis, links and lists. No headings, pictures, tables, code or HTML. */
const inCards = new MarkdownIt('zero', { breaks: false }).enable([
  'emphasis',
  'link',
  'list',
  'newline',
  'escape',
  'entity',
]);
/** A message may have more. */
const inMessages = new MarkdownIt('default', { html: false, breaks: true, linkify: false }).disable(['image', 'table']);

for (const each of [inCards, inMessages]) {
  each.renderer.rules.link_open = (
    /** @type {{ attrSet(name: string, value: string): void }[]} */ tokens,
    /** @type {number} */ index,
    /** @type {unknown} */ options,
    /** @type {unknown} */ _environment,
    /** @type {{ renderToken(tokens: unknown, index: number, options: unknown): string }} */ self,
  ) => {
    tokens[index]?.attrSet('target', '_blank');
    tokens[index]?.attrSet('rel', 'noopener noreferrer');
    return self.renderToken(tokens, index, options);
  };
}

/** @param {string} text @returns {string} HTML without anything of the text's own */
export const cardMarkdown = (text) => inCards.render(text);

/** @param {string} text @returns {string} HTML in which `<at>` names stand out */
export const messageMarkdown = (text) =>
  inMessages.render(text).replace(/&lt;at&gt;(.*?)&lt;\/at&gt;/g, '<span class="mention">$1</span>');
