// Draws the cards into docs/cards/, README's picture beside them, and says what of any card is cut off, too wide or inaccessible.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { startSandbox } from '../sandbox/sandbox.ts';
import { shownSamples } from '../test/cards/shown-samples.ts';
import { createApp, createLog, createRuntime, readConfig } from '../test/support/bot-code.ts';
import { openGallery } from '../test/support/card-gallery.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { toPalettePng } from './encode-png.ts';

const folder = new URL('../docs/cards/', import.meta.url);
const picture = new URL('../docs/receipt.png', import.meta.url);
const sheets = [
  ['light', 'en', 700],
  ['light', 'zh-CN', 320],
  ['dark', 'en', 320],
  ['contrast', 'zh-CN', 320],
] as const;
const say = (line: string) => process.stdout.write(`${line}\n`);

const browser = await launchChromium();
try {
  mkdirSync(folder, { recursive: true });
  const faults = await drawSheets(browser);
  await drawReceipt(browser);
  for (const fault of faults) say(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await browser.close();
}

/** Each theme, language and width once or more, within a size that a repository can hold; the test in the browser checks all twelve. */
async function drawSheets(chromium: Browser): Promise<string[]> {
  const { page, draw, listOverflows, listAxeFaults } = await openGallery(chromium, 4 * 336 + 32);
  const faults: string[] = [];
  for (const [theme, locale, width] of sheets) {
    await page.setViewportSize({ width: (width === 320 ? 4 * 336 : 2 * 716) + 32, height: 900 });
    await draw(shownSamples(locale), theme, [width]);
    const png = toPalettePng(await page.screenshot({ fullPage: true }));
    const name = `${theme}-${locale}-${width}.png`;
    writeFileSync(new URL(name, folder), png);
    say(`docs/cards/${name}: ${Math.round(png.length / 1024)} KB`);
    for (const fault of [...(await listOverflows()), ...(await listAxeFaults())]) faults.push(`${name}, ${fault}`);
  }
  await page.close();
  return faults;
}

/** A sync in a personal chat, from the message to the receipt. */
async function drawReceipt(chromium: Browser): Promise<void> {
  const sandbox = await startSandbox({ syncDurationMs: 900 });
  const read = readConfig(sandbox.env({ LOG_LEVEL: 'fatal', MONITOR: 'off' }));
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const app = await createApp(read.config, createRuntime(createLog('fatal')));
  sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
  try {
    const page = await chromium.newPage({ viewport: { width: 1000, height: 860 }, colorScheme: 'light' });
    await page.goto(sandbox.baseUrl);
    await page.getByRole('region', { name: 'Chat' }).getByRole('button', { name: 'VPP Sync' }).click();
    await page.getByLabel('Message', { exact: true }).fill('sync vpp adatum');
    await page.keyboard.press('Enter');
    await page
      .getByText(/Sync completed/)
      .first()
      .waitFor();
    writeFileSync(picture, toPalettePng(await page.screenshot()));
  } finally {
    await app.stop();
    await sandbox.stop();
  }
}
