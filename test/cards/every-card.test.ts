import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import MarkdownIt from 'markdown-it';
import { cancelVerb } from '../../src/dialogs/card-action.ts';
import { createCardActionHandlers } from '../../src/dialogs/card-action-handlers.ts';
import { continueVerb } from '../../src/dialogs/continue.ts';
import { menuVerbs } from '../../src/dialogs/menu.ts';
import type { CardContent } from '../../src/domain/turn.ts';
import { anything, commands } from '../support/commands.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { listSourceFiles } from '../support/source-files.ts';
import { listLimitBreaches, listSchemaFaults } from '../support/validate-card.ts';
import { drawSamples } from './samples.ts';

const samples = drawSamples();

test('every template has its file of typed data, and every such file its template and its samples', () => {
  const namesIn = (pattern: string) => listSourceFiles(pattern).map(({ path }) => basename(path).split('.')[0] ?? '');
  const cards = namesIn('src/cards/*-card.ts');
  assert.deepEqual(namesIn('adaptiveCards/*.json'), cards, 'adaptiveCards/x-card.json belongs to src/cards/x-card.ts');
  const sources = listSourceFiles('test/cards/*samples.ts');
  const drawnIn = (isMeant: (path: string) => boolean) =>
    sources.flatMap(({ path, text }) => (isMeant(path) ? [text] : [])).join('\n');
  const isShown = (path: string) => path.endsWith('/shown-samples.ts');
  const [everyState, shown] = [drawnIn((path) => !isShown(path)), drawnIn(isShown)];
  for (const card of cards) {
    const draw = card.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    assert.ok(
      everyState.includes(`${draw}(`),
      `test/cards/…-samples.ts: yield samples of ${draw}, so that the rules below hold for it`,
    );
    assert.ok(shown.includes(`${draw}(`), `test/cards/shown-samples.ts: show ${draw}, so that a browser draws it`);
  }
});

test('every card keeps the limits of Teams and of this product', () => {
  const breaches = samples.flatMap(({ name, card }) => listLimitBreaches(card).map((breach) => `${name}: ${breach}`));
  assert.deepEqual(breaches, []);
});

test('every card is a valid Adaptive Card 1.5 by the official schema and by the renderer', () => {
  const faults = samples.flatMap(({ name, card }) => listSchemaFaults(card).map((fault) => `${name}: ${fault}`));
  assert.deepEqual(faults, []);
});

test('each rule bites: schema, heading, colour alone, picture, label and action', () => {
  const [{ card } = { card: undefined }] = samples;
  assert.ok(card && Array.isArray(card.body));
  const { body } = card;
  const within = (...items: object[]) => ({ ...card, body: [...body, { type: 'Container', items }] });
  const text = { type: 'TextBlock', text: 'Expired', wrap: true };
  assert.equal(listSchemaFaults(within({ ...text, colour: 'Good' })).length, 1);
  for (const [broken, breach] of [
    [{ ...card, body: [text, ...body] }, 'The card does not begin with its heading.'],
    [within({ ...text, color: 'Good' }), '“Expired” is said by Good colour alone.'],
    [within({ type: 'Image', url: 'https://example.com' }), 'Image has no altText.'],
    [within({ type: 'Input.Text', id: 'a' }), 'Input.Text has no label.'],
    [within({ type: 'Container', selectAction: { type: 'Action.ToggleVisibility' } }), 'An action has no title.'],
  ] as const)
    assert.deepEqual(listLimitBreaches(broken), [breach]);
});

test('every button of every card has its handler', () => {
  const handlers = createCardActionHandlers(anything, commands, anything);
  const handled = new Set([...Object.keys(handlers), continueVerb, cancelVerb, ...Object.values(menuVerbs)]);
  const verbs = samples.flatMap(({ card }) => [...nodesOf(card)].flatMap(({ verb }) => (verb ? [String(verb)] : [])));
  assert.deepEqual(
    [...new Set(verbs)].filter((verb) => !handled.has(verb)),
    [],
  );
});

