import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChoiceCardData, choiceCard } from '../../src/cards/choice-card.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';

const data = (count: number, more = 0): ChoiceCardData => ({
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
  more,
});

test('numbers the choices from one, so that the number can be typed', () => {
  assert.match(outlineOf(choiceCard(data(2))), /\( \) 1 – Contoso 0 · Berlin\n\( \) 2 – Contoso 1 · Berlin\n/);
});

test('shows fifteen at most and counts the rest', () => {
  const card = choiceCard(data(20, 3));
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
