import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { shownSamples } from '../../cards/shown-samples.ts';
import { locales } from '../../cards/token-data.ts';
import { type Drawn, openGallery, themes } from '../../support/card-gallery.ts';
import { inChromium, launchChromium } from '../../support/chromium.ts';

/** A name as wide as one can be: 40 of the widest letter, and nowhere to break. */
const widest = 'W'.repeat(40);

/** Every kind of card in both languages, for an organisation whose name is as wide as can be. */
const cards: readonly Drawn[] = locales.flatMap((locale) =>
  shownSamples(locale).map(({ name, card }) => ({
    name: `${locale} ${name}`,
    card: JSON.parse(JSON.stringify(card).replaceAll('Contoso', widest)),
  })),
);

suite('every kind of card in both languages and at both widths', inChromium, () => {
  let browser: Browser;
  let gallery: Awaited<ReturnType<typeof openGallery>>;
  before(async () => {
    browser = await launchChromium();
    gallery = await openGallery(browser);
  });
  after(() => browser?.close());

  for (const theme of themes) {
    test(`in the theme ${theme} nothing is cut off, too wide, or faulty by axe`, async () => {
      await gallery.draw(cards, theme);
      assert.deepEqual([...(await gallery.listOverflows()), ...(await gallery.listAxeFaults())].slice(0, 10), []);
    });
  }
});
