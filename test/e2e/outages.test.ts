import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { createApp, createLog, createRuntime, readConfig } from '../support/bot-code.ts';
import { buttonOn, wordsOf } from '../support/rehearsal.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const isBlind = /I can’t read your organisation’s tokens/;
/** A fault lasts as long as the test says. */
const always = 20_000;

/** The whole product, watching every second; Ada is signed in, and alerts of Contoso are on in the places given. */
async function start(keys: readonly ('channel' | 'group')[], { syncDurationMs = 1_500 } = {}) {
  let [aheadMs, botAheadMs] = [0, 0];
  const sandbox = await startSandbox({ syncDurationMs, now: () => Date.now() + aheadMs });
  const env = { LOG_LEVEL: 'fatal', MONITOR: 'on', MONITOR_INTERVAL_S: '1', SYNC_COOLDOWN_S: '0' };
  const read = readConfig(sandbox.env(env));
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const app = await createApp(read.config, {
    ...createRuntime(createLog('fatal')),
    now: () => Date.now() + aheadMs + botAheadMs,
  });
  after(async () => {
    await app.stop();
    await sandbox.stop();
  });
  sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
  const { client, graph, conversations } = sandbox;
  const ada = sandbox.person('ada');
  const chat = conversations.personal(ada);
  const messages = (place: TeamsConversation) =>
    client.messages(place).filter(({ author, deletedAt }) => author === 'bot' && !deletedAt);
  const everything = () =>
    [chat, ...keys.map((key) => conversations[key])]
      .flatMap((place) => messages(place).map((each) => wordsOf(each)))
      .join('\n');
  async function until<T>(find: () => T | undefined | false, what: string): Promise<T> {
    for (const latest = performance.now() + 30_000; ; await wait(20)) {
      const found = find();
      if (found) return found;
      assert.ok(performance.now() < latest, `there never was ${what} among ${everything()}`);
    }
  }
  const rig = {
    sandbox,
    client,
    graph,
    ada,
    chat,
    until,
    messages,
    controls: graph.controls,
    places: keys.map((key) => conversations[key]),
    waitForWords: (place: TeamsConversation, words: RegExp) =>
      until(() => messages(place).findLast((each) => words.test(wordsOf(each))), String(words)),
    async ask(text: string, words: RegExp, place = chat, person: SandboxPerson = ada) {
      const before = messages(place).length;
      const { delivery } = await client.say(person, place, text, { mention: place.kind !== 'personal' });
      assert.equal(delivery?.status, 200);
      return until(
        () =>
          messages(place)
            .slice(before)
            .find((each) => words.test(wordsOf(each))),
        `${words} after “${text}”`,
      );
    },
    posts: () => graph.requests.filter(({ method }) => method === 'POST').length,
    idOf: (name: string) =>
      graph.listTokens(ada.tenantId).find(({ organizationName }) => organizationName === name)?.id ?? assert.fail(name),
    /** How many messages there said so when they were sent. */
    countMessages: (place: TeamsConversation, ...words: readonly RegExp[]) =>
      messages(place).filter(({ versions }) => words.every((each) => each.test(JSON.stringify(versions[0]?.activity))))
        .length,
    /** For everybody. */
    putForward(ms: number) {
      aheadMs += ms;
    },
    /** For the bot alone. */
    setBotClock(ms: number) {
      botAheadMs = ms;
    },
  };
  await rig.ask('status vpp adatum', /Adatum/);
  for (const place of rig.places) {
    await rig.ask('alerts on all expired', /Alerts are on/, place);
    await rig.waitForWords(place, /1 open alert/);
  }
  return rig;
}

