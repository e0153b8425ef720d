import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { tokenIdOf } from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';
import { many } from './ada.ts';

/** The whole product, watching every second; Ada is signed in, and alerts about Adatum are on where the test says. */
async function start(...places: readonly ('channel' | 'personal')[]) {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'on', MONITOR_INTERVAL_S: '1' } });
  const { sandbox, waitForWords, ask } = rehearsal;
  const { client, conversations } = sandbox;
  const ada = sandbox.person('ada');
  const chat = conversations.personal(ada);
  const { channel } = conversations;
  await ask(ada, chat, 'status vpp adatum');
  for (const place of places) {
    const on = await ask(ada, place === 'channel' ? channel : chat, 'alerts on adatum');
    assert.match(wordsOf(on), /Alerts are on/);
  }
  return {
    rehearsal,
    sandbox,
    client,
    ada,
    chat,
    channel,
    ask,
    waitForWords,
    controls: sandbox.graph.controls,
    id: tokenIdOf(rehearsal, 'Adatum'),
    sendsTo: (id: string) =>
      sandbox.connector.requests.filter(({ path }) => path.includes(encodeURIComponent(id))).length,
  };
}

suite('alerts in Teams', many, () => {
  test('come unasked in a thread of their own, are taken by who presses, and turn resolved with one line below', async () => {
    const { client, ada, channel, controls, id, rehearsal, waitForWords } = await start('channel');
    controls.expireToken(id);
    const alert = await waitForWords(channel, /The token has expired/);
    assert.equal(alert.rootId, alert.id);
    assert.match(wordsOf(alert), /Adatum/);

    await client.press(ada, channel, alert.id, buttonOn(alert, 'Acknowledge'));
    await client.waitFor(() => /Ada Lindqvist/.test(wordsOf(alert)), 8_000, 'who took it, on the card');

    controls.setState(id, 'valid');
    controls.renewToken(id);
    const line = await client.waitFor(
      () => rehearsal.answers(channel).find((message) => message.rootId === alert.id && message.id !== alert.id),
      8_000,
      'a line below the alert',
    );
    assert.match(wordsOf(line), /Adatum/);
    assert.match(wordsOf(alert), /Resolved/);
    assert.equal(rehearsal.answers(channel).filter(({ rootId }) => rootId === alert.id).length, 2);
  });

  test('stop where Teams takes nothing more, of which their subscriber is notified, and go on once somebody speaks there', async () => {
    const { sandbox, ada, chat, channel, controls, id, ask, waitForWords } = await start('channel');
    sandbox.connector.setInstalled(channel, false);
    controls.expireToken(id);
    await waitForWords(chat, /Alerts that you turned on in a team channel have stopped/);
    sandbox.connector.setInstalled(channel, true);
    await ask(ada, channel, 'help');
    const digest = await waitForWords(channel, /1 open alert/);
    assert.match(wordsOf(digest), /Adatum/);
  });

  test('are not sent where the bot was removed, and where that is is forgotten', async () => {
    const { client, ada, chat, channel, controls, id, waitForWords, sendsTo } = await start('channel', 'personal');
    await client.uninstall(ada, channel);
    const before = sendsTo(channel.id);
    controls.expireToken(id);
    await waitForWords(chat, /The token has expired/);
    assert.equal(sendsTo(channel.id), before);
  });
});
