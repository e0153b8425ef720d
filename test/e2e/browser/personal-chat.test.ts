import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inChromium } from '../../support/chromium.ts';
import { rehearsalsInChromium } from './rehearsal-page.ts';

const startRehearsal = rehearsalsInChromium();
const refused = /Intune denied access. Nothing was changed./;

test('a typed sync is a card in progress, and the same card its receipt', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal({ syncDurationMs: 2_000 });
  const ada = await sit('ada');
  await ada.say('sync vpp adatum');
  const card = await ada.answer(/Syncing/);
  await card.getByText('I’ll update this card until it finishes.').waitFor();
  await card.getByRole('button', { name: 'Refresh' }).waitFor();
  assert.equal(await card.getByRole('button', { name: 'Sync now' }).count(), 0);
  await card.getByText(/Sync completed in \d+ seconds?/).waitFor();
  await card.getByRole('button', { name: 'Sync now' }).waitFor();
  assert.equal(await card.getByText('Syncing').count(), 0);
  assert.equal(await ada.answers.count(), 1);
  assert.deepEqual(listSyncedBy(), ['ada']);
});

test('a person without a role in Intune reads what was refused, why, and whom to ask', inChromium, async () => {
  const { sit } = await startRehearsal();
  const dana = await sit('dana');
  await dana.say('sync vpp adatum');
  const card = await dana.answer(refused);
  await card.getByText(/your Intune role doesn’t include managed apps/).waitFor();
  await card.getByText(/Ask the administrator to check your role, licence and scope tags/).waitFor();
  await card.getByText(/Reference: \w+/).waitFor();
  assert.equal(await dana.page.getByText('403').count(), 0);
});

test('who may only read sees the state, and that a sync is not theirs to start', inChromium, async () => {
  const { sit, sandbox } = await startRehearsal();
  const bruno = await sit('bruno');
  await bruno.say('status vpp adatum');
  const card = await bruno.answer(/Valid/);
  await card.getByRole('button', { name: 'Sync now' }).click();
  const explained = await bruno.answer(refused);
  await explained.getByText(/Reference: \w+/).waitFor();
  await card.getByText('Valid').waitFor();

  await bruno.say('sync vpp adatum');
  await bruno.answers.filter({ hasText: refused }).nth(1).waitFor();
  assert.equal(await bruno.page.getByText(/Syncing|Sync completed/).count(), 0);
  assert.equal(sandbox.graph.requests.filter(({ method, status }) => method === 'POST' && status !== 403).length, 0);
});

test('a Chinese command is answered with a Chinese card, dates included', inChromium, async () => {
  const { sit, listSyncedBy } = await startRehearsal();
  const chen = await sit('chen');
  await chen.say('同步 华东零售');
  const card = await chen.answer(/华东零售有限公司/);
  const date = /\d{4}年\d{1,2}月\d{1,2}日/;
  await card.getByText(/正在同步/).waitFor();
  await card.getByText(new RegExp(`开始于 ${date.source}`)).waitFor();
  await card.getByText(/同步完成，用时 \d+ 秒?/).waitFor();
  await card.getByText(new RegExp(`数据截至 ${date.source}`)).waitFor();
  await card.getByRole('button', { name: '立即同步' }).waitFor();
  await card.getByRole('button', { name: '刷新' }).waitFor();
  // An Apple ID is an address in every language; devices are called so in every language.
  const words = (await card.locator('.card').innerText()).replace(/Apple ID|iPhone|iPad|\S+@\S+/g, '');
  assert.doesNotMatch(words, /[A-Za-z]/);
  assert.deepEqual(listSyncedBy(), ['chen']);
});
