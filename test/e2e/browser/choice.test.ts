import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { inChromium } from '../../support/chromium.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();

test('a name of several tokens is a choice, and the chosen one’s receipt takes its place', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const ada = await sit('ada');
  await ada.say('sync vpp contoso');
  const card = await ada.answer(/“contoso” matches 6 tokens/);
  await card.getByRole('button', { name: 'Sync now' }).click();
  await card.getByText('Choose a token first.').waitFor();
  assert.deepEqual(listSyncedBy(), []);
  await card.getByRole('radio', { name: 'retail@contoso.example.com' }).check();
  await card.getByRole('button', { name: 'Sync now' }).click();
  await card.getByText(/Sync completed in/).waitFor();
  await card.getByText('retail@contoso.example.com').waitFor();
  assert.equal(await card.getByRole('radio').count(), 0);
  assert.equal(await ada.answers.count(), 1);
  assert.deepEqual(listSyncedBy(), ['ada']);
});

test('the choice can be made with the keyboard alone, which stays on the card', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const { page, say, answer } = await sit('ada');
  await say('sync vpp contoso');
  const card = await answer(/“contoso” matches 6 tokens/);
  const focus = page.locator(':focus');
  await pressUntil(page, 'Shift+Tab', card.getByRole('radio').and(focus));
  await pressUntil(page, 'ArrowDown', card.getByRole('radio', { name: 'retail@contoso.example.com', checked: true }));
  await pressUntil(page, 'Tab', card.getByRole('button', { name: 'Sync now' }).and(focus));
  await page.keyboard.press('Enter');
  await card.getByText(/Sync completed in/).waitFor();
  await card.getByText('retail@contoso.example.com').waitFor();
  assert.equal(await card.getByRole('button').and(focus).count(), 1);
  assert.deepEqual(listSyncedBy(), ['ada']);
});

const mostPresses = 30;

/** Presses a key until what is wanted is there, as somebody without a mouse would. */
async function pressUntil(page: Page, key: string, wanted: Locator): Promise<void> {
  for (let pressed = 0; pressed < mostPresses; pressed += 1) {
    await page.keyboard.press(key);
    if ((await wanted.count()) > 0) return;
  }
  assert.fail(`${key} does not lead to ${wanted}.`);
}
