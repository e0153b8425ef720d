import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LicensesCompared } from '../../src/domain/licenses.ts';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import { type CardReply, SendingError } from '../../src/domain/turn.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { createAlertRepositories } from '../../src/store/stores.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createRunCard } from '../../src/sync/run-card.ts';
import { createTokenViews } from '../../src/sync/token-view.ts';
import { createClock, settle } from '../support/clock.ts';
import { noLicenses, runOf } from '../support/runs.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { openStore, personOf, tokenOf } from '../support/turns.ts';
import { listWorkLeft } from '../support/work-left.ts';

const before = tokenOf('token-1', { organizationName: 'Adatum' });
const after = { ...before, lastSyncDateTime: '2026-11-23T08:00:00Z' };
const nothingChanged: LicensesCompared = { kind: 'compared', approximate: false, apps: [] };
const away = new SendingError('passing', '429');
const maybeTaken = new SendingError('passing', '500', { mayBeTaken: true });

interface Written {
  readonly at: number;
  readonly how: 'card' | 'progress' | 'line';
  readonly cardId: string | undefined;
  readonly words: string;
  readonly recordId: string;
}

/** Run cards over the real store, and a Teams that keeps what it is given and takes it as the test says. */
async function createRig(t: TestContext, db = openStore(t), clock = createClock()) {
  const store = await db;
  const runs = createSyncRuns(store);
  const written: Written[] = [];
  const { lines, log } = createLines();
  const cards = { sent: async (): Promise<string | undefined> => undefined };
  const teams = {
    /** Takes or refuses the next message. */
    take: async (_how: Written['how']): Promise<void> => undefined,
  };
  const licenses = { compare: async (): Promise<LicensesCompared> => nothingChanged };
  const put = async (how: Written['how'], cardId: string | undefined, words: string) => {
    const recordId = /"id":"([^"]+)"/.exec(words)?.[1] ?? '';
    written.push({ at: clock.at, how, cardId, words, recordId });
    await teams.take(how);
  };
  const forgotten: string[] = [];
  const runtime = createRuntime({ ...clock, log });
  const card = createRunCard({
    runtime,
    runs,
    views: createTokenViews({
      runtime,
      records: createCardRecords(store),
      repositories: createAlertRepositories(store),
    }),
    messenger: {
      async write(_, cardId, { card }: CardReply) {
        await put('card', cardId, JSON.stringify(card));
        return cardId ?? 'sent anew';
      },
      tryWriting: (_, cardId, { card }) => put('progress', cardId, JSON.stringify(card)),
      mention: (_, { name }, text, replyToId) => put('line', replyToId, `${name}: ${text}`),
    },
    licenses: {
      ...noLicenses,
      compare: async (ended) =>
        new Map(await Promise.all(ended.map(async ({ id }) => [id, await licenses.compare()] as const))),
    },
    cardSent: { record() {}, waitFor: () => cards.sent(), forget: (runId) => forgotten.push(runId) },
  });
  t.after(() => card.stop());
  const start = async (changes: Partial<SyncRun> = {}) => {
    const run = runOf({ before, activityId: 'card-1', startedAt: clock.at, ...changes });
    await runs.add(run);
    return run;
  };
  const end = async (run: SyncRun, outcome: 'completed' | 'failed' | 'lost' = 'completed') => {
    const ended = { outcome, endedAt: clock.at, after, tookMs: clock.at - run.startedAt };
    await runs.end(run.id, ended);
    return { ...run, phase: 'ended' as const, ...ended };
  };
  const listUnreported = async () => (await listWorkLeft(store)).unreported;
  return { runs, listUnreported, card, teams, licenses, clock, written, lines, forgotten, cards, start, end };
}

type Rig = Awaited<ReturnType<typeof createRig>>;

/** Shows the progress of a run every 2.5 s for so long, as a follower would. */
async function goOn({ clock, card }: Rig, run: SyncRun, ms: number, token = before) {
  for (const until = clock.at + ms; clock.at < until; ) {
    await clock.advance(2_500);
    card.showProgress(run, { token, at: clock.at });
    await settle();
  }
}

const howAndWhen = ({ written }: Rig) => written.map(({ how, at }) => `${how} ${at / 1000}`);

