import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';
import { type DelegatedGraph, GraphError, type GraphErrorReason, type PostOptions } from '../../src/domain/graph.ts';
import type { RunOutcome } from '../../src/domain/sync-run.ts';
import { minuteMs } from '../../src/lib/time.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import type { Licenses } from '../../src/sync/licenses.ts';
import { createStartSync, type StartedSync } from '../../src/sync/start-sync.ts';
import { createAuditRig } from '../support/audit-rig.ts';
import { noLicenses } from '../support/runs.ts';
import { createRuntime } from '../support/runtime.ts';
import { authorizedTurn, openStore, personOf, tenantId, tokenOf } from '../support/turns.ts';
import { listWorkLeft } from '../support/work-left.ts';

const id = 'token-1';
const now = Date.parse('2026-11-23T08:00:00Z');
const nothing = { batches: [], unfinished: [], unreported: [] };
const inProgressSince = (ms: number) =>
  tokenOf(id, { lastSyncStatus: 'inProgress', lastModifiedDateTime: new Date(now - ms).toISOString() });
const refusal = (reason: GraphErrorReason) => new GraphError(reason, { clientRequestId: 'c' });
type Step = (options?: PostOptions) => unknown | Promise<unknown>;

/** Two people, the real store, and a Graph whose reads and POSTs happen as the test says. */
async function startRig(t: TestContext, options: { cooldownMs?: number } = {}) {
  const db = await openStore(t);
  const runs = createSyncRuns(db);
  const clock = { now };
  const patience = Promise.withResolvers<void>();
  const rig = createAuditRig(db, () => clock.now);
  const before: Licenses['before'][] = [];
  const licenses: Licenses = {
    ...noLicenses,
    before: (...given) => (before.at(-1) ?? noLicenses.before)(...given),
  };
  const starter = createStartSync({
    runtime: createRuntime({
      now: () => clock.now,
      wait: (_, signal) => Promise.race([patience.promise, aborted(signal)]),
    }),
    runs,
    audit: rig.audit,
    licenses,
    cooldownMs: options.cooldownMs ?? 0,
    beta: false,
  });
  const posts: string[] = [];
  const graph = { read: (() => tokenOf(id)) as Step, post: (() => undefined) as Step };
  const graphOf = (by: string): DelegatedGraph => ({
    get: async () => ({ ...Object(await graph.read()) }),
    listPages: () => Promise.reject(new Error('Starting a sync lists nothing')),
    async post(path, options) {
      posts.push(`${by} ${path}`);
      return graph.post(options);
    },
  });
  const start = (key: 'ada' | 'elif'): Promise<StartedSync> => {
    const turn = { person: personOf(key), messageId: `message of ${key}`, timeZone: 'Pacific/Auckland' };
    return starter.start(authorizedTurn(graphOf(key), turn), id);
  };
  return {
    runs,
    outwait: patience.resolve,
    settle: starter.settle,
    left: () => listWorkLeft(db),
    clock,
    posts,
    graph,
    start,
    before,
    ...rig,
  };
}

const aborted = (signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));

/** Holds whoever comes until it is opened. */
function createGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { pass: () => promise, open: resolve };
}

async function settleAll() {
  for (let turns = 0; turns < 20; turns += 1) await nextTick();
}

test('a sync is POSTed once, as the person who asked, and stored before that', async (t) => {
  const rig = await startRig(t);
  let storedAtPost: unknown;
  rig.graph.post = async () => {
    storedAtPost = (await rig.runs.findLeader(tenantId, id))?.phase;
    rig.clock.now += 700;
  };
  const started = await rig.start('ada');
  assert.deepEqual(rig.posts, ['ada /deviceAppManagement/vppTokens/token-1/syncLicenses']);
  assert.equal(storedAtPost, 'posting');
  assert.ok(started.kind === 'started');
  const stored = await rig.runs.find(started.run.id);
  assert.deepEqual(stored, started.run);
  assert.deepEqual([stored?.phase, stored?.startedAt, stored?.uncertain], ['running', now, false]);
  const requester = { ...personOf('ada'), timeZone: 'Pacific/Auckland' };
  assert.deepEqual([stored?.requester, stored?.messageId], [requester, 'message of ada']);
  assert.deepEqual(stored?.before, tokenOf(id));
});

