import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { chosenConditions } from '../../src/alerts/condition.ts';
import type { AlertSubscription } from '../../src/alerts/subscription.ts';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createConversations } from '../../src/store/conversations.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { createWatchedTenants } from '../../src/store/watched-tenants.ts';
import { usedBytes } from '../fuzz/flat-memory.ts';
import { createRandom } from '../fuzz/random.ts';
import { createDayClock } from './day-clock.ts';
import { createDayModel, dayMs, type Kind, kinds, minuteMs, type Subscriber } from './day-model.ts';
import { createDayScript, stepMs } from './day-script.ts';
import { toldBy } from './told-words.ts';

/** `SOAK_DAYS=7` for a longer one; `SOAK_SEED` for one that was. */
const days = Number(process.env.SOAK_DAYS ?? 1);
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
const speed = Number(process.env.SOAK_SPEED ?? 10);
const tokenCount = 300;
const steps = 89 + (days - 1) * 85;
const burstAt = 12;
const quiet = { fromStep: 20, toStep: 45 };
const removedAt = 30;
const offAt = 36;
const restartAt = 50;
const brokenAt = 62;
const intervalS = 20;

const conditionOf: Readonly<Record<Kind, (typeof chosenConditions)[number]>> = {
  ...{ expired: 'expired', invalid: 'invalid', mdm: 'assignedToExternalMDM', duplicate: 'duplicateLocationId' },
  ...{ expiring: 'expiring', failed: 'syncFailed', stuck: 'syncStuck', stale: 'syncStale', licences: 'licenses' },
};

/** The whole product over a file, whose process can be ended and begun anew, and the tenant that it watches. */
async function startDay() {
  const startsAt = Math.floor(Date.now() / minuteMs) * minuteMs;
  const clock = createDayClock(startsAt, speed);
  const folder = await mkdtemp(join(tmpdir(), 'vpp-sync-soak-'));
  const sandbox = await startSandbox({ now: clock.now, syncDurationMs: 300, crowd: 42 });
  const [company] = sandbox.tenants;
  assert.ok(company);
  const read = readConfig(
    sandbox.env({
      ...{ LOG_LEVEL: process.env.SOAK_LOG ?? 'fatal', MONITOR: 'on', MONITOR_INTERVAL_S: String(intervalS) },
      DATABASE_URL: `sqlite:${join(folder, 'bot.db')}`,
    }),
  );
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const { config } = read;
  const begin = async () => {
    const app = await createApp(config, { log: createLog(config.logLevel), now: clock.now, wait: clock.wait });
    sandbox.connectBot(`http://127.0.0.1:${await app.start()}`);
    return app;
  };
  sandbox.graph.controls.setTokenCount(company.id, 0);
  sandbox.graph.controls.setDuplicateOnV1('duplicateLocationId');
  const db = await openDatabase(config.database);
  let app: Awaited<ReturnType<typeof begin>> | undefined;
  after(async () => {
    await app?.stop();
    await db.destroy();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });

  const tenantRow = () =>
    db.selectFrom('watched_tenants').selectAll().where('tenant_id', '=', company.id).executeTakeFirst();
  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const lateAt = performance.now() + 30_000;
    while (!(await isSo())) {
      if (performance.now() > lateAt) throw new Error(`seed ${seed}: for 30 s it was waited for ${what}`);
      await pause(5);
    }
  }
  const waiting = async () =>
    (
      await db
        .selectFrom('alert_deliveries')
        .innerJoin('alert_subscriptions', 'alert_subscriptions.id', 'alert_deliveries.subscription_id')
        .select(['due_at', 'held', 'attempts'])
        .where('outcome', 'is', null)
        .execute()
    ).map(({ due_at, held, attempts }) => ({ dueAt: Number(due_at), isHeld: held !== 0, attempts }));

  return {
    ...{ startsAt, clock, sandbox, company, config, db, waiting, until },
    async start() {
      app = await begin();
    },
    async stop() {
      await app?.stop();
      app = undefined;
    },
    /** No pass is under way, and none begins within the next moment. */
    rest: () =>
      until('the end of a pass', async () => {
        const row = await tenantRow();
        return row !== undefined && row.claimed_by === null && Number(row.due_at) > clock.now() + 200 * speed;
      }),
    goodSince: async (at: number) => Number((await tenantRow())?.good_at ?? 0) >= at,
    passedSince: async (at: number) => Number((await tenantRow())?.passed_at ?? 0) >= at,
    failedPasses: async () => Number((await tenantRow())?.failed_passes ?? 0),
    /** Everything due is told, and everything put off as well, for which time is put forward. */
    async drain(): Promise<void> {
      await until('everything due to be told', async () => {
        const left = (await waiting()).filter(({ dueAt, isHeld }) => !(isHeld && dueAt > clock.now()));
        if (left.length === 0) return true;
        if (left.every(({ dueAt }) => dueAt > clock.now())) clock.putForwardTo(Math.min(...left.map((each) => each.dueAt)));
        else if (left.some(({ attempts }) => attempts > 0)) {
          const later = left.map(({ dueAt }) => dueAt).filter((dueAt) => dueAt > clock.now());
          if (later.length > 0) clock.putForwardTo(Math.max(...later));
        }
        return false;
      });
    },
  };
}

