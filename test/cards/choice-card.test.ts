import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChoiceCardData, choiceCard } from '../../src/cards/choice-card.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';

const data = (count: number, more = 0, changes: Partial<ChoiceCardData> = {}): ChoiceCardData => ({
  locale: 'en',
  asked: 'contoso',
  found: 'matches',
  verb: 'sync/choose',
  actionTitle: 'Sync now',
  recordId: 'press-1',
  choices: Array.from({ length: count }, (_, index) => ({
    value: `t${index}`,
    title: `Contoso ${index}`,
    detail: 'Berlin',
  })),
  total: count + more,
  page: 0,
  isSearchable: false,
  ...changes,
});

test('numbers the choices from one, so that the number can be typed', () => {
  assert.match(outlineOf(choiceCard(data(2))), /\( \) 1 – Contoso 0 · Berlin\n\( \) 2 – Contoso 1 · Berlin\n/);
});

test('counts the rest where it cannot be read anew', () => {
  const card = choiceCard(data(15, 8));
  assert.equal([...nodesOf(card)].filter((node) => 'value' in node).length, 15);
  assert.match(outlineOf(card), /“contoso” matches 23 tokens\.[\s\S]*8 more match and are not shown\./);
});

test('sends the choice with the command and nothing but the id with Cancel', () => {
  const [choose, cancel] = [...nodesOf(choiceCard(data(2)))].filter(({ type }) => type === 'Action.Execute');
  assert.deepEqual(choose, {
    type: 'Action.Execute',
    title: 'Sync now',
    verb: 'sync/choose',
    style: 'positive',
    data: { id: 'press-1' },
  });
  assert.deepEqual(cancel, {
    type: 'Action.Execute',
    title: 'Cancel',
    verb: 'dialog/cancel',
    associatedInputs: 'none',
    data: { id: 'press-1' },
  });
});

test('only offers close spellings and says that nothing is called so', () => {
  const said = outlineOf(choiceCard({ ...data(2), found: 'near', asked: 'contso' }));
  assert.match(said, /No token you can see is called “contso”\. These names are closest\./);
});

test('from eight tokens on the choice is a field that searches, with the same choices for clients that do not', () => {
  const inputOf = (count: number) =>
    [...nodesOf(choiceCard(data(count, 0, { isSearchable: true })))].find(({ type }) => type === 'Input.ChoiceSet');
  assert.deepEqual([inputOf(7)?.style, inputOf(7)?.['choices.data']], ['expanded', undefined]);
  const field = inputOf(8);
  assert.deepEqual(
    [field?.style, field?.['choices.data'], Array.isArray(field?.choices) && field.choices.length],
    ['filtered', { type: 'Data.Query', dataset: 'press-1' }, 8],
  );
  // Teams takes a value that a search found for none where the input is required (AdaptiveCards#8861); the bot asks for one itself.
  assert.equal(field?.isRequired, undefined);
});

test('a question about more than fifteen has pages, and numbers that go on', () => {
  const said = outlineOf(choiceCard(data(15, 25, { isSearchable: true, page: 1 })));
  assert.match(said, /\( \) 16 – Contoso 0 · Berlin\n/);
  assert.match(said, /^16–30 of 40$/m);
  assert.match(said, /\[Cancel\] dialog\/cancel\n\[Previous\] choice\/previous\n\[Next\] choice\/next/);
});