test('a sync counts from when its POST was sent, the last time where Graph had it sent again', async (t) => {
  const rig = await startRig(t);
  rig.graph.post = (options) => {
    rig.clock.now += 500;
    options?.onSent?.(Promise.resolve());
    rig.clock.now += 5000;
    options?.onSent?.(Promise.resolve());
    rig.clock.now += 900;
  };
  const started = await rig.start('ada');
  assert.ok(started.kind === 'started');
  assert.equal(started.run.startedAt, now + 5500);
  assert.equal((await rig.runs.find(started.run.id))?.startedAt, now + 5500);
});

/** A POST that is sent, and answered when the test says. */
async function startHanging(t: TestContext) {
  const rig = await startRig(t);
  const answer = Promise.withResolvers<void>();
  rig.graph.post = (options) => {
    options?.onSent?.(answer.promise.catch(() => undefined));
    rig.clock.now += 1500;
    return answer.promise;
  };
  const starting = rig.start('ada');
  await settleAll();
  rig.outwait();
  const started = await starting;
  assert.ok(started.kind === 'started' && started.late);
  const { run, late } = started;
  assert.deepEqual([run.phase, run.startedAt, run.uncertain], ['running', now, false]);
  assert.equal((await rig.runs.find(run.id))?.phase, 'posting', 'it counts as unclear for any other process');
  return { ...rig, answer, run, late };
}

test('a POST without an answer for a moment is followed meanwhile; its answer makes the run what it is', async (t) => {
  for (const [reason, uncertain, kept] of [
    [undefined, false, 'Ada sync answered:accepted token-1'],
    ['mayHaveStarted', true, 'Ada sync answered:unclear mayHaveStarted token-1'],
    ['conflict', true, 'Ada sync answered:unclear conflict token-1'],
  ] as const) {
    const rig = await startHanging(t);
    rig.clock.now += 8000;
    if (reason) rig.answer.reject(refusal(reason));
    else rig.answer.resolve();
    assert.deepEqual(await rig.late, { kind: 'taken', posted: { startedAt: now, uncertain } });
    const stored = await rig.runs.find(rig.run.id);
    assert.deepEqual([stored?.phase, stored?.startedAt, stored?.uncertain], ['running', now, uncertain]);
    assert.deepEqual([rig.posts.length, (await rig.kept()).at(-1)], [1, kept]);
  }
});

test('who asks while a POST has no answer waits for it; refused late it is nothing to join', async (t) => {
  const rig = await startHanging(t);
  let isSettled = false;
  void rig.settle().then(() => {
    isSettled = true;
  });
  const elif = rig.start('elif');
  await settleAll();
  assert.deepEqual([rig.posts.length, isSettled], [1, false]);
  rig.graph.post = () => undefined;
  rig.answer.reject(refusal('forbidden'));
  const late = await rig.late;
  assert.ok(late.kind === 'refused');
  assert.deepEqual([late.refusal, late.isEnded], ['forbidden', true]);
  const stored = await rig.runs.find(rig.run.id);
  assert.deepEqual([stored?.outcome, stored?.refusal, stored?.reportedAt], ['refusedLate', 'forbidden', undefined]);
  assert.equal((await elif).kind, 'started');
  assert.equal(isSettled, true);
  assert.deepEqual(await rig.kept(), [
    'Ada sync started token-1',
    'Ada sync ended:refused forbidden token-1',
    'Elif sync started token-1',
    'Elif sync answered:accepted token-1',
  ]);
});

test('a store that is away when a POST is refused late leaves the run for its follower to end', async (t) => {
  const rig = await startHanging(t);
  const { end } = rig.runs;
  rig.runs.end = () => Promise.reject(new Error('the store is away'));
  rig.answer.reject(refusal('throttled'));
  const late = await rig.late;
  assert.ok(late.kind === 'refused');
  assert.deepEqual([late.refusal, late.isEnded], ['throttled', false]);
  rig.runs.end = end;
});

test('the token’s apps are read once the run is stored and before its POST, and kept with it', async (t) => {
  const rig = await startRig(t);
  const found = { kind: 'read', exact: true, apps: [{ id: 'a', name: 'Notes', used: 1, total: 2 }] } as const;
  const seen: unknown[] = [];
  rig.before.push(async (_, token) => {
    seen.push(token.id, (await rig.runs.findLeader(tenantId, id))?.phase, rig.posts.length);
    return found;
  });
  const started = await rig.start('ada');
  assert.ok(started.kind === 'started');
  assert.deepEqual(seen, [id, 'posting', 0]);
  assert.deepEqual(started.run.licensesBefore, found);
  assert.deepEqual((await rig.runs.find(started.run.id))?.licensesBefore, found);
});

