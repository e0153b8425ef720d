import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inChromium } from '../../support/chromium.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();

test('the plan becomes the progress of all of them, and that their receipt', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const ada = await sit('ada');
  await ada.say('sync vpp all');
  const card = await ada.answer(/Sync 12 of 16 tokens\?/);
  await card.getByText('Skipped, expired: 1').waitFor();
  assert.deepEqual(listSyncedBy(), []);
  await card.getByRole('button', { name: 'Apply' }).click();
  await card.getByText(/All 12 tokens synced in/).waitFor();
  await card.getByText('Completed: 12').waitFor();
  assert.deepEqual(await card.getByRole('button').allInnerTexts(), ['List', 'History']);
  assert.equal(await ada.answers.count(), 1);
  assert.deepEqual(listSyncedBy(), Array(12).fill('ada'));
});

test('Cancel ends the question, and nothing is synced', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const ada = await sit('ada');
  await ada.say('sync vpp all');
  const card = await ada.answer(/Sync 12 of 16 tokens\?/);
  await card.getByRole('button', { name: 'Cancel' }).click();
  await ada.answer(/Cancelled\. Nothing was changed/);
  assert.equal(await ada.answers.getByRole('button', { name: 'Apply' }).count(), 0);
  assert.deepEqual(listSyncedBy(), []);
});
