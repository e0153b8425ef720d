import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentVersion } from '../../sandbox/teams/timeline.ts';
import { assertPlain, tokenIdOf } from '../support/messages.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const watching = { MONITOR: 'on', MONITOR_INTERVAL_S: '1' };

test('an alert comes unasked, is acknowledged by name, and turns resolved once the token is renewed', async () => {
  const rehearsal = await startRehearsal({ env: watching });
  const { sandbox, ask, answers, waitForWords } = rehearsal;
  const { client, conversations, graph } = sandbox;
  const ada = sandbox.person('ada');
  const { channel } = conversations;
  const adatum = tokenIdOf(rehearsal, 'Adatum');
  await client.say(ada, conversations.personal(ada), 'status adatum');
  await waitForWords(conversations.personal(ada), /Adatum/);
  const confirmed = await ask(ada, channel, 'alerts on all');
  assert.match(wordsOf(confirmed), /alert/i);
  const first = await waitForWords(channel, /Wingtip/);

  graph.controls.expireToken(adatum);
  const alert = await waitForWords(channel, /Adatum[\s\S]*expired/i);
  assert.notEqual(alert.id, first.id);
  assert.equal(alert.rootId ?? alert.id, alert.id, 'it begins a thread of its own');
  assertPlain(wordsOf(alert).replaceAll(/\{\{[^}]*\}\}/g, ''));

  await client.press(ada, channel, alert.id, buttonOn(alert, 'Acknowledge'));
  await client.waitFor(
    () => /Ada Lindqvist/.test(wordsOf(client.timeline.get(channel, alert.id))),
    5_000,
    'the name of who took it',
  );

  graph.controls.renewToken(adatum);
  await client.waitFor(
    () => /resolved/i.test(wordsOf(client.timeline.get(channel, alert.id))),
    5_000,
    'the recovery on the same card',
  );
  const replies = () => answers(channel).filter(({ rootId, id }) => rootId === alert.id && id !== alert.id);
  await client.waitFor(() => replies().length > 0, 5_000, 'one reply in its thread');
  assert.equal(
    replies().length,
    1,
    replies()
      .map((each) => wordsOf(each))
      .join('\n'),
  );
  assert.equal(currentVersion(alert).activity.type, 'message');

  graph.controls.expireToken(adatum);
  const isAgain = (each: typeof alert) =>
    (each.rootId ?? each.id) !== alert.id && each.id !== alert.id && /Adatum[\s\S]*expired/i.test(wordsOf(each));
  const again = await client.waitFor(() => answers(channel).find(isAgain), 5_000, 'a card of its own for its return');
  assert.doesNotMatch(wordsOf(again), /Acknowledged by|Ada Lindqvist/, 'nobody has acknowledged the new alert');
  assert.ok(buttonOn(again, 'Acknowledge'));
  assert.match(wordsOf(client.timeline.get(channel, alert.id)), /resolved/i, 'an announced end is final');
  const posts = graph.requests.filter(({ method }) => method !== 'GET');
  assert.deepEqual(posts, []);
});

test('a bot that is removed from a team is silent in all its channels, and posts again only when asked anew', async () => {
  const rehearsal = await startRehearsal({ env: watching });
  const { sandbox, ask, answers, waitForWords } = rehearsal;
  const { client, conversations, graph } = sandbox;
  const ada = sandbox.person('ada');
  const chat = conversations.personal(ada);
  const inTeam = conversations.list().filter(({ kind }) => kind === 'channel');
  const [general, other] = [inTeam[0] ?? assert.fail(), inTeam[1] ?? assert.fail()];
  await client.say(ada, chat, 'status adatum');
  await waitForWords(chat, /Adatum/);
  await ask(ada, other, 'alerts on all');
  await waitForWords(other, /Wingtip/);
  await ask(ada, chat, 'alerts on all');
  await waitForWords(chat, /Wingtip/);

  // Teams names one of the channels; the bot is gone from all of them.
  await client.uninstall(ada, general);
  const before = answers(other).length;
  graph.controls.expireToken(tokenIdOf(rehearsal, 'Adatum'));
  await waitForWords(chat, /Adatum[\s\S]*expired/i);
  assert.equal(answers(other).length, before);
  const shown = await ask(ada, other, 'alerts');
  assert.doesNotMatch(wordsOf(shown), /Alerts are on here/);
});

test('what is open is listed, acknowledged and undone for all over HTTP, and the alerts’ own messages follow', async () => {
  const rehearsal = await startRehearsal({ env: watching });
  const { sandbox, ask, answers, waitForWords } = rehearsal;
  const { client, conversations, graph } = sandbox;
  const ada = sandbox.person('ada');
  const chat = conversations.personal(ada);
  await client.say(ada, chat, 'status adatum');
  await waitForWords(chat, /Adatum/);
  await ask(ada, chat, 'alerts on all');
  const digest = await waitForWords(chat, /Wingtip/);
  graph.controls.expireToken(tokenIdOf(rehearsal, 'Adatum'));
  const alert = await waitForWords(chat, /Adatum[\s\S]*expired/i);

  const open = await ask(ada, chat, 'alerts open');
  const wordsOn = (id: string) => wordsOf(client.timeline.get(chat, id));
  assert.match(wordsOf(open), /open alerts[\s\S]*Expired · [\s\S]*Adatum/);
  await client.press(ada, chat, open.id, buttonOn(open, 'Acknowledge'), { which: '1' });
  await client.waitFor(() => /alerts acknowledged\./.test(wordsOn(open.id)), 5_000, 'what was done, on the card');
  for (const { id } of [alert, digest])
    await client.waitFor(() => /Ada Lindqvist/.test(wordsOn(id)), 10_000, 'who took it, on the messages that show it');

  await client.press(ada, chat, open.id, buttonOn(client.timeline.get(chat, open.id), 'Undo'), { which: '1' });
  await client.waitFor(() => !/is on it/.test(wordsOn(alert.id)), 10_000, 'nobody is on it any more');

  const before = answers(chat).length;
  const week = await ask(ada, chat, 'digest now');
  assert.match(wordsOf(week), /Your week with/);
  await client.press(ada, chat, week.id, buttonOn(week, 'Open alerts'));
  await client.waitFor(() => answers(chat).length >= before + 2, 5_000, 'the list beside the digest');
  assert.deepEqual(
    graph.requests.filter(({ method }) => method !== 'GET'),
    [],
  );
});