test('a join reads no apps: what they had before is not known any more', async (t) => {
  const rig = await startRig(t);
  await rig.start('ada');
  rig.before.push(() => assert.fail('apps are read'));
  const joined = await rig.start('elif');
  assert.ok(joined.kind === 'joined');
  assert.equal(joined.run.licensesBefore, undefined);
});

test('from the third completed sync on, what is usual for the token is kept with a run', async (t) => {
  const rig = await startRig(t);
  for (const [index, tookMs] of [41_000, 900_000, 39_000].entries()) {
    const started = await rig.start('ada');
    assert.ok(started.kind === 'started');
    assert.equal(started.run.usualMs, undefined);
    await rig.runs.end(started.run.id, { outcome: 'completed', endedAt: now + index, tookMs });
  }
  const fourth = await rig.start('ada');
  assert.ok(fourth.kind === 'started');
  assert.equal(fourth.run.usualMs, 41_000);
  assert.equal((await rig.runs.find(fourth.run.id))?.usualMs, 41_000);
});

test('two people at once make one POST; the other joins, with a run of their own and the same beginning', async (t) => {
  const rig = await startRig(t);
  const gate = createGate();
  rig.graph.post = gate.pass;
  const both = [rig.start('ada'), rig.start('elif')] as const;
  await settleAll();
  gate.open();
  const [ada, elif] = await Promise.all(both);
  assert.equal(rig.posts.length, 1);
  assert.ok(ada.kind === 'started' && elif.kind === 'joined');
  assert.deepEqual([elif.run.joined, elif.leader?.id, elif.run.requester.name], [true, ada.run.id, 'Elif Karaduman']);
  assert.deepEqual(elif.run.before, ada.run.before);
  assert.deepEqual([elif.run.joinedSince, ada.run.joinedSince], [ada.run.startedAt, undefined]);
  assert.notEqual(elif.run.id, ada.run.id);
});

test('twenty at once make one POST', async (t) => {
  const rig = await startRig(t);
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => rig.start(index % 2 ? 'ada' : 'elif')));
  assert.equal(rig.posts.length, 1);
  assert.deepEqual(all.filter(({ kind }) => kind === 'started').length, 1);
  assert.equal((await rig.left()).unfinished.length, 20);
});

for (const reason of ['forbidden', 'throttled', 'badRequest', 'notFound', 'tokenRejected', 'unavailable'] as const) {
  test(`a POST refused with ${reason} leaves no open run, and the next asks Graph itself`, async (t) => {
    const rig = await startRig(t);
    rig.graph.post = () => Promise.reject(refusal(reason));
    await assert.rejects(rig.start('ada'), (error: GraphError) => error.reason === reason);
    assert.deepEqual(await rig.left(), nothing, 'the refusal is the answer');
    rig.graph.post = () => undefined;
    assert.equal((await rig.start('elif')).kind, 'started');
    assert.deepEqual(rig.posts.length, 2);
  });
}

test('who waits for a POST that is refused tries it themselves, as themselves', async (t) => {
  const rig = await startRig(t);
  const gate = createGate();
  let posts = 0;
  rig.graph.post = async () => {
    posts += 1;
    if (posts > 1) return;
    await gate.pass();
    throw refusal('forbidden');
  };
  const ada = rig.start('ada');
  await settleAll();
  const elif = rig.start('elif');
  await settleAll();
  gate.open();
  await assert.rejects(ada, GraphError);
  assert.equal((await elif).kind, 'started');
  assert.deepEqual(
    rig.posts.map((line) => line.split(' ')[0]),
    ['ada', 'elif'],
  );
});

test('who read the token before the leader’s POST began still waits for how it goes', async (t) => {
  const rig = await startRig(t);
  const slowRead = createGate();
  const slowPost = createGate();
  let reads = 0;
  rig.graph.read = async () => {
    reads += 1;
    if (reads === 2) await slowRead.pass();
    return tokenOf(id);
  };
  let posts = 0;
  rig.graph.post = async () => {
    posts += 1;
    if (posts > 1) return;
    await slowPost.pass();
    throw refusal('forbidden');
  };
  const ada = rig.start('ada');
  const elif = rig.start('elif');
  await settleAll();
  assert.equal(rig.posts.length, 1);
  slowRead.open();
  await settleAll();
  slowPost.open();
  await assert.rejects(ada, GraphError);
  assert.equal((await elif).kind, 'started', 'a refused POST is nothing to join');
  assert.equal(rig.posts.length, 2);
});

