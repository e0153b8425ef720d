import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { tokenIdOf } from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

test('a deleted token is an alert where its alerts were on and is known by name; all gone at once are one alert about monitoring', async () => {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'on', MONITOR_INTERVAL_S: '1' } });
  const { sandbox, ask, answers, waitForWords } = rehearsal;
  const { client, conversations, graph } = sandbox;
  const { controls } = graph;
  const [ada, chen] = [sandbox.person('ada'), sandbox.person('chen')];
  const [chat, chens, { channel, group }] = [conversations.personal(ada), conversations.personal(chen), conversations];
  const wait = (isSo: () => boolean, what: string) => client.waitFor(isSo, 12_000, what);
  await ask(ada, chat, 'status adatum');
  await ask(ada, channel, 'alerts on adatum expiring');
  await ask(ada, group, 'alerts on wingtip');
  await ask(chen, chens, 'list');

  const id = tokenIdOf(rehearsal, 'Adatum');
  const tenantId = ada.tenantId;
  const deleted = graph.findToken(id) ?? assert.fail();
  controls.deleteToken(id);
  const alert = await waitForWords(channel, /Adatum[\s\S]*The token was deleted from Intune/, 12_000);
  assert.match(wordsOf(alert), /Critical[\s\S]*apps and their assignments[\s\S]*audit logs[\s\S]*Next step/);
  assert.ok(!answers(group).some((each) => /was deleted/.test(wordsOf(each))), 'nothing where it was not covered');

  for (const text of ['status adatum', 'sync vpp adatum', 'licenses adatum', 'renew adatum'])
    assert.match(wordsOf(await ask(ada, chat, text)), /Adatum.* was deleted from Intune on \d+ \w+ \d{4}/, text);
  assert.match(wordsOf(await ask(chen, channel, '状态 adatum')), /Adatum[\s\S]*从 Intune 中删除/);
  const hidden = await ask(chen, chens, 'status adatum');
  assert.doesNotMatch(wordsOf(hidden), /deleted|删除|不再列出/, 'nobody learns of tokens that Intune hides from them');

  await client.press(ada, channel, alert.id, buttonOn(alert, 'Acknowledge'));
  await wait(() => /Ada Lindqvist/.test(wordsOf(client.timeline.get(channel, alert.id))), 'who took it, on the card');

  controls.addToken(deleted);
  await waitForWords(channel, /^Resolved after .*Adatum/, 12_000);
  await wait(() => /Resolved/.test(wordsOf(client.timeline.get(channel, alert.id))), 'its end once it is back');
  assert.doesNotMatch(wordsOf(await ask(ada, chat, 'status adatum')), /deleted/);

  const before = answers(channel).length;
  controls.setTokenCount(tenantId, 0);
  for (const place of [channel, group]) await waitForWords(place, /any of your organisation’s tokens/, 12_000);
  assert.equal(answers(channel).length, before + 1);
  const passes = () => graph.requests.filter(({ personOid }) => personOid === 'app').length;
  const passed = passes();
  while (passes() <= passed + 4) await setTimeout(20);
  assert.equal(answers(channel).length, before + 1, 'no alert about each token');
  assert.match(wordsOf(await ask(ada, channel, 'status adatum')), /has not listed “Adatum/);
  assert.deepEqual(
    graph.requests.filter(({ method }) => method !== 'GET'),
    [],
  );
});