test('the card becomes the receipt at once, is marked as reported, and nobody is mentioned after a short while', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  await rig.clock.advance(30_000);
  await rig.card.showEnd(await rig.end(run));
  await settle();
  assert.deepEqual(howAndWhen(rig), ['card 30']);
  assert.match(rig.written[0]?.words ?? '', /Sync completed in 30 seconds.*Nothing changed: state, expiry/);
  const stored = await rig.runs.find(run.id);
  assert.deepEqual([stored?.reportedAt, stored?.licenses], [30_000, nothingChanged]);
  assert.deepEqual(await rig.listUnreported(), []);
});

test('days on a run’s card are those of the calendar of whoever asked for the sync', async (t) => {
  const asked = Date.parse('2026-11-30T22:30:00Z');
  const rig = await createRig(t);
  rig.clock.at = asked;
  for (const [id, timeZone, days] of [
    ['1', 'Pacific/Auckland', 1],
    ['2', 'America/Los_Angeles', 2],
  ] as const) {
    const soon = { ...before, expirationDateTime: '2026-12-02T10:30:00Z' };
    const run = await rig.start({ id, tokenId: id, before: soon, requester: { ...personOf('ada'), timeZone } });
    await goOn(rig, run, 12_500, soon);
    await rig.card.showEnd({ ...(await rig.end(run)), after: soon });
    await rig.clock.advance(3_000);
    const words = rig.written.splice(0).map(({ how, words: all }) => `${how} ${/(\d+) days? left/.exec(all)?.[1]}`);
    assert.deepEqual(words, [`progress ${days}`, `card ${days}`]);
  }
});

test('a clock that is set back after an edit makes nobody wait longer for the receipt', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  await goOn(rig, run, 12_500);
  const ended = await rig.end(run);
  rig.clock.at -= 10_000;
  await rig.card.showEnd(ended);
  await rig.clock.advance(3_000);
  assert.equal(howAndWhen(rig).at(-1), 'card 5.5');
});

test('who waited over 30 s is mentioned once, in reply to their message, after the receipt was marked as reported', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start({ messageId: 'message-1' });
  await rig.clock.advance(30_001);
  const reportedAt: unknown[] = [];
  rig.teams.take = async (how) => {
    if (how === 'line') reportedAt.push((await rig.runs.find(run.id))?.reportedAt);
  };
  await rig.card.showEnd(await rig.end(run, 'failed'));
  await settle();
  assert.deepEqual(
    rig.written.map(({ how }) => how),
    ['card', 'line'],
  );
  assert.deepEqual(reportedAt, [30_001]);
  const { cardId, words } = rig.written[1] ?? assert.fail();
  assert.deepEqual([cardId, words], ['message-1', 'Ada Lindqvist: Adatum: sync failed after 30 seconds']);
});

test('a sync that goes on shows for how long after 10 s, every 10 s in the first minute, then every 30 s, then every minute', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start({ usualMs: 41_000 });
  await goOn(rig, run, 480_000);
  const times = rig.written.map(({ at }) => at / 1000);
  assert.deepEqual(times, [10, 20, 30, 40, 50, 60, 90, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480]);
  assert.ok(rig.written.every(({ how, cardId }) => how === 'progress' && cardId === 'card-1'));
  assert.match(rig.written[1]?.words ?? '', /20 seconds so far; usually about 40 seconds\./);
  assert.match(rig.written[6]?.words ?? '', /1 minute, 30 seconds so far/);
  assert.equal(new Set(rig.written.map(({ recordId }) => recordId)).size, 1, 'one stored record serves them all');
});

