import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import type { chosenConditions } from '../../src/domain/alert.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createWatchedTenants } from '../../src/store/alerts.ts';
import { createConversations } from '../../src/store/conversations.ts';
import { usedBytes } from '../support/flat-memory.ts';
import { createRandom } from '../support/random.ts';
import { readAlertMessage } from './alert-words.ts';
import { createDayModel, dayMs, type Kind, kinds, minuteMs, type Subscriber } from './day-model.ts';
import { createDayScript, stepMs } from './day-script.ts';
import { startSoakBed } from './soak-bed.ts';

/** `SOAK_DAYS=7` makes it longer; every run plays the same day, unless `SOAK_SEED` names another or is `random`. */
const days = Number(process.env.SOAK_DAYS ?? 1);
const usualSeed = 6;
const wish = process.env.SOAK_SEED ?? usualSeed;
const seed = wish === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wish);
const speed = 20;
const tokenCount = 300;
const subscriberCount = 50;
const steps = 87 + Math.ceil((days - 1) * 83);
/** After these, nothing is begun any more: memory must stay as it is. */
const quietSteps = 6;
const burstAt = 12;
const quiet = { fromStep: 20, toStep: 46 };
const removedAt = 30;
const offAt = 36;
const restartAt = 50;
/** One conversation subscribes between an alert's end and its return, and is not notified of what is open already. */
const lateAt = restartAt + 2;
const brokenAt = 62;
/** More than 5 at once to one conversation are one digest. */
const mostMessages = 5;
/** The sandbox keeps every message of a day, in every version: about 30 MB. */
const mostDayMb = 60 * days;
const mostQuietMb = 4;

const conditionOf: Readonly<Record<Kind, (typeof chosenConditions)[number]>> = {
  expired: 'expired',
  invalid: 'invalid',
  mdm: 'assignedToExternalMDM',
  duplicate: 'duplicateLocationId',
  expiring: 'expiring',
  failed: 'syncFailed',
  stuck: 'syncStuck',
  stale: 'syncStale',
  licences: 'licenses',
};

const passingGraphFaults = [
  { kind: 'status', status: 429, retryAfterS: 1 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 504 },
  { kind: 'reset' },
] as const;
const graphFaults = [
  ...passingGraphFaults,
  { kind: 'truncatedJson' },
  { kind: 'emptyBody' },
  { kind: 'html' },
  { kind: 'foreignNextLink' },
] as const;
const connectorFaults = [
  { status: 429, retryAfter: 5 },
  { status: 429 },
  { status: 502 },
  { status: 503 },
  { status: 504 },
  { status: 412 },
  { status: 0 },
] as const;

