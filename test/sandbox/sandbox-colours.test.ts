import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import darkConfig from '../../sandbox/client/page/host-config-dark.json' with { type: 'json' };
import lightConfig from '../../sandbox/client/page/host-config-light.json' with { type: 'json' };

const least = 4.5;

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(colour: string): number {
  const [, digits = ''] = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour) ?? [];
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  assert.equal(full.length, 6, `${colour} is no colour`);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(full.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function assertReadable(front: string, back: string, what: string): void {
  const [lighter = 0, darker = 0] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  const contrast = (lighter + 0.05) / (darker + 0.05);
  assert.ok(contrast >= least, `${what}: ${front} on ${back} is ${contrast.toFixed(2)}:1`);
}

for (const [name, config] of [
  ['light', lightConfig],
  ['dark', darkConfig],
] as const) {
  test(`every text colour of a card is readable on every background of the ${name} theme`, () => {
    for (const [style, { backgroundColor, foregroundColors }] of Object.entries(config.containerStyles)) {
      for (const [colour, shades] of Object.entries(foregroundColors)) {
        assertReadable(shades.default, backgroundColor, `${colour} in ${style}`);
        assertReadable(shades.subtle, backgroundColor, `subtle ${colour} in ${style}`);
      }
    }
  });

  test(`the page’s own text is readable in the ${name} theme`, () => {
    const css = readFileSync(new URL('../../sandbox/client/page/theme.css', import.meta.url), 'utf8');
    const [, block = ''] =
      (name === 'light' ? /:root \{(.*?)\}/s : /:root\[data-theme="dark"\] \{(.*?)\}/s).exec(css) ?? [];
    const colours = new Map([...block.matchAll(/--([\w-]+): (#\w{3,6});/g)].map(([, key, value]) => [key, value]));
    const colour = (key: string) => colours.get(key) ?? assert.fail(`no --${key}`);
    for (const back of ['page', 'side', 'pane', 'bubble', 'own', 'card', 'top']) {
      for (const front of ['text', 'soft', 'accent-text'])
        assertReadable(colour(front), colour(back), `${front} on ${back}`);
    }
    for (const front of ['good', 'warning', 'bad']) assertReadable(colour(front), colour('card'), front);
    assertReadable(colour('on-accent'), colour('accent'), 'buttons');
    assertReadable(colour('text'), colour('bad-page'), 'problems');
  });
}
