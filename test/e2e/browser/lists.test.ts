import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inChromium } from '../../support/chromium.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();

test('a list is paged, a row opens its token, and a typed part of a name chooses one', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const ada = await sit('ada');
  await ada.say('list');
  const list = await ada.answer(/1–15 of 16/);
  await list.getByRole('button', { name: 'Next', exact: true }).press('Enter');
  await list.getByText('16 of 16').waitFor();
  // Next is gone from the last page: the keyboard’s place stays on the card.
  assert.equal(await list.locator('.card:focus').count(), 1);
  await list.getByRole('button', { name: /^Show status: / }).click();
  await ada.page
    .getByText('Asked by')
    .or(ada.page.getByRole('button', { name: 'Sync now' }))
    .first()
    .waitFor();
  await ada.say('sync');
  const question = await ada.answer(/Which of the 16 tokens/);
  const field = question.getByRole('combobox', { expanded: false });
  await field.fill('adat');
  const choice = question.getByRole('option', { name: /Adatum/ });
  await choice.waitFor();
  await ada.page.keyboard.press('Escape');
  await choice.waitFor({ state: 'hidden' });
  await ada.page.keyboard.press('ArrowDown');
  await choice.waitFor();
  const chosen = question.getByRole('option', { name: /Adatum/, selected: true });
  // An answer to the search that comes meanwhile draws the list anew, without a highlight.
  for (let tries = 0; tries < 10 && !(await chosen.isVisible()); tries += 1) {
    await ada.page.keyboard.press('ArrowDown');
    await chosen.waitFor({ timeout: 1_000 }).catch(() => undefined);
  }
  await chosen.waitFor();
  assert.equal(
    await question.getByRole('combobox').getAttribute('aria-activedescendant'),
    await choice.getAttribute('id'),
  );
  await ada.page.keyboard.press('Enter');
  await field.waitFor();
  await question.getByRole('button', { name: 'Sync now' }).click();
  await question.getByText(/Sync completed in/).waitFor();
  assert.deepEqual(listSyncedBy(), ['ada']);
});