test('a progress edit names who began the sync that was joined, and how old its knowledge is', async (t) => {
  const rig = await createRig(t);
  await rig.start({ id: 'leader', requester: { ...runOf().requester, name: 'Elif Karaduman' }, activityId: 'hers' });
  const joined = await rig.start({ joined: true });
  await goOn(rig, joined, 7_500);
  await rig.clock.advance(2_500);
  rig.card.showProgress(joined, { token: before, at: Date.UTC(2026, 10, 23, 8) });
  await settle();
  assert.match(rig.written[0]?.words ?? '', /Elif Karaduman started it.*As of \{\{DATE\(2026-11-23T08:00:00Z/);
});

test('progress is not shown before the card was sent', async (t) => {
  const rig = await createRig(t);
  const { activityId: _, ...unsent } = runOf({ before });
  await rig.runs.add(unsent);
  await goOn(rig, unsent, 15_000);
  assert.equal(rig.written.length, 0);
  await rig.runs.setCard(unsent.id, 'card-9');
  await goOn(rig, unsent, 10_000);
  assert.deepEqual(
    rig.written.map(({ cardId }) => cardId),
    ['card-9'],
  );
});

test('progress that Teams does not take is shown the next time it is due, and not before Teams said', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  const refusals = [away, new SendingError('passing', '429', { retryAfterMs: 25_000 })];
  rig.teams.take = async () => {
    const next = refusals.shift();
    if (next) throw next;
  };
  await goOn(rig, run, 60_000);
  assert.deepEqual(howAndWhen(rig), ['progress 10', 'progress 20', 'progress 45', 'progress 55']);
  assert.ok(rig.lines.every(({ level }) => level === 'info'));
});

test('the receipt waits for a progress edit that is under way, and is the last', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  await goOn(rig, run, 7_500);
  const slow = Promise.withResolvers<void>();
  rig.teams.take = () => slow.promise;
  await goOn(rig, run, 2_500);
  rig.teams.take = async () => undefined;
  await rig.clock.advance(1_000);
  await rig.card.showEnd(await rig.end(run));
  rig.card.showProgress(run, { token: before, at: rig.clock.at });
  await rig.clock.advance(5_000);
  assert.deepEqual(howAndWhen(rig), ['progress 10']);
  slow.resolve();
  await rig.clock.advance(60_000);
  assert.deepEqual(howAndWhen(rig), ['progress 10', 'card 19'], '3 s after the edit had its answer');
});

test('progress that was about to be shown when the end was seen is not', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  await goOn(rig, run, 7_500);
  const { find } = rig.runs;
  const slow = Promise.withResolvers<void>();
  rig.runs.find = async (id) => {
    const stored = await find(id);
    await slow.promise;
    return stored;
  };
  await goOn(rig, run, 2_500);
  await rig.card.showEnd(await rig.end(run));
  slow.resolve();
  await rig.clock.advance(60_000);
  assert.deepEqual(howAndWhen(rig), ['card 10']);
});

test('an edit of progress without an answer may arrive late: the receipt is written once more', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  rig.teams.take = async (how) => {
    if (how === 'progress') throw maybeTaken;
  };
  await goOn(rig, run, 10_000);
  await rig.clock.advance(1_000);
  await rig.card.showEnd(await rig.end(run));
  await rig.clock.advance(60_000);
  assert.deepEqual(howAndWhen(rig), ['progress 10', 'card 13', 'card 23']);
  assert.equal(rig.written[1]?.words, rig.written[2]?.words);
});

test('a receipt that has to wait for licences says so, and is completed no sooner than 3 s later', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start({ messageId: 'message-1' });
  const compared = Promise.withResolvers<LicensesCompared>();
  rig.licenses.compare = () => compared.promise;
  await rig.clock.advance(40_000);
  await rig.card.showEnd(await rig.end(run));
  await rig.clock.advance(749);
  assert.equal(rig.written.length, 0);
  await rig.clock.advance(1);
  assert.match(rig.written[0]?.words ?? '', /Comparing apps and licences/);
  assert.equal((await rig.listUnreported()).length, 1, 'a process that dies now leaves it to the next');
  const app = {
    what: 'app',
    id: 'n',
    name: 'Notes',
    before: { used: 1, total: 2 },
    after: { used: 1, total: 52 },
  } as const;
  compared.resolve({ ...nothingChanged, apps: [app] } as LicensesCompared);
  await rig.clock.advance(60_000);
  assert.deepEqual(howAndWhen(rig), ['card 40.75', 'card 43.75', 'line 43.75']);
  assert.match(rig.written[1]?.words ?? '', /Notes.*1 of 2 used → 1 of 52 used/);
  assert.equal(rig.written[0]?.recordId, rig.written[1]?.recordId);
});

