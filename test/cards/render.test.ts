import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { render } from '../../src/cards/render.ts';

const folder = new URL('../../adaptiveCards/', import.meta.url);
const whole = {
  heading: 'Heading',
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
  const card = render('continue-card', 'en', 'summary', { ...whole, what: '${heading} ${1+1} $${id} $' });
  assert.match(JSON.stringify(card), /"\$\{heading\} \$\{1\+1\} \$\$\{id\} \$"/);
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
  for (const file of readdirSync(folder)) {
    assert.doesNotMatch(readFileSync(new URL(file, folder), 'utf8'), /\$when/, file);
  }
});

test('templates hold no words of their own', () => {
  for (const file of readdirSync(folder)) {
    for (const [, text] of readFileSync(new URL(file, folder), 'utf8').matchAll(/"(?:text|title|label)": "([^"]*)"/g)) {
      assert.match(text ?? '', /^\$\{\w+\}$/, `${file}: ${text}`);
    }
  }
});