suite('the whole bot', { concurrency: 2 }, () => {
  test('survives an hour without Graph: who asks gets an answer, the sync’s card says what it does not know, and monitoring speaks up once', async () => {
    const rig = await start(['channel']);
    const [channel = assert.fail()] = rig.places;
    const card = await rig.ask('sync vpp fabrikam', /Syncing/);
    const posts = rig.posts();
    rig.controls.failNext(always, { fault: { kind: 'status', status: 503 } });
    await rig.waitForWords(channel, isBlind);
    for (let quarter = 0; quarter < 4; quarter += 1) {
      rig.putForward(15 * minuteMs);
      await rig.ask('sync vpp adatum', /Intune isn’t available right now.*Reference/);
    }
    const shown = await rig.waitForWords(rig.chat, /Fabrikam.*No result yet/i);
    assert.equal(shown.id, card.id);
    assert.equal(rig.posts(), posts, 'nothing was asked for');
    assert.equal(rig.countMessages(channel, isBlind), 1);

    rig.controls.failNoMore();
    await rig.until(() => rig.messages(channel).some((each) => /Resolved/.test(wordsOf(each))), 'an end of the alert');
    await rig.client.press(rig.ada, rig.chat, card.id, buttonOn(shown, 'Refresh'));
    await rig.ask('sync vpp adatum', /Adatum.*Sync/);
    await rig.waitForWords(rig.chat, /Adatum.*Sync completed/);
    assert.equal(rig.posts(), posts + 1);
  });

  test('survives hours without Entra: who is signed in goes on, others get an explanation, and all is well afterwards', async () => {
    const rig = await start(['channel']);
    const [channel = assert.fail()] = rig.places;
    const { entra, conversations } = rig.sandbox;
    const elif = rig.sandbox.person('elif');
    const elifs = conversations.personal(elif);
    entra.controls.failNext(always, { kind: 'unavailable' });
    await rig.ask('sync vpp adatum', /Syncing/);
    await rig.waitForWords(rig.chat, /Adatum.*Sync completed/);
    await rig.ask('status vpp fabrikam', /Reference/, elifs, elif);
    rig.putForward(3 * 60 * minuteMs);
    await rig.ask('sync vpp fabrikam', /Reference/);
    await rig.waitForWords(channel, isBlind);
    assert.equal(rig.posts(), 1);

    entra.controls.failNoMore();
    await rig.until(() => rig.messages(channel).some((each) => /Resolved/.test(wordsOf(each))), 'an end of the alert');
    await rig.ask('sync vpp fabrikam', /Fabrikam.*Sync/);
    await rig.ask('status vpp fabrikam', /Fabrikam/, elifs, elif);
    await rig.waitForWords(rig.chat, /Fabrikam.*Sync completed/);
    assert.equal(rig.posts(), 2);
    assert.equal(rig.countMessages(channel, isBlind), 1);
  });

  test('survives a storm of 429 from Teams: it sends ever more rarely, and posts everything once when it is over', async () => {
    const rig = await start(['channel', 'group']);
    const { connector } = rig.sandbox;
    const card = await rig.ask('sync vpp fabrikam', /Syncing/);
    connector.setRateLimits(false);
    const before = connector.requests.length;
    connector.failNext(always, { status: 429, retryAfter: 1, code: 'TooManyRequests' });
    rig.controls.expireToken(rig.idOf('Adatum'));
    const refused = () => connector.requests.slice(before).filter(({ status }) => status === 429);
    await rig.until(() => refused().length >= 8, 'a storm');
    const places = new Map<string, number[]>();
    for (const { path, at } of refused()) places.set(path, [...(places.get(path) ?? []), at]);
    for (const [path, times] of places)
      for (const [index, at] of times.slice(1).entries())
        assert.ok(at - (times[index] ?? 0) >= 900, `${path} is asked again before Teams said: ${times}`);
    connector.failNoMore();

    const receipt = await rig.waitForWords(rig.chat, /Fabrikam.*Sync completed/);
    assert.equal(receipt.id, card.id);
    for (const place of rig.places) await rig.waitForWords(place, /Adatum.*The token has expired/);
    rig.controls.setState(rig.idOf('Adatum'), 'valid');
    rig.controls.renewToken(rig.idOf('Adatum'));
    for (const place of rig.places) {
      await rig.waitForWords(place, /Adatum.*Resolved|Resolved.*Adatum/);
      assert.equal(rig.countMessages(place, /Adatum/, /The token has expired/), 1);
    }
    assert.equal(rig.posts(), 1);
  });

  test('survives a clock that jumps a day forward and back: what is under way ends truthfully, and nothing waits for the day to come', async () => {
    const rig = await start(['channel'], { syncDurationMs: 4_000 });
    const [channel = assert.fail()] = rig.places;
    const under = await rig.ask('sync vpp adatum', /Syncing/);
    rig.setBotClock(dayMs);
    // By its own clock, which is all it has to go by.
    const shown = await rig.waitForWords(rig.chat, /Adatum.*(Sync completed|No result yet|still running after 1 day)/);
    assert.equal(shown.id, under.id);
    rig.controls.expireToken(rig.idOf('Adatum'));
    await rig.waitForWords(channel, /Adatum.*The token has expired/);
    rig.setBotClock(0);
    await rig.until(
      () => rig.graph.findToken(rig.idOf('Adatum'))?.lastSyncStatus !== 'inProgress',
      'an end of the sync',
    );
    await rig.client.press(rig.ada, rig.chat, shown.id, buttonOn(shown, 'Refresh'));
    await rig.until(() => !/In progress|Syncing/.test(wordsOf(shown)), 'the truth on the card');

    await rig.ask('status vpp fabrikam', /Fabrikam/);
    rig.controls.expireToken(rig.idOf('Fabrikam Logistics'));
    await rig.waitForWords(channel, /Fabrikam.*The token has expired/);
    // As far as Teams' own tokens go: what begins on the wrong side ends on the right one.
    rig.setBotClock(50 * minuteMs);
    const ahead = await rig.ask('sync vpp adventure', /Syncing/);
    rig.setBotClock(0);
    const receipt = await rig.waitForWords(rig.chat, /Adventure.*Sync completed/);
    assert.equal(receipt.id, ahead.id);
    assert.equal(rig.posts(), 2);
    // The daily reminder may come once more: the day came twice.
    for (const name of [/Adatum/, /Fabrikam/])
      assert.equal(rig.countMessages(channel, name, /Critical · The token has expired/), 1);
  });
});
