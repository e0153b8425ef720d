import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inChromium } from '../../support/chromium.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();

test('in a channel one press of Continue turns its card into the receipt, in the thread', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const ada = await sit('ada');
  await ada.openChat('General');
  await ada.say('sync vpp adatum');
  const thread = ada.page.getByRole('group', { name: 'Thread' });
  await thread.getByText('@VPP Sync sync vpp adatum').waitFor();
  const card = await ada.answer(/Ada Lindqvist asked for “sync vpp adatum”/);
  await card.getByRole('button', { name: 'Continue' }).click();
  await card.getByText(/Sync completed in/).waitFor();
  assert.equal(await card.getByRole('button', { name: 'Continue' }).count(), 0);
  assert.equal(await ada.answers.count(), 1);
  assert.equal(await thread.getByRole('article').count(), 2);
  assert.deepEqual(listSyncedBy(), ['ada']);
});

test('without silent sign-in Continue leads through a sign-in window, which closes by itself', inChromium, async () => {
  const { sit, sandbox, listSyncedBy } = await startRehearsal();
  sandbox.client.setSso(sandbox.person('ada'), 'off');
  const ada = await sit('ada');
  await ada.openChat('General');
  await ada.say('sync vpp adatum');
  const card = await ada.answer(/Ada Lindqvist asked for/);
  await card.getByRole('button', { name: 'Continue' }).click();
  const opening = ada.page.waitForEvent('popup');
  await card.getByRole('button', { name: 'Sign in' }).click();
  const window = await opening;
  const closing = window.waitForEvent('close');
  await window.getByRole('heading', { name: 'Sign in to Contoso' }).waitFor();
  await window.getByRole('radio', { name: 'Ada Lindqvist' }).check();
  await window.getByRole('button', { name: 'Continue' }).click();
  await closing;
  await card.getByText(/Sync completed in/).waitFor();
  assert.equal(await card.getByRole('button', { name: /Continue|Sign in/ }).count(), 0);
  assert.equal(await ada.answers.count(), 1);
  assert.deepEqual(listSyncedBy(), ['ada']);
});

test('a colleague who presses Sync now on a receipt acts as themselves, and all see it', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0' } });
  const [ada, elif] = await Promise.all([sit('ada'), sit('elif')]);
  await Promise.all([ada, elif].map((seat) => seat.openChat('Devices stand-up')));
  await ada.say('sync vpp adatum');
  const seenByAda = await ada.answer(/Sync completed in/);
  await seenByAda.getByText('Ada Lindqvist').waitFor();

  const seenByElif = await elif.answer(/Sync completed in/);
  await seenByElif.getByRole('button', { name: 'Sync now' }).click();
  for (const card of [seenByElif, seenByAda]) {
    await card.getByText('Elif Karaduman').waitFor();
    await card.getByText(/Sync completed in/).waitFor();
    assert.equal(await card.getByText('Ada Lindqvist').count(), 0);
  }
  assert.deepEqual(listSyncedBy(), ['ada', 'elif']);
});