test('a receipt that is there before its card waits for the card, and is written on it', async (t) => {
  const rig = await createRig(t);
  const { activityId: _, ...unsent } = runOf({ before });
  await rig.runs.add(unsent);
  const sent = Promise.withResolvers<string | undefined>();
  rig.cards.sent = () => sent.promise;
  await rig.card.showEnd(await rig.end(unsent));
  await rig.clock.advance(5_000);
  assert.equal(rig.written.length, 0);
  await rig.runs.setCard(unsent.id, 'card-7');
  sent.resolve('card-7');
  await settle();
  assert.deepEqual(
    rig.written.map(({ cardId }) => cardId),
    ['card-7'],
  );
});

test('a receipt is written on the card that was sent, although the store could not keep which that is', async (t) => {
  const rig = await createRig(t);
  const { activityId: _, ...unkept } = runOf({ before });
  await rig.runs.add(unkept);
  rig.cards.sent = async () => 'card-7';
  await rig.card.showEnd(await rig.end(unkept));
  await settle();
  assert.deepEqual(
    rig.written.map(({ cardId }) => cardId),
    ['card-7'],
  );
  assert.equal((await rig.runs.find(unkept.id))?.activityId, 'card-7');
});

test('an end that was stored elsewhere is reported there alone, and nothing of it is remembered', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  rig.card.showProgress(run, { token: before, at: rig.clock.at });
  await rig.card.showStoredEnd(await rig.end(run));
  await rig.clock.advance(60_000);
  assert.deepEqual([rig.written, rig.forgotten], [[], [run.id]]);
});

test('only what really ended is compared', async (t) => {
  const rig = await createRig(t);
  rig.licenses.compare = () => assert.fail('compared');
  await rig.card.showEnd(await rig.end(await rig.start(), 'lost'));
  await settle();
  assert.match(rig.written[0]?.words ?? '', /Lost track of this sync/);
  assert.doesNotMatch(rig.written[0]?.words ?? '', /compared/);
});

test('while Teams is away the receipt is tried again, with what is known by then, and the line follows it', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start({ messageId: 'message-1' });
  const compared = Promise.withResolvers<LicensesCompared>();
  rig.licenses.compare = () => compared.promise;
  rig.teams.take = () => Promise.reject(maybeTaken);
  await rig.clock.advance(31_000);
  await rig.card.showEnd(await rig.end(run));
  await rig.clock.advance(3_600_000);
  assert.ok(rig.written.length > 5);
  assert.equal((await rig.listUnreported()).length, 1);
  compared.resolve(nothingChanged);
  rig.teams.take = async () => undefined;
  await rig.clock.advance(900_000);
  assert.deepEqual(
    rig.written.slice(-2).map(({ how }) => how),
    ['card', 'line'],
  );
  assert.match(rig.written.at(-2)?.words ?? '', /in 31 seconds.*Nothing changed/);
  assert.deepEqual([await rig.listUnreported(), rig.lines.filter(({ level }) => level === 'error')], [[], []]);
});

test('what Teams refuses for good, or for a day, is given up, logged, and not tried by the next process', async (t) => {
  for (const refusal of [new SendingError('refused', '400'), away]) {
    const rig = await createRig(t);
    const run = await rig.start();
    rig.teams.take = () => Promise.reject(refusal);
    await rig.clock.advance(31_000);
    await rig.card.showEnd(await rig.end(run));
    await rig.clock.advance(25 * 3_600_000);
    assert.ok(refusal === away ? rig.written.length > 90 : rig.written.length === 1);
    assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 1);
    assert.deepEqual(await rig.listUnreported(), []);
  }
});

test('the line is said again only when it was surely not taken', async (t) => {
  for (const [refusal, lines] of [
    [away, 2],
    [maybeTaken, 1],
  ] as const) {
    const rig = await createRig(t);
    const run = await rig.start();
    let failures = 1;
    rig.teams.take = async (how) => {
      if (how !== 'line') return;
      failures -= 1;
      if (failures >= 0) throw refusal;
    };
    await rig.clock.advance(31_000);
    await rig.card.showEnd(await rig.end(run));
    await rig.clock.advance(3_600_000);
    assert.deepEqual(
      rig.written.map(({ how }) => how),
      ['card', ...Array(lines).fill('line')],
    );
  }
});