test(`over a day of faults, 300 tokens and 50 subscriptions, everybody is notified of everything once (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const bed = await startSoakBed({ speed, crowd: subscriberCount - 8 });
  const { startsAt, clock, sandbox, company, db } = bed;
  const { graph, entra, connector, client, conversations } = sandbox;
  const script = createDayScript({
    random,
    controls: graph.controls,
    findToken: graph.findToken,
    tenantId: company.id,
    startsAt,
    steps,
    burstAt,
    now: clock.now,
    count: tokenCount,
    calm: new Set([quiet.toStep, brokenAt]),
    busy: [quiet.fromStep + 2, restartAt],
  });

  const ada = sandbox.person('ada');
  const chat = conversations.personal(ada);
  const others = conversations.list().filter((place) => place.tenantId === company.id && place !== chat);
  const chosen = [chat, ...others.slice(1 - subscriberCount)].map(choose);
  assert.equal(chosen.length, subscriberCount);

  function choose(place: TeamsConversation, index: number): Subscriber & { readonly place: TeamsConversation } {
    const some = new Set(Array.from({ length: 14 }, () => random.pick(script.tokens).id));
    const hours = { from: startsAt + quiet.fromStep * stepMs, to: startsAt + quiet.toStep * stepMs };
    return {
      key: place.key,
      place,
      tokenIds: index % 10 === 0 ? 'all' : some,
      isOff: true,
      kinds: new Set(index % 4 === 1 ? kinds.filter(() => random.once(2)) : kinds),
      // Half a step before, so that no step meets their edges.
      ...(index % 7 === 6 && { quiet: { from: hours.from - 8 * minuteMs, to: hours.to - 8 * minuteMs } }),
    };
  }

  async function subscribe({ place, tokenIds, kinds: wanted, quiet: hours }: (typeof chosen)[number]): Promise<void> {
    const [person = ada] = place.members;
    const { aadObjectId, teamsId, name } = person;
    const tenantId = company.id;
    const serviceUrl = `${sandbox.baseUrl}/connector/`;
    const bot = { id: `28:${sandbox.registration().botId}`, name: 'VPP Sync' };
    const minuteOf = (at: number) => Math.floor((at % dayMs) / minuteMs);
    await createConversations(db).record({
      reference: { serviceUrl, id: place.id, kind: place.kind, tenantId, bot },
      seenAt: clock.now(),
      ...(place.kind === 'personal' && { personId: aadObjectId }),
    });
    await createAlertSubscriptions(db).put({
      id: place.key,
      tenantId,
      conversationId: place.id,
      locale: 'en',
      createdAt: clock.now(),
      owner: { tenantId, aadObjectId, teamsId, name },
      scope: tokenIds === 'all' ? 'all' : [...tokenIds],
      events: [...wanted].map((kind) => conditionOf[kind]),
      ...(hours && { quiet: { from: minuteOf(hours.from), to: minuteOf(hours.to) } }),
      timeZone: 'Etc/UTC',
    });
  }

  const listBotMessages = (place: TeamsConversation) => client.messages(place).filter(({ author }) => author === 'bot');
  async function say(words: string, answer: RegExp): Promise<void> {
    await client.say(ada, chat, words);
    const isThere = () => listBotMessages(chat).some(({ versions }) => answer.test(JSON.stringify(versions)));
    await client.waitFor(isThere, 20_000, String(answer));
  }
  const turnOff = (place: TeamsConversation) => {
    for (const subscriber of chosen) if (subscriber.place === place) subscriber.isOff = true;
  };

  const model = createDayModel(script.tokens, chosen);
  await bed.start();
  await bed.until('a first pass', () => bed.goodSince(startsAt));
  model.pass(startsAt, { saw: true, readsLicences: true });
  const late = chosen[10] ?? assert.fail();
  for (const subscriber of chosen) if (subscriber.place !== chat && subscriber !== late) await subscribe(subscriber);
  await say('alerts on all no weekly', /Alerts are on/);
  await bed.drain();
  for (const subscriber of chosen) subscriber.isOff = subscriber === late;

  const heard = new Map<string, number>();
  /** The bot's messages in a conversation since the last time. */
  function hear(place: TeamsConversation) {
    const all = listBotMessages(place);
    const news = all.slice(heard.get(place.key) ?? 0);
    heard.set(place.key, all.length);
    return news.map((message) => readAlertMessage(message, 'first'));
  }
  for (const { place } of chosen) hear(place);

  const problems: string[] = [];
  let tellings = 0;
  function compare(step: number, place: TeamsConversation, expected: readonly string[]): void {
    const notified = hear(place);
    const missing = [...expected];
    const tooMuch: string[] = [];
    for (const row of notified.flatMap(({ rows }) => rows)) {
      const index = missing.indexOf(row);
      if (index < 0) tooMuch.push(row);
      else missing.splice(index, 1);
    }
    // Rows that a digest only counts are known by their number alone.
    const total = notified.reduce((sum, each) => sum + each.total, 0);
    tellings += total;
    if (tooMuch.length > 0 || total !== expected.length)
      problems.push(
        `step ${step}, ${place.key}: ${total} posted of ${expected.length}; too much: ${tooMuch}; missing: ${missing}`,
      );
    if (notified.length > mostMessages)
      problems.push(`step ${step}, ${place.key}: ${notified.length} messages at once`);
  }

  let lastFailedAt = 0;
  let licencesAsked = false;
  async function live(step: number): Promise<void> {
    const at = startsAt + step * stepMs;
    const isBroken = step === brokenAt;
    const mayFail =
      step > 4 &&
      step < steps &&
      step - lastFailedAt > 2 &&
      ![brokenAt - 1, quiet.toStep - 1, quiet.toStep, restartAt].includes(step);
    const fails = isBroken || (mayFail && random.once(8));
    await bed.rest();
    if (step === removedAt) {
      await client.uninstall(ada, conversations.group);
      turnOff(conversations.group);
    }
    if (step === lateAt) {
      await subscribe(late);
      late.isOff = false;
    }
    if (step === offAt) {
      await say('alerts off', /Alerts are off/);
      turnOff(chat);
      hear(chat);
    }
    await bed.rest();
    if (script.readsLicencesAt(step)) {
      licencesAsked = true;
      await createWatchedTenants(db).askForLicenses(company.id);
    }

    for (const act of script.actionsAt(step)) act();
    if (step === restartAt) connector.failNext(10, { status: 503 });
    else if (random.once(4)) connector.failNext(1 + random.below(20), random.pick(connectorFaults));
    if (isBroken) entra.controls.failNext(10_000, { kind: 'unavailable' });
    else if (fails) graph.controls.failNext(10_000, { path: 'vppTokens', fault: random.pick(graphFaults) });
    else if (random.once(5)) graph.controls.failNext(2, { path: 'vppTokens', fault: random.pick(passingGraphFaults) });
    clock.putForwardTo(at);
    if (fails) await bed.until('a failed pass', async () => (await bed.failedPasses()) >= (isBroken ? 2 : 1));
    else await bed.until('a pass', () => bed.goodSince(at));
    graph.controls.failNoMore();
    if (fails) lastFailedAt = step;
    if (step === restartAt) {
      assert.ok((await bed.listWaiting()).length > 0, 'it ends in the middle of telling');
      await bed.stop();
      await bed.start();
    }
    await bed.drain();

    const saw = await bed.goodSince(at);
    connector.failNoMore();
    entra.controls.failNoMore();
    const monitoring = isBroken ? 'broken' : step === brokenAt + 1 ? 'working' : undefined;
    const readsLicences = saw && licencesAsked;
    if (saw) licencesAsked = false;
    const expected = model.pass(at, { saw, readsLicences, ...(monitoring && { monitoring }) });
    for (const { key, place } of chosen) compare(step, place, expected.get(key) ?? []);
    assert.ok(problems.length < 20, `seed ${seed}\n${problems.join('\n')}`);
  }

  const before = await usedBytes();
  for (let step = 1; step <= steps; step += 1) await live(step);
  const after = await usedBytes();
  for (let step = steps + 1; step <= steps + quietSteps; step += 1) await live(step);
  const end = await usedBytes();

  assert.deepEqual(problems, [], `seed ${seed}`);
  assert.ok(tellings > 1_000, `${tellings} tellings are no soak`);
  assert.deepEqual(await bed.listWaiting(), [], 'nothing is left to be posted');
  const mb = (bytes: number) => bytes / 1024 / 1024;
  assert.ok(mb(after - before) < mostDayMb, `the day left ${mb(after - before).toFixed(1)} MB`);
  assert.ok(mb(end - after) < mostQuietMb, `passes that posted little left ${mb(end - after).toFixed(1)} MB`);
  for (const { isOff, place } of chosen) if (!isOff) isUpToDate(place);

  /** Every card in Teams shows its alert as it is now. An alert that came back later than soon has another card. */
  function isUpToDate(place: TeamsConversation): void {
    const rows = listBotMessages(place)
      .map((message) => readAlertMessage(message, 'current'))
      .filter(({ kind }) => kind === 'card' || kind === 'digest')
      .flatMap((notified) => notified.rows);
    const isOver = (row: string) => row.includes(': over ');
    const kindOf = (row: string) => row.replace(': over ', ': ').split(' ').slice(0, 3).join(' ');
    const wrong = rows.filter((row, index) => {
      if (!isOver(row)) return model.isOpen(row) !== true;
      const isShownLater = rows.slice(index + 1).some((later) => kindOf(later) === kindOf(row) && !isOver(later));
      return model.isOpen(row) === true && !isShownLater;
    });
    assert.deepEqual(wrong, [], `seed ${seed}, ${place.key}`);
  }
});
