import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { barOf, render, resultsOf } from '../../src/cards/render.ts';
import { tokenCard } from '../../src/cards/token-card.ts';
import { clouds } from '../../src/clouds.ts';
import type { CardContent } from '../../src/domain/turn.ts';
import { listLimitBreaches, listSchemaFaults } from '../support/validate-card.ts';
import { tokenData } from './samples.ts';

suite('limits', () => {
  const good = tokenCard(tokenData());
  const execute = { type: 'Action.Execute', title: 'Go', verb: 'sync/start', data: { id: '1' } };
  const withBody = (...body: unknown[]): CardContent => ({ ...good, body });
  const withActions = (...actions: unknown[]): CardContent => ({ ...good, actions });

  test('finds each breach of the limits', () => {
    const breaches: [CardContent, RegExp][] = [
      [withBody({ type: 'TextBlock', wrap: true, text: 'x'.repeat(25 * 1024) }), /bytes; at most 25600/],
      [withActions(...Array(7).fill(execute)), /7 actions; at most 6/],
      [withActions(...Array(2).fill({ ...execute, style: 'positive' })), /more than one positive/],
      [withBody({ type: 'TextBlock', text: 'x' }), /does not wrap/],
      [withBody({ type: 'Input.Text', id: 'x' }), /has no label/],
      [withBody({ type: 'Input.Text', id: 'x', label: 'X', isRequired: true }), /without an errorMessage/],
      [withActions({ type: 'Action.Submit', title: 'Go', data: { id: '1' } }), /not an Action\.Execute/],
      [withActions({ type: 'Action.OpenUrl', title: 'Sign in', url: 'https://x' }), /not an Action\.Execute/],
      [withActions({ ...execute, data: { id: '1', token: '2' } }), /not exactly one id/],
      [withActions({ ...execute, verb: 'sync' }), /not feature\/step/],
      [{ ...good, version: '1.4' }, /not 1\.5/],
      [{ ...good, fallbackText: '' }, /fallbackText/],
      [{ ...good, lang: 'zh-CN' }, /two-letter/],
    ];
    for (const [card, expected] of breaches) assert.match(listLimitBreaches(card).join('\n'), expected);
    assert.deepEqual(listLimitBreaches(good), []);
  });

  test('lets a link leave Teams only to the Intune admin center', () => {
    const link = { type: 'Action.OpenUrl', title: 'Open in Intune admin center', url: clouds.global.intuneUrl };
    assert.deepEqual(listLimitBreaches(withActions(link)), []);
    assert.match(listLimitBreaches(withActions({ ...link, url: 'https://elsewhere.example' })).join(), /not an Action/);
  });

  test('the schema check finds unknown elements, bad values and misspelt properties', () => {
    const faults: [CardContent, RegExp][] = [
      [withBody({ type: 'Foo' }), /Foo/],
      [withBody({ type: 'TextBlock', text: 'x', size: 'Huge' }), /Huge/],
      [withBody({ type: 'TextBlock', text: 'x', wraps: true }), /\/body\/0 must/],
      [withBody({ type: 'Input.ChoiceSet', label: 'x' }), /unique Id/],
      [withBody({ type: 'ProgressBar', value: 1, max: 2 }), /without a fallback/],
    ];
    for (const [card, expected] of faults) assert.match(listSchemaFaults(card).join('\n'), expected);
  });
});

suite('pictures', () => {
  test('a bar is never longer than its whole, and without a whole there is none', () => {
    const [bar] = barOf('warning', 43, 40);
    const warned = { text: '▂'.repeat(16), color: 'Warning' };
    assert.deepEqual(bar, { value: 40, max: 40, color: 'Warning', segments: [warned] });
    const lengths = (value: number) => barOf('good', value, 400)[0]?.segments.map(({ text }) => text.length);
    assert.deepEqual(lengths(100), [4, 12]);
    assert.deepEqual(lengths(1), [1, 15], 'not empty once it has begun');
    assert.deepEqual(lengths(399), [15, 1], 'not full before its end');
    assert.deepEqual(lengths(-1), [16]);
    assert.deepEqual(barOf('good', 0, 0), []);
  });

  test('results are counted in words, too, and those there are none of are left out', () => {
    const [results] = resultsOf('Last 3', [
      { tone: 'good', count: 2, text: '2 completed' },
      { tone: 'busy', count: 0, text: '0 running' },
      { tone: 'attention', count: 1, text: '1 failed' },
    ]);
    assert.equal(results?.said, '2 completed · 1 failed');
    assert.deepEqual(
      results?.segments.map(({ text, color }) => [text.length, color]),
      [
        [11, 'Good'],
        [5, 'Attention'],
      ],
    );
    assert.deepEqual(resultsOf('Last 0', []), []);
  });
});

suite('render', () => {
  const folder = new URL('../../adaptiveCards/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  const whole = {
    title: 'Heading',
    subtitle: [],
    what: 'What',
    bound: 'Bound',
    expires: 'Soon',
    actionTitle: 'Continue',
    id: 'p',
  };

  test('names the template and the missing word when data is incomplete', () => {
    const { bound: _, ...incomplete } = whole;
    assert.throws(() => render('continue-card', 'en', 'summary', incomplete), /continue-card.*\$\{bound\}/);
  });

  test('leaves expressions in data alone, even those that name other data', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: data that looks like a template's binding is the point
    const card = render('continue-card', 'en', 'summary', { ...whole, what: '${title} ${1+1} $${id} $' });
    assert.match(JSON.stringify(card), /"\$\{title\} \$\{1\+1\} \$\$\{id\} \$"/);
  });

  test('fills one template for two people at once without mixing them', () => {
    const [ada, grace] = ['Ada', 'Grace'].map((what) => render('continue-card', 'en', what, { ...whole, what }));
    assert.match(JSON.stringify(ada), /Ada/);
    assert.doesNotMatch(JSON.stringify(ada), /Grace/);
    assert.match(JSON.stringify(grace), /Grace/);
  });

  test('says its language and what an old client shows instead', () => {
    const card = render('continue-card', 'zh-CN', '# *Ada*', whole);
    assert.equal(card.lang, 'zh');
    assert.equal(card.fallbackText, '\u2060# ∗Ada∗');
  });

  test('templates use no $when, because a condition that cannot be read drops its element silently', () => {
    for (const file of files) {
      assert.doesNotMatch(readFileSync(new URL(file, folder), 'utf8'), /\$when/, file);
    }
  });

  test('templates hold no words of their own', () => {
    for (const file of files) {
      for (const [, text] of readFileSync(new URL(file, folder), 'utf8').matchAll(
        /"(?:text|title|label)": "([^"]*)"/g,
      )) {
        assert.match(text ?? '', /^\$\{\w+\}$/, `${file}: ${text}`);
      }
    }
  });
});
