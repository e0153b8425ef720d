import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenLabels } from '../../src/cards/token-parts.ts';
import { berlin, nastyToken } from './samples.ts';

const personal = { locale: 'en', conversation: { kind: 'personal' } } as const;
const channel = { locale: 'en', conversation: { kind: 'channel' } } as const;
const school = (id: string) => ({
  id,
  organizationName: 'Schools',
  appleId: `${id}@x.org`,
  state: 'valid',
  lastSyncStatus: 'none',
});

test('a name of its own is enough', () => {
  assert.deepEqual(
    [...tokenLabels([berlin, school('b')], personal)],
    [
      ['e4d5c6b7', 'Contoso Berlin'],
      ['b', 'Schools'],
    ],
  );
});

test('namesakes are distinguished by another name, else by the Apple ID as the conversation may see it', () => {
  assert.deepEqual(
    [...tokenLabels([school('a'), school('b')], personal).values()],
    ['Schools (a@x.org)', 'Schools (b@x.org)'],
  );
  assert.deepEqual(
    [...tokenLabels([school('a'), school('b')], channel).values()],
    ['Schools (a•••@x.org)', 'Schools (b•••@x.org)'],
  );
  const located = [
    { ...berlin, id: '1', locationName: 'Mitte' },
    { ...berlin, id: '2', locationName: 'Wedding' },
  ];
  assert.deepEqual([...tokenLabels(located, channel).values()], ['Contoso Berlin (Mitte)', 'Contoso Berlin (Wedding)']);
});

test('no name is long, and a nameless token has one', () => {
  for (const label of tokenLabels([nastyToken, { ...nastyToken, id: '2' }], personal).values())
    assert.ok(label.length <= 61, label);
  assert.deepEqual(
    [...tokenLabels([{ id: 'x', state: '', lastSyncStatus: '' }], personal).values()],
    ['Token without a name'],
  );
});
