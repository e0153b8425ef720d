import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import type { CardContent } from '../../src/domain/turn.ts';
import { readText, root } from './source-files.ts';

export const themes = ['light', 'dark', 'contrast'] as const;
export type Theme = (typeof themes)[number];
/** In CSS pixels: a phone, and a wide window. */
export const widths = [320, 700] as const;

export interface Drawn {
  readonly name: string;
  readonly card: CardContent;
}

const { resolve } = createRequire(import.meta.url);
const axe = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');
const styles = ['theme.css', 'messages.css', 'cards.css'];
const packages: Readonly<Record<string, string>> = {
  'adaptivecards.js': 'adaptivecards/dist/adaptivecards.min.js',
  'markdown-it.mjs': 'markdown-it/dist/browser/markdown-it.esm.min.mjs',
};
const kinds = {
  js: 'text/javascript',
  mjs: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
  svg: 'image/svg+xml',
};

const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cards</title>
${styles.map((name) => `<link rel="stylesheet" href="/client/page/${name}">`).join('')}
<style>main{display:flex;flex-wrap:wrap;gap:16px;padding:16px;align-items:flex-start}h2{font-size:12px;margin:0 0 4px}
figure{margin:0}figure>.card.card.card{max-width:none;width:var(--wide)}</style>
<script src="/client/vendor/adaptivecards.js"></script></head><body><main></main><div id="toasts"></div><script type="module">
import { drawCard } from '/client/page/card.js';
import { loadThemes } from '/client/page/theme.js';
import { registerPictures } from '/client/page/pictures.js';
await loadThemes();
registerPictures?.();
window.draw = (cards, theme, widths) => {
  document.documentElement.dataset.theme = theme;
  document.querySelector('main').replaceChildren(...cards.flatMap(({ name, card }) => widths.map((width) => {
    const figure = document.createElement('figure');
    figure.style.setProperty('--wide', width + 'px');
    figure.dataset.name = name + ', ' + width + ' px';
    if (width === widths[0]) figure.className = 'first-width';
    figure.lang = card.lang;
    const title = document.createElement('h2');
    title.textContent = name;
    figure.append(title, drawCard(card, async () => undefined));
    return figure;
  })));
};
</script></body></html>`;

/** A page that draws cards as the rehearsal's page does, without a rehearsal. Nothing it asks for leaves this process. */
export async function openGallery(browser: Browser, windowWidth = 1500) {
  const page = await browser.newPage({ viewport: { width: windowWidth, height: 900 }, bypassCSP: true });
  await page.route('**', (route) => {
    const { pathname } = new URL(route.request().url());
    const [, folder, name = '', end = ''] = /^\/client\/(page|vendor)\/([\w-]+\.(\w+))$/.exec(pathname) ?? [];
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: html });
    if (!folder) return route.abort();
    const body =
      folder === 'page'
        ? readText(`sandbox/client/page/${name}`)
        : readFileSync(`${root}node_modules/${packages[name]}`);
    return route.fulfill({ contentType: kinds[end as keyof typeof kinds], body });
  });
  // Its own files may use what browsers keep for secure pages, as this name is.
  await page.goto('http://localhost/');
  await page.waitForFunction('window.draw');
  await page.evaluate(axe);
  await page.evaluate(`axe.configure(${JSON.stringify({ rules: [namesOfLabels] })})`);
  return {
    page,
    draw: (cards: readonly Drawn[], theme: Theme, shownWidths: readonly number[] = widths) =>
      page.evaluate(`draw(${JSON.stringify(cards)}, ${JSON.stringify(theme)}, ${JSON.stringify(shownWidths)})`),
    /** What of the drawn cards reaches beyond its card or is cut off, each as a sentence. */
    listOverflows: () => page.evaluate<string[]>(`(${listOverflows})()`),
    /** What axe objects to in the drawn cards at their first width, each as a sentence with the card's name. */
    listAxeFaults: () =>
      page.evaluate<
        string[]
      >(`axe.run('.first-width', { resultTypes: ['violations'], rules: ${JSON.stringify(pageRules)} })
        .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, target }) =>
          document.querySelector(target[0])?.closest('figure')?.dataset.name + ': ' + id + ' ' + html.slice(0, 160))))`),
  };
}

// Of many cards on one page, each with the ids that its template has.
const off = { enabled: false };
const pageRules = {
  'duplicate-id': off,
  'duplicate-id-aria': off,
  'heading-order': off,
  region: off,
  'landmark-unique': off,
};

// A row that can be tapped is named by its action and begins with its own name, but cannot repeat all of its words: a date in them is
// written by the client. What else can be pressed is named by the words it shows.
const namesOfLabels = {
  id: 'label-content-name-mismatch',
  enabled: true,
  selector: 'button, a, input, select, [role="button"]:not(.ac-selectable)',
};

// Runs in the browser.
const listOverflows = `() => [...document.querySelectorAll('figure')].flatMap((figure) => {
  const { right, left, bottom } = figure.querySelector('.card').getBoundingClientRect();
  return [...figure.querySelectorAll('.card *')].filter((each) => each.checkVisibility()).flatMap((each) => {
    const box = each.getBoundingClientRect();
    const said = figure.dataset.name + ': ' + each.tagName + ' ' + each.className + ' “' + each.textContent.slice(0, 40) + '”';
    if (box.right > right + 1 || box.left < left - 1 || box.bottom > bottom + 1) return [said + ' reaches beyond the card'];
    const { overflowX, overflowY } = getComputedStyle(each);
    const cut = (each.scrollWidth > each.clientWidth + 1 && overflowX === 'hidden') || (each.scrollHeight > each.clientHeight + 1 && overflowY === 'hidden');
    return cut && each.clientWidth > 1 ? [said + ' is cut off'] : [];
  });
})`;