test(`a day of faults over 300 tokens and 50 subscriptions: everything told once, to whom it concerns (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const day = await startDay();
  const { startsAt, clock, sandbox, company, db } = day;
  const { graph, entra, connector, client, conversations } = sandbox;
  const script = createDayScript({
    ...{ random, controls: graph.controls, findToken: graph.findToken, tenantId: company.id, startsAt, steps, burstAt },
    ...{ now: clock.now, count: tokenCount, calm: new Set([quiet.toStep, brokenAt]) },
  });

  const ada = sandbox.person('ada');
  const places = conversations.list().filter(({ tenantId }) => tenantId === company.id).slice(-50);
  const chat = conversations.personal(ada);
  if (!places.includes(chat)) places.splice(0, 1, chat);
  assert.equal(places.length, 50);
  const subscribers = places.map((place, index): Subscriber & { readonly place: TeamsConversation; isOff: boolean } => {
    const isAll = index % 6 === 0 || place === chat;
    const some = new Set(Array.from({ length: 14 }, () => random.pick(script.tokens).id));
    const isChoosy = index % 4 === 1 && place !== chat;
    return {
      ...{ key: place.key, place, tokenIds: isAll ? 'all' : some, isOff: true },
      kinds: new Set(isChoosy ? kinds.filter(() => random.once(2)) : kinds),
      ...(index % 7 === 6 && place !== chat && { quiet: {
        from: startsAt + (quiet.fromStep * stepMs) - 8 * minuteMs,
        to: startsAt + (quiet.toStep * stepMs) - 8 * minuteMs,
      } }),
    };
  });
  const find = (place: TeamsConversation) => subscribers.find(({ key }) => key === place.key) ?? assert.fail();
  const model = createDayModel(script.tokens, subscribers);

  await day.start();
  await day.until('the first pass', () => day.goodSince(startsAt));
  model.pass(startsAt, { saw: true, readsLicences: true });

  const subscriptions = createAlertSubscriptions(db);
  const known = createConversations(db);
  const minuteOf = (at: number) => Math.floor((at % dayMs) / minuteMs);
  for (const { place, tokenIds, kinds: chosen, quiet: hours } of subscribers) {
    if (place === chat) continue;
    const [person = ada] = place.members;
    const bot = { id: `28:${sandbox.registration().botId}`, name: 'VPP Sync' };
    const reference = { serviceUrl: `${sandbox.baseUrl}/connector/`, id: place.id, kind: place.kind, tenantId: company.id, bot };
    const { aadObjectId, teamsId, name } = person;
    const subscription: AlertSubscription = {
      ...{ id: place.key, tenantId: company.id, conversationId: place.id, locale: 'en', createdAt: clock.now() },
      owner: { tenantId: company.id, aadObjectId, teamsId, name },
      covers: tokenIds === 'all' ? 'all' : [...tokenIds],
      events: [...chosen].map((kind) => conditionOf[kind]),
      ...(hours && { quiet: { from: minuteOf(hours.from), to: minuteOf(hours.to) } }),
      timeZone: 'Etc/UTC',
    };
    await known.note({ reference, seenAt: clock.now(), ...(place.kind === 'personal' && { personId: aadObjectId }) });
    await subscriptions.put(subscription);
  }
  await client.say(ada, chat, 'alerts on all no weekly');
  await client.waitFor(() => client.messages(chat).some((each) => /Alerts are on/.test(JSON.stringify(each.versions))), 8_000, 'alerts on');
  await day.drain();
  for (const subscriber of subscribers) subscriber.isOff = false;

  const marks = new Map<string, number>();
  const problems: string[] = [];
  /** What was said in a conversation since the last time. */
  function listNew(place: TeamsConversation) {
    const all = client.messages(place).filter(({ author }) => author === 'bot');
    const news = all.slice(marks.get(place.key) ?? 0);
    marks.set(place.key, all.length);
    return news.map((message) => toldBy(message, 'first'));
  }
  for (const place of places) listNew(place);
  let tellings = 0;

  function compare(step: number, place: TeamsConversation, expected: readonly string[]): void {
    const told = listNew(place);
    const left = [...expected];
    const extra: string[] = [];
    for (const row of told.flatMap(({ rows }) => rows)) {
      const index = left.indexOf(row);
      if (index < 0) extra.push(row);
      else left.splice(index, 1);
    }
    const total = told.reduce((sum, each) => sum + each.total, 0);
    tellings += total;
    if (extra.length > 0 || total !== expected.length)
      problems.push(`step ${step}, ${place.key}: ${total} told for ${expected.length}; too much: ${extra.join(', ') || '-'}; missing: ${left.join(', ') || '-'}`);
    if (told.length > 5) problems.push(`step ${step}, ${place.key}: ${told.length} messages at once`);
  }

  const graphFaults = [
    { kind: 'status', status: 429, retryAfterS: 1 },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 504 },
    { kind: 'truncatedJson' },
    { kind: 'reset' },
    { kind: 'html' },
    { kind: 'emptyBody' },
  ] as const;
  const connectorFaults = [
    { status: 429, retryAfter: 5 },
    { status: 502 },
    { status: 503 },
    { status: 504 },
    { status: 412 },
  ] as const;
  let lastFailed = 0;

  const before = await usedBytes();
  for (let step = 1; step <= steps; step += 1) {
    await day.rest();
    const isBroken = step === brokenAt;
    const fails = isBroken || (step > 4 && step - lastFailed > 2 && step + 1 !== brokenAt && step !== quiet.toStep && random.once(8));
    if (step === removedAt) {
      await client.uninstall(ada, conversations.group);
      find(conversations.group).isOff = true;
    }
    if (step === offAt) {
      await client.say(ada, chat, 'alerts off');
      await client.waitFor(() => client.messages(chat).some((each) => /Alerts are off/.test(JSON.stringify(each.versions))), 8_000, 'alerts off');
      find(chat).isOff = true;
      listNew(chat);
      await day.rest();
    }
    if (script.readsLicencesAt(step)) await createWatchedTenants(db).askForLicenses(company.id);
    if (random.once(4)) connector.failNext(1 + random.below(20), random.pick(connectorFaults));
    for (const act of script.actionsAt(step)) act();
    if (isBroken) entra.controls.failNext(10_000, { kind: 'unavailable' });
    else if (fails) {
      lastFailed = step;
      graph.controls.failNext(10_000, { path: 'vppTokens', fault: random.pick(graphFaults) });
    } else if (random.once(5)) graph.controls.failNext(2, { path: 'vppTokens', fault: random.pick(graphFaults.slice(0, 3)) });
    const at = startsAt + step * stepMs;
    clock.putForwardTo(at);
    if (fails) await day.until('a failed pass', async () => (await day.failedPasses()) >= (isBroken ? 2 : 1));
    else await day.until('a pass', () => day.goodSince(at));
    if (!isBroken) graph.controls.failNoMore();
    if (step === restartAt) {
      await day.stop();
      await day.start();
    }
    await day.drain();
    const saw = await day.goodSince(at);
    if (isBroken) entra.controls.failNoMore();
    connector.failNoMore();
    const monitoring = isBroken ? 'broken' : step === brokenAt + 1 ? 'mended' : undefined;
    const expected = model.pass(at, {
      ...{ saw, readsLicences: saw && (script.readsLicencesAt(step) || pendingLicences) },
      ...(monitoring && { monitoring }),
    });
    pendingLicences = !saw && (script.readsLicencesAt(step) || pendingLicences);
    for (const { place } of subscribers) compare(step, place, expected.get(place.key) ?? []);
    if (problems.length > 20) break;
  }
  assert.deepEqual(problems, [], `seed ${seed}`);
});
let pendingLicences = false;
