import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { currentVersion, findCard, listActions, type TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { tokenIdOf } from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';
import { many } from './ada.ts';

const failure = /Sync failed|last sync failed/i;

/** The whole product, watching every second; Ada is signed in, and alerts of failed syncs alone are on in these conversations. */
async function start(places: readonly ('channel' | 'group' | 'personal')[]) {
  const rehearsal = await startRehearsal({ env: { MONITOR: 'on', MONITOR_INTERVAL_S: '1', SYNC_COOLDOWN_S: '0' } });
  const { sandbox, ask, answers } = rehearsal;
  const { client, conversations } = sandbox;
  const { controls } = sandbox.graph;
  const ada = sandbox.person('ada');
  const place = { channel: conversations.channel, group: conversations.group, personal: conversations.personal(ada) };
  await ask(ada, place.personal, 'status vpp adatum');
  for (const each of places) await ask(ada, place[each], 'alerts on adatum failed');
  const before = new Map(Object.values(place).map((each) => [each.id, answers(each).length]));
  const news = (conversation: TeamsConversation) => answers(conversation).slice(before.get(conversation.id));
  return {
    rehearsal,
    client,
    controls,
    ada,
    place,
    id: tokenIdOf(rehearsal, 'Adatum'),
    ask,
    /** The bot's messages since then. */
    news,
    /** Those that say, in what they show now, that a sync failed. */
    failures: (conversation: TeamsConversation) => news(conversation).filter((each) => failure.test(wordsOf(each))),
    async shows(message: TeamsMessage, words: RegExp) {
      await client.waitFor(() => words.test(wordsOf(message)), 12_000, String(words));
    },
    titles: (message: TeamsMessage) =>
      listActions(findCard(message) ?? assert.fail('It has no card.')).map(({ title }) => title),
  };
}

suite('a failed sync where alerts are on', many, () => {
  for (const place of ['channel', 'group', 'personal'] as const) {
    test(`is told once (${place}): by its receipt, with the alert's buttons`, async () => {
      const rig = await start([place]);
      const { rehearsal, client, controls, ada, failures, news, shows, titles } = rig;
      const where = rig.place[place];
      controls.nextSyncEnds('failed');
      const receipt = await rig.ask(ada, where, 'sync vpp adatum');
      await shows(receipt, /Sync failed after[\s\S]*Acknowledge/);
      const acting = ['Sync now', 'Acknowledge', 'Snooze', 'Refresh', 'Licences', 'History'];
      assert.deepEqual(titles(receipt), acting);
      assert.deepEqual(failures(where), [receipt]);

      await client.press(ada, where, receipt.id, buttonOn(receipt, 'Refresh'));
      await shows(receipt, /Sync failed after[\s\S]*Acknowledge/);
      await client.press(ada, where, receipt.id, buttonOn(receipt, 'Acknowledge'));
      await shows(receipt, /Acknowledged by Ada Lindqvist/);
      assert.match(wordsOf(receipt), /Sync failed after/, 'it is still the receipt');
      assert.ok(!titles(receipt).includes('Acknowledge'));

      // A second sync on another card ends it.
      await rig.ask(ada, rig.place.personal, 'sync vpp adatum');
      await shows(receipt, /Sync failed after[\s\S]*Resolved after/);
      assert.deepEqual(titles(receipt), ['Sync now', 'Refresh', 'Licences', 'Renew', 'History']);
      await client.waitFor(
        () => news(where).some((each) => /is over|resolved/i.test(wordsOf(each))),
        12_000,
        'its end',
      );
      const cards = news(where).filter((each) => findCard(each) !== undefined && failure.test(wordsOf(each)));
      assert.deepEqual(cards, [receipt]);
      assert.equal(currentVersion(receipt).activity.type, 'message');
      assert.ok(rehearsal.answers(where).length > 0);
    });
  }

  test('is told by an alert as before where nobody asked for it', async () => {
    const rig = await start(['channel', 'personal']);
    rig.controls.nextSyncEnds('failed');
    const receipt = await rig.ask(rig.ada, rig.place.channel, 'sync vpp adatum');
    await rig.shows(receipt, /Sync failed after[\s\S]*Acknowledge/);
    await rig.client.waitFor(() => rig.failures(rig.place.personal).length > 0, 12_000, 'the alert in the other chat');
    const [alert] = rig.failures(rig.place.personal);
    assert.match(wordsOf(alert ?? assert.fail()), /The last sync failed/);
    assert.deepEqual(rig.failures(rig.place.channel), [receipt]);

    await rig.client.say(rig.ada, rig.place.channel, 'snooze 3', { mention: true, quotes: receipt.id });
    await rig.shows(receipt, /Sync failed after[\s\S]*Snoozed by Ada Lindqvist/);
  });

  test('goes on on the same card when that is used for the next sync, and for one that fails again', async () => {
    const rig = await start(['channel']);
    const { channel } = rig.place;
    rig.controls.nextSyncEnds('failed');
    const receipt = await rig.ask(rig.ada, channel, 'sync vpp adatum');
    await rig.shows(receipt, /Sync failed after[\s\S]*Acknowledge/);
    await rig.client.press(rig.ada, channel, receipt.id, buttonOn(receipt, 'Sync now'));
    await rig.shows(receipt, /Sync completed[\s\S]*Resolved after/);
    rig.controls.nextSyncEnds('failed');
    await rig.client.press(rig.ada, channel, receipt.id, buttonOn(receipt, 'Sync now'));
    await rig.shows(receipt, /Sync failed after[\s\S]*Acknowledge/);
    assert.deepEqual(
      rig.news(channel).filter((each) => findCard(each)),
      [receipt],
    );
  });

  test('is told by a card of its own once the receipt is gone', async () => {
    const rig = await start(['channel', 'personal']);
    const { ada, client, place } = rig;
    rig.controls.nextSyncEnds('failed');
    const receipt = await rig.ask(ada, place.channel, 'sync vpp adatum');
    await rig.shows(receipt, /Sync failed after[\s\S]*Acknowledge/);
    await client.waitFor(() => rig.failures(place.personal).length > 0, 12_000, 'the alert in the other chat');
    const alert = rig.failures(place.personal)[0] ?? assert.fail();
    client.timeline.remove(place.channel, receipt.id);
    await client.press(ada, place.personal, alert.id, buttonOn(alert, 'Acknowledge'));
    await client.waitFor(() => rig.failures(place.channel).length > 0, 12_000, 'a card in the channel');
    const [card, ...others] = rig.failures(place.channel);
    assert.match(wordsOf(card ?? assert.fail()), /Adatum[\s\S]*Acknowledged by Ada Lindqvist/);
    assert.deepEqual(others, []);
  });
});