test('a sync of somebody else’s, modified under half an hour ago, is joined without a POST', async (t) => {
  const rig = await startRig(t);
  rig.graph.read = () => inProgressSince(29 * minuteMs);
  const joined = await rig.start('ada');
  assert.ok(joined.kind === 'joined');
  assert.deepEqual([joined.leader, joined.run.seenInProgress, joined.run.joined], [undefined, true, true]);
  assert.equal(joined.run.joinedSince, undefined);
  assert.deepEqual(rig.posts, []);
});

test('a sync in progress for half an hour is taken for stuck and POSTed anew', async (t) => {
  const rig = await startRig(t);
  rig.graph.read = () => inProgressSince(30 * minuteMs);
  assert.equal((await rig.start('ada')).kind, 'started');
  assert.equal(rig.posts.length, 1);
});

test('a run of ours that still goes on is joined even when the token does not show it yet', async (t) => {
  const rig = await startRig(t);
  await rig.start('ada');
  assert.equal((await rig.start('elif')).kind, 'joined');
  assert.equal(rig.posts.length, 1);
});

test('a join of a sync that may not have begun is no surer than that', async (t) => {
  const rig = await startRig(t);
  rig.graph.post = () => Promise.reject(refusal('mayHaveStarted'));
  await rig.start('ada');
  const joined = await rig.start('elif');
  assert.ok(joined.kind === 'joined');
  assert.equal(joined.run.uncertain, true);
});

test('a POST whose outcome is unknown is followed as unclear and never sent again', async (t) => {
  const rig = await startRig(t);
  rig.graph.post = () => Promise.reject(refusal('mayHaveStarted'));
  const started = await rig.start('ada');
  assert.ok(started.kind === 'started');
  assert.equal(started.run.uncertain, true);
  assert.equal((await rig.runs.find(started.run.id))?.uncertain, true);
  await rig.start('ada');
  await rig.start('elif');
  assert.equal(rig.posts.length, 1);
});

test('a conflict means that somebody’s sync is at work: it is followed, and not for ever if it never shows', async (t) => {
  const rig = await startRig(t);
  rig.graph.post = () => Promise.reject(refusal('conflict'));
  const started = await rig.start('ada');
  assert.ok(started.kind === 'started');
  const { phase, uncertain } = started.run;
  assert.deepEqual([phase, uncertain], ['running', true]);
});

test('a token that is gone starts nothing', async (t) => {
  const rig = await startRig(t);
  rig.graph.read = () => Promise.reject(refusal('notFound'));
  await assert.rejects(rig.start('ada'), (error: GraphError) => error.reason === 'notFound');
  assert.deepEqual([rig.posts, await rig.left()], [[], nothing]);
});

async function endLast(rig: Awaited<ReturnType<typeof startRig>>, outcome: RunOutcome) {
  const started = await rig.start('ada');
  assert.ok(started.kind === 'started');
  await rig.runs.end(started.run.id, { outcome, endedAt: rig.clock.now });
}

test('after a completed sync a token rests for the cool-down, whoever asks, and says for how long', async (t) => {
  const rig = await startRig(t, { cooldownMs: 5 * minuteMs });
  await endLast(rig, 'completed');
  rig.clock.now += 2 * minuteMs;
  const resting = await rig.start('elif');
  assert.deepEqual(resting, {
    kind: 'coolingDown',
    token: tokenOf(id),
    agoMs: 2 * minuteMs,
    waitMs: 3 * minuteMs,
  });
  assert.equal(rig.posts.length, 1);
  rig.clock.now += 3 * minuteMs;
  assert.equal((await rig.start('elif')).kind, 'started');
});

test('a sync that did not complete leaves no cool-down', async (t) => {
  for (const outcome of ['failed', 'noResult', 'refused', 'lost', 'notStarted'] as const) {
    const rig = await startRig(t, { cooldownMs: 5 * minuteMs });
    await endLast(rig, outcome);
    assert.equal((await rig.start('elif')).kind, 'started', outcome);
  }
});

test('with a cool-down of nothing a token may be synced at once again', async (t) => {
  const rig = await startRig(t, { cooldownMs: 0 });
  await endLast(rig, 'completed');
  assert.equal((await rig.start('ada')).kind, 'started');
});

test('a clock set back leaves no endless cool-down', async (t) => {
  const rig = await startRig(t, { cooldownMs: 5 * minuteMs });
  await endLast(rig, 'completed');
  rig.clock.now -= 60 * minuteMs;
  assert.equal((await rig.start('ada')).kind, 'started');
});

