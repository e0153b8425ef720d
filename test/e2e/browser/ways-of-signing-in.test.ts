import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { inChromium } from '../../support/chromium.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();

/** Goes through the sign-in window as its person does: read what is asked, choose who one is, agree. */
async function signInThroughWindow(page: Page, button: Locator, name: string, asked: RegExp): Promise<void> {
  const opening = page.waitForEvent('popup');
  await button.click();
  const window = await opening;
  const closing = window.waitForEvent('close');
  await window.getByText(asked).first().waitFor();
  await window.getByRole('radio', { name }).check();
  await window.getByRole('button', { name: 'Continue' }).click();
  await closing;
}

test('in a group chat silent sign-in needs no press, and only the one who asked is acted for', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const [ada, elif] = await Promise.all([sit('ada'), sit('elif')]);
  await Promise.all([ada, elif].map((seat) => seat.openChat('Devices stand-up')));
  await elif.say('sync vpp adatum');
  await (await ada.answer(/Sync completed in/)).getByText('Elif Karaduman').waitFor();
  assert.deepEqual(listSyncedBy(), ['elif']);
});

test(
  'without silent sign-in the button of a personal chat leads through the window, and the command goes on',
  inChromium,
  async () => {
    const { sit, sandbox, listSyncedBy } = await startRehearsal();
    sandbox.client.setSso(sandbox.person('ada'), 'off');
    const ada = await sit('ada');
    await ada.say('sync vpp adatum');
    const button = ada.page.getByRole('button', { name: 'Sign in' });
    await signInThroughWindow(ada.page, button, 'Ada Lindqvist', /Sign in to Contoso/);
    await ada.answer(/Sync completed in/);
    assert.deepEqual(listSyncedBy(), ['ada']);
  },
);

test('missing consent is explained, asked for in the window, and the command goes on', inChromium, async () => {
  const { sit, sandbox } = await startRehearsal();
  const person = sandbox.person('ada');
  sandbox.entra.controls.setConsent(person.tenantId, false);
  const ada = await sit('ada');
  await ada.say('status vpp adatum');
  await ada.page
    .getByText(/don’t have consent to use Intune for you yet/)
    .first()
    .waitFor();
  const button = ada.page.getByRole('button', { name: 'Sign in' }).last();
  await signInThroughWindow(
    ada.page,
    button,
    'Ada Lindqvist',
    /DeviceManagementServiceConfig\.ReadWrite\.All|manage|Intune/,
  );
  await ada.answer(/Valid/);
});

test(
  'a step-up that Conditional Access wants is passed in the window, and the command goes on',
  inChromium,
  async () => {
    const { sit, sandbox } = await startRehearsal();
    sandbox.entra.controls.requireStepUp('ada', '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}');
    const ada = await sit('ada');
    await ada.say('status vpp adatum');
    await ada.page
      .getByText(/requires one more check/)
      .first()
      .waitFor();
    const button = ada.page.getByRole('button', { name: 'Sign in' }).last();
    await signInThroughWindow(ada.page, button, 'Ada Lindqvist', /Sign in to Contoso/);
    await ada.answer(/Valid/);
  },
);

test('a colleague who presses somebody’s Continue reads whose it is, and nothing happens', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const [ada, elif] = await Promise.all([sit('ada'), sit('elif')]);
  await Promise.all([ada, elif].map((seat) => seat.openChat('General')));
  await ada.say('sync vpp adatum');
  const seenByElif = await elif.answer(/Ada Lindqvist asked for/);
  await seenByElif.getByRole('button', { name: 'Continue' }).click();
  await elif.page.getByRole('status').filter({ hasText: 'Only Ada Lindqvist can use this' }).waitFor();
  await (await ada.answer(/Ada Lindqvist asked for/)).getByRole('button', { name: 'Continue' }).waitFor();
  assert.deepEqual(listSyncedBy(), []);
});