test('a receipt without a card is sent, its id kept, and completed on that very message', async (t) => {
  const rig = await createRig(t);
  const { activityId: _, ...unsent } = runOf({ before });
  await rig.runs.add(unsent);
  const compared = Promise.withResolvers<LicensesCompared>();
  rig.licenses.compare = () => compared.promise;
  const { setCard } = rig.runs;
  let failures = 1;
  rig.runs.setCard = async (...card) => {
    failures -= 1;
    if (failures >= 0) throw new Error('database is locked');
    return setCard(...card);
  };
  await rig.card.showEnd(await rig.end(unsent));
  await rig.clock.advance(60_000);
  compared.resolve(nothingChanged);
  await rig.clock.advance(60_000);
  assert.deepEqual(
    rig.written.map(({ cardId }) => cardId),
    [undefined, 'sent anew', 'sent anew'],
  );
  assert.equal((await rig.runs.find(unsent.id))?.activityId, 'sent anew');
});

test('a card that has become another sync’s is not edited any more; who waited is still called back', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start();
  rig.teams.take = () => Promise.reject(away);
  await rig.clock.advance(31_000);
  await rig.card.showEnd(await rig.end(run));
  await settle();
  await rig.start({ id: 'next', startedAt: rig.clock.at });
  rig.teams.take = async () => undefined;
  await rig.clock.advance(60_000);
  assert.deepEqual(
    rig.written.map(({ how }) => how),
    ['card', 'line'],
  );
});

test('an end that an earlier process left unreported is reported by the next, once, and written again against a late edit of the first', async (t) => {
  const db = openStore(t);
  const clock = createClock();
  const first = await createRig(t, db, clock);
  const run = await first.start();
  await clock.advance(45_000);
  await first.end(run);
  clock.at += 3_600_000;
  const next = await createRig(t, db, clock);
  next.licenses.compare = async () => ({ kind: 'notCompared', why: 'signInEnded' });
  for (const unreported of await next.listUnreported()) next.card.takeOver(unreported);
  await settle();
  assert.deepEqual(
    next.written.map(({ how }) => how),
    ['card', 'line'],
  );
  assert.match(
    next.written[0]?.words ?? '',
    /in 45 seconds.*weren’t compared: the sign-in of the person who asked had ended/,
  );
  await clock.advance(10_000);
  assert.deepEqual(
    next.written.map(({ how }) => how),
    ['card', 'line', 'card'],
  );
  const third = await createRig(t, db, clock);
  for (const unreported of await third.listUnreported()) third.card.takeOver(unreported);
  await clock.advance(60_000);
  assert.equal(third.written.length, 0);
});

test('two processes that report the same end write the one card, and mention once', async (t) => {
  const db = openStore(t);
  const clock = createClock();
  const both = [await createRig(t, db, clock), await createRig(t, db, clock)] as const;
  const run = await both[0].start();
  await clock.advance(45_000);
  await both[0].end(run);
  for (const { card, listUnreported } of both)
    for (const unreported of await listUnreported()) card.takeOver(unreported);
  await settle();
  const all = both.flatMap(({ written }) => written.map(({ how, cardId }) => `${how} ${cardId}`));
  assert.deepEqual(all.toSorted(), ['card card-1', 'card card-1', 'line card-1']);
});

test('a run that is taken over shows its progress no sooner than 3 s after the process began', async (t) => {
  const rig = await createRig(t);
  const run = await rig.start({ startedAt: -100_000 });
  rig.card.showProgress(run, { token: before, at: 0 });
  await goOn(rig, run, 40_000);
  assert.deepEqual(howAndWhen(rig), ['progress 5', 'progress 35']);
});

test('stopping ends at once whatever is waited for, writes nothing more and leaves the end unreported', async (t) => {
  for (const stage of ['card', 'licences', 'retry', 'pace'] as const) {
    const rig = await createRig(t);
    const run = await rig.start();
    if (stage === 'card') rig.cards.sent = () => new Promise(() => undefined);
    if (stage === 'licences') rig.licenses.compare = () => new Promise(() => undefined);
    if (stage === 'retry') rig.teams.take = () => Promise.reject(away);
    if (stage === 'pace') await goOn(rig, run, 10_000);
    await rig.card.showEnd(await rig.end(run));
    await settle();
    const count = rig.written.length;
    await rig.card.stop();
    await rig.clock.advance(60_000);
    assert.equal(rig.written.length, count, stage);
    assert.equal((await rig.listUnreported()).length, 1, stage);
    assert.deepEqual(
      rig.lines.filter(({ level }) => level === 'error'),
      [],
      stage,
    );
  }
});