test('a store that fails after the POST leaves a run to follow, and no second POST', async (t) => {
  const { runs, posts, start } = await startRig(t);
  runs.markRunning = () => Promise.reject(new Error('database is locked'));
  const started = await start('ada');
  assert.ok(started.kind === 'started' && started.run.phase === 'running');
  assert.equal(posts.length, 1);
});

test('what is about to be POSTed is in the audit first, under the id that Graph is given', async (t) => {
  const rig = await startRig(t);
  let keptAtPost: readonly string[] = [];
  let sentId: string | undefined;
  rig.graph.post = async (options) => {
    keptAtPost = await rig.kept();
    sentId = options?.clientRequestId;
    options?.onAccepted?.('4a1b2c3d-request');
  };
  const started = await rig.start('ada');
  assert.ok(started.kind === 'started');
  assert.deepEqual(keptAtPost, ['Ada sync started token-1']);
  const [asked, answered] = await rig.entries.list(0, 10);
  assert.ok(asked && answered && sentId);
  assert.deepEqual([asked.client_request_id, answered.client_request_id], [sentId, sentId]);
  assert.deepEqual([answered.outcome, answered.request_id], ['accepted', '4a1b2c3d-request']);
  assert.deepEqual([asked.run_id, answered.run_id], [started.run.id, started.run.id]);
  assert.deepEqual([asked.token_name, asked.via, asked.correlation_id], ['Contoso', 'message', 'ref0000001']);
});

test('without a word in the audit nothing is POSTed and nothing waits', async (t) => {
  const rig = await startRig(t);
  const { append } = rig.entries;
  rig.entries.append = () => Promise.reject(new Error('database or disk is full'));
  await assert.rejects(rig.start('ada'), { name: 'NotAuditedError' });
  assert.deepEqual([rig.posts, await rig.left()], [[], nothing]);
  assert.ok(rig.failures.count > 0 && rig.logged.length === rig.failures.count);
  rig.entries.append = append;
  assert.equal((await rig.start('ada')).kind, 'started');
});

test('an audit that fails after the POST is logged, and the sync is followed', async (t) => {
  const rig = await startRig(t);
  rig.graph.post = () => {
    rig.entries.append = () => Promise.reject(new Error('the store is away'));
  };
  assert.equal((await rig.start('ada')).kind, 'started');
  assert.deepEqual([rig.posts.length, rig.failures.count, rig.logged.length], [1, 1, 1]);
});

test('joins, cool-downs, refusals and what is unclear are in the audit, each once', async (t) => {
  const rig = await startRig(t, { cooldownMs: 5 * minuteMs });
  const facts = { clientRequestId: 'ours', requestId: '0a1b2c3d-theirs', status: 403 };
  rig.graph.post = () => Promise.reject(new GraphError('forbidden', facts));
  await assert.rejects(rig.start('ada'));
  rig.graph.post = () => Promise.reject(new GraphError('mayHaveStarted', { clientRequestId: 'ours' }));
  await rig.start('ada');
  await rig.start('elif');
  for (const { id } of (await rig.left()).unfinished) {
    await rig.runs.end(id, { outcome: 'completed', endedAt: now });
  }
  await rig.start('elif');
  rig.graph.read = () => Promise.reject(refusal('notFound'));
  await assert.rejects(rig.start('elif'));
  assert.deepEqual(await rig.kept(), [
    'Ada sync started token-1',
    'Ada sync ended:refused forbidden token-1',
    'Ada sync started token-1',
    'Ada sync answered:unclear mayHaveStarted token-1',
    'Elif sync joined token-1',
    'Elif sync coolingDown token-1',
    'Elif sync refused notFound token-1',
  ]);
  const refused = (await rig.entries.list(1, 1))[0];
  assert.deepEqual([refused?.request_id, refused?.client_request_id], ['0a1b2c3d-theirs', 'ours']);
});

test('who is overtaken by another process has joined, and the audit says both', async (t) => {
  const rig = await startRig(t);
  const { add } = rig.runs;
  rig.runs.add = async (run) => {
    rig.runs.add = add;
    await add({ ...run, id: 'of another process', requester: personOf('elif') });
    return add(run);
  };
  assert.equal((await rig.start('ada')).kind, 'joined');
  assert.deepEqual(rig.posts, []);
  assert.deepEqual(await rig.kept(), [
    'Ada sync started token-1',
    'Ada sync ended:overtaken token-1',
    'Ada sync joined token-1',
  ]);
});
