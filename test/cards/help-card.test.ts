import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpCard } from '../../src/cards/help-card.ts';
import { eventWords } from '../../src/commands/alert-grammar.ts';
import { nodesOf } from '../support/nodes-of.ts';
import { outlineOf } from '../support/outline-of.ts';

test('help for “alerts on” names every word that may follow it, in the language of who asks', () => {
  const said = (locale: 'en' | 'zh-CN') =>
    outlineOf(helpCard({ locale, conversationKind: 'personal', topic: 'alertsOn' }));
  for (const locale of ['en', 'zh-CN'] as const) {
    for (const { [locale]: words } of Object.values(eventWords))
      assert.ok(
        words.some((word) => said(locale).toLowerCase().includes(word)),
        words[0],
      );
  }
  assert.match(said('en'), /quiet 22:00-07:00 Europe\/Berlin[\s\S]*alerts on weekly/);
  assert.match(said('zh-CN'), /免打扰 22:00-07:00 Asia\/Shanghai[\s\S]*周报/);
  const all = outlineOf(helpCard({ locale: 'en', conversationKind: 'personal' }));
  assert.doesNotMatch(all, /duplicate/, 'and not among all commands');
});

test('help for “alerts” is about alerts alone, and each of its rows can be tapped', () => {
  const card = helpCard({ locale: 'en', conversationKind: 'personal', topic: 'alerts' });
  const taps = [...nodesOf(card)].flatMap(({ selectAction }) => (selectAction as { title?: string })?.title ?? []);
  assert.deepEqual(taps.slice(0, 3), ['alerts', 'alerts open', 'digest now']);
  assert.doesNotMatch(outlineOf(card), /I sync and watch|Before first use/);
});
