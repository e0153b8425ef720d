import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpTopics } from '../../src/cards/help-card.ts';
import { welcomeCard } from '../../src/cards/welcome-card.ts';
import { menuVerbs } from '../../src/dialogs/menu.ts';
import { press, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { personOf, turnOf } from '../support/turns.ts';

const turn = { ...turnOf(), cardId: 'card-1' };
const rowOf = (topic: (typeof helpTopics)[number]) => helpTopics.indexOf(topic) + 1;

test('a row of the help runs its command, and explains one that changes something', async (t) => {
  const rig = await startDialogs(t);
  const tap = (topic: (typeof helpTopics)[number]) =>
    rig.press(turn, press(menuVerbs.helpRow, 'help', { row: rowOf(topic) }));
  assert.equal((await tap('list')).kind, 'signIn', 'as whoever taps it');
  rig.signInAs(personOf('ada'));
  const list = await tap('list');
  assert.ok(list.kind === 'beside' && list.reply.kind === 'card');
  assert.match(JSON.stringify(list.reply.card), /VPP token/);
  for (const topic of ['sync', 'alertsOn', 'signOut'] as const) assert.equal((await tap(topic)).kind, 'beside', topic);
  assert.match(JSON.stringify(await tap('alertsOn')), /quiet 22:00-07:00/);
  assert.deepEqual(rig.posts, []);
});

test('what the welcome suggests can be tapped, like a row of the help', () => {
  for (const locale of ['en', 'zh-CN'] as const) {
    const nodes = [...nodesOf(welcomeCard({ locale, conversationKind: 'personal' }))];
    const taps = nodes.filter(({ verb }) => verb === menuVerbs.helpRow).map(({ data }) => (data as { id: string }).id);
    assert.deepEqual(taps, [`help.${rowOf('status')}`, `help.${rowOf('sync')}`, `help.${rowOf('help')}`]);
  }
});

test('a press that nobody made, or a row that is not there, does nothing', async (t) => {
  const rig = await startDialogs(t);
  const automatic = await rig.press(turn, press(menuVerbs.helpRow, 'help', { row: 1, trigger: 'automatic' }));
  assert.match(wordsOf(automatic), /somebody has to press/);
  for (const row of [0, 99]) {
    const answer = await rig.press(turn, press(menuVerbs.helpRow, 'help', { row }));
    assert.match(wordsOf(answer), /no longer works/);
  }
});
