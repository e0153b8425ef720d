import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inChromium } from '../../support/chromium.ts';
import { tokenIdOf } from '../../support/messages.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();
const watching = { MONITOR: 'on', MONITOR_INTERVAL_S: '1', GRAPH_BETA: 'on' };

test('an alert appears unasked in the channel, is acknowledged, renewed and turns resolved', inChromium, async () => {
  const rehearsal = await startRehearsal({ env: watching });
  const { sit } = rehearsal;
  const [ada, elif] = await Promise.all([sit('ada'), sit('elif')]);
  // Signed in ahead of need, so that the channel need not ask.
  await ada.say('status adatum');
  await (await ada.answer(/Adatum/)).waitFor();
  await Promise.all([ada, elif].map((seat) => seat.openChat('General')));
  await ada.say('alerts on all');
  await (await elif.answer(/Wingtip Toys[\s\S]*No completed sync/)).waitFor();

  // The panel of the rehearsal: what happens in the tenant, unknown to the bot.
  await ada.page.getByRole('button', { name: 'Simulate' }).click();
  await ada.page.locator('#token').selectOption(tokenIdOf(rehearsal, 'Contoso HQ'));
  await ada.page.getByRole('button', { name: 'Expire it' }).click();
  const alert = await elif.answer(/Contoso HQ[\s\S]*expired/i);
  assert.equal(await alert.getByRole('button', { name: /Sync now|Snooze/ }).count(), 0, 'neither can help');

  await alert.getByRole('button', { name: 'Acknowledge' }).click();
  await alert.getByText('Elif Karaduman is on it').waitFor();
  const seenByAda = await ada.answer(/Contoso HQ[\s\S]*expired/i);
  await seenByAda.getByText('Elif Karaduman is on it').waitFor();

  await ada.page.getByRole('button', { name: 'Renew it' }).click();
  for (const card of [alert, seenByAda])
    await card
      .getByText(/Resolved/)
      .first()
      .waitFor();
  assert.equal(await alert.getByRole('button', { name: 'Acknowledge' }).count(), 0);

  // Time passes in the tenant, and monitoring sees it.
  await ada.page.getByLabel('Days').fill('5');
  await ada.page.getByRole('button', { name: 'Expire in' }).click();
  await (await elif.answer(/Contoso HQ[\s\S]*Expires in 5 days/)).waitFor();
  await ada.page.getByRole('button', { name: 'Let a week pass' }).click();
  await (await elif.answer(/The token has expired\s*Fabrikam Logistics/)).waitFor();

  // The push certificate likewise, and it is listed with the tokens.
  const [push] = rehearsal.sandbox.graph.listConnectors(rehearsal.sandbox.person('ada').tenantId, 'push');
  await ada.page.locator('#token').selectOption(push?.id ?? '');
  await ada.page.getByRole('button', { name: 'Expire it' }).click();
  const expired = await elif.answer(
    /The certificate has expired\s*MDM push certificate|MDM push certificate[\s\S]*The certificate has expired/,
  );
  await expired.getByRole('button', { name: 'Acknowledge' }).click();
  await expired.getByText('Elif Karaduman is on it').waitFor();
  await ada.page.getByRole('button', { name: 'Renew it' }).click();
  await expired
    .getByText(/Resolved/)
    .first()
    .waitFor();
  await ada.page.getByRole('button', { name: 'Enrolment tokens not covered' }).click();
  await ada.say('apple');
  await (await ada.answer(/17 Apple connectors, worst first[\s\S]*Enrolment tokens: not covered/)).waitFor();

  await ada.page.getByRole('button', { name: 'Reset tenant and chats' }).click();
  for (const seat of [ada, elif]) await seat.page.getByText('Nothing said yet').last().waitFor();
  await ada.say('alerts');
  await (await elif.answer(/No alerts are on here/)).waitFor();
});

test(
  'what is open is acknowledged on one card, and undone there; a renewal is followed from its steps to its end',
  inChromium,
  async () => {
    const rehearsal = await startRehearsal({ env: watching });
    const ada = await rehearsal.sit('ada');
    await ada.say('status adatum');
    await (await ada.answer(/Adatum/)).waitFor();
    await ada.say('alerts on all');
    await (await ada.answer(/Wingtip Toys[\s\S]*No completed sync/)).waitFor();
    await ada.say('alerts open');
    const card = await ada.answer(/\d+ open alerts[\s\S]*Which alerts/);
    await card.getByLabel('Which alerts').selectOption({ index: 1 });
    await card.getByRole('button', { name: 'Acknowledge' }).click();
    await card.getByText(/alerts acknowledged\./).waitFor();
    await card.getByText('Ada Lindqvist is on it').first().waitFor();
    await card.getByLabel('Which alerts').selectOption({ index: 1 });
    await card.getByRole('button', { name: 'Undo' }).click();
    await card.getByText(/Undone for/).waitFor();
    assert.equal(await card.getByText(/is on it/).count(), 0);

    await ada.say('renew adatum');
    const steps = await ada.answer(/Renew Adatum[\s\S]*Sign in to Apple/);
    await steps.getByRole('button', { name: 'I have started' }).click();
    await steps.getByText('Renewal started by Ada Lindqvist').waitFor();
    await ada.page.getByRole('button', { name: 'Simulate' }).click();
    await ada.page.locator('#token').selectOption(tokenIdOf(rehearsal, 'Adatum'));
    await ada.page.getByRole('button', { name: 'Renew it' }).click();
    const said = ada.answers.filter({ hasText: /Adatum is renewed\. It now expires on/ });
    await said.waitFor();
    await steps.getByRole('button', { name: 'Check renewal' }).click();
    await (await ada.answer(/Adatum[\s\S]*Apple ID[\s\S]*as before/)).waitFor();
    assert.equal(await said.count(), 1);
  },
);