test('no card shows a binding of its template', () => {
  // The one in the data of samples is shown as it came.
  const binding = /\$\{(?!1)/;
  for (const { name, card, summary } of samples) assert.doesNotMatch(JSON.stringify(card) + summary, binding, name);
});

test('no card in a channel shows the whole of an Apple ID', () => {
  const inChannels = samples.filter(({ name }) => name.includes('channel'));
  for (const draw of ['token', 'receipt', 'list', 'licences', 'renew', 'verify', 'whoami', 'welcome'])
    assert.ok(
      inChannels.some(({ name }) => name.includes(draw)),
      `a sample of ${draw} in a channel`,
    );
  for (const { name, card, summary } of inChannels) {
    for (const text of [summary, ...[...nodesOf(card)].flatMap((node) => Object.values(node))])
      assert.doesNotMatch(String(text), /[^\s•]@[\w.-]+\.\w/, name);
  }
});

test('tenant data is put only where nothing reads it as Markdown', () => {
  const marks = /\*x\*|\[a\]|\$\{1|<at>|<script|evil|DATE\(2020/;
  for (const { name, card } of samples) {
    const mentions = mentionsOf(card);
    for (const node of nodesOf(card)) {
      for (const [key, value] of Object.entries(node)) {
        if (typeof value !== 'string') continue;
        const said = node.type === 'TextBlock' ? mentions.reduce((rest, each) => rest.replace(each, ''), value) : value;
        if (node.type === 'mention' || 'name' in node || !marks.test(said)) continue;
        const place = `${node.type ?? 'choice'}.${key}`;
        if (place === 'TextBlock.text') assertPlain(said, name);
        else
          assert.ok(
            ['TextRun.text', 'choice.title', 'Action.Execute.title', 'AdaptiveCard.fallbackText'].includes(place),
            `${name}: ${place} ${value}`,
          );
      }
    }
  }
});

test('titles of choices and actions, fallback texts and mentions come through a Markdown reader as they are', () => {
  for (const { name, card } of samples) {
    const titled = [...nodesOf(card)].filter(({ title }) => typeof title === 'string').map(({ title }) => title);
    const names = mentionsOf(card).map((mention) => mention.slice('<at>'.length, -'</at>'.length));
    for (const text of [card.fallbackText, ...titled, ...names]) assertPlain(String(text), name);
  }
});

const markdown = new MarkdownIt({ html: true });

/** A Markdown reader shows the text as it is. */
function assertPlain(text: string, name: string): void {
  const escaped = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  assert.equal(markdown.render(text), `<p>${escaped}</p>\n`, name);
}

/** Teams draws these texts as mentions where they stand in a TextBlock of their card. */
const mentionsOf = (card: CardContent) =>
  [...nodesOf(card)].filter(({ type }) => type === 'mention').map(({ text }) => String(text));

test('no card or summary carries a control character, a line break or a text direction trick', () => {
  for (const { name, card, summary } of samples) {
    const texts = [...nodesOf(card)]
      .flatMap((node) => Object.values(node))
      .filter((value) => typeof value === 'string');
    for (const text of [summary, ...texts]) {
      assert.doesNotMatch(text, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0]|undefined|\[object|NaN/u, name);
      assert.ok(text.isWellFormed(), name);
    }
  }
});

test('no Chinese card or summary has a space after full-width punctuation', () => {
  const chinese = samples.filter(({ card }) => card.lang === 'zh');
  const spaced = chinese.filter(({ card, summary }) => /[。，；：！？] /.test(JSON.stringify(card) + summary));
  assert.deepEqual([chinese.length > 50, spaced.map(({ name }) => name)], [true, []]);
});

test('every card has a summary of one line that is never empty', () => {
  for (const { name, summary } of samples)
    assert.ok(summary.length > 0 && summary.length <= 1100, `${name}: ${summary.length}`);
});

test('data in a DATE macro stays what it is, and only our own dates are macros', () => {
  const macro = /\{\{(DATE|TIME)\(/;
  for (const { name, card } of samples) {
    for (const node of nodesOf(card)) {
      if (node.type !== 'TextBlock') assert.doesNotMatch(String(node.text ?? node.title ?? ''), macro, name);
    }
  }
});

test('no card has a date in a column, where clients on iOS leave a gap around it', () => {
  const macro = /\{\{(DATE|TIME)\(/;
  const inColumns = samples.flatMap(({ name, card }) =>
    [...nodesOf(card)]
      .filter(({ type }) => type === 'Column' || type === 'TableCell')
      .filter((column) => macro.test(JSON.stringify(column)))
      .map((column) => `${name}: ${JSON.stringify(column)}`),
  );
  assert.deepEqual(inColumns.slice(0, 3), []);
});

test('no card has a text without words, or a column, container or row without anything', () => {
  const isEmpty = ({ type, text, inlines, items, columns, title }: Readonly<Record<string, unknown>>) => {
    switch (type) {
      case 'TextBlock':
      case 'TextRun':
        return String(text ?? '').trim() === '';
      case 'RichTextBlock':
        return !Array.isArray(inlines) || inlines.length === 0;
      case 'Container':
        return !Array.isArray(items) || items.length === 0;
      case 'ColumnSet':
        return !Array.isArray(columns) || columns.length === 0;
      case 'Action.Execute':
      case 'Action.OpenUrl':
        return String(title ?? '').trim() === '';
      default:
        return false;
    }
  };
  const empty = samples.flatMap(({ name, card }) =>
    [...nodesOf(card)].filter(isEmpty).map((node) => `${name}: ${JSON.stringify(node)}`),
  );
  assert.deepEqual(empty.slice(0, 3), []);
});

test('a button that leads out of Teams says where', () => {
  const links = samples.flatMap(({ card }) => [...nodesOf(card)].filter(({ type }) => type === 'Action.OpenUrl'));
  assert.ok(links.length > 0);
  for (const { title, url } of links) {
    const place = /\.apple\.com$/.test(new URL(String(url)).hostname) ? /Apple/ : /Intune/;
    assert.match(String(title), place, `${title} leads to ${url}`);
  }
});
