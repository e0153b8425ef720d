import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';
import { GraphError, type GraphErrorReason, type ReadOnlyGraph } from '../../src/domain/graph.ts';
import { stoppedAsking } from '../../src/domain/licenses.ts';
import { AppTokenError } from '../../src/domain/sign-in-request.ts';
import type { EndedRun, SyncRun } from '../../src/domain/sync-run.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { dayMs } from '../../src/lib/time.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createFollower } from '../../src/sync/follow.ts';
import type { LateAnswer } from '../../src/sync/start-sync.ts';
import { runOf } from '../support/runs.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { openStore, tenantId, tokenOf } from '../support/turns.ts';
import { listWorkLeft } from '../support/work-left.ts';

suite('follow', () => {
  type Answer = VppToken | Error | 'hang';

  const newer = '2026-11-23T08:00:00Z';
  const completed = tokenOf('token-1', { lastSyncDateTime: newer, lastModifiedDateTime: newer });
  const running = tokenOf('token-1', { lastSyncStatus: 'inProgress', lastModifiedDateTime: newer });
  const before = tokenOf('token-1');
  const refused = (reason: GraphErrorReason) => new GraphError(reason, { clientRequestId: 'c' });

  /** A follower over the real store and a clock that moves as far as it is waited for. */
  async function startFollower(t: TestContext, options: { deadlineMs?: number; now?: number } = {}) {
    const db = await openStore(t);
    const runs = createSyncRuns(db);
    const clock = { now: options.now ?? 0 };
    const reads: { at: number; by: string }[] = [];
    const waits: number[] = [];
    const ends: EndedRun[] = [];
    const storedEnds: EndedRun[] = [];
    const shown: { at: number; run: SyncRun; seen: { token: VppToken; at: number } }[] = [];
    const { lines, log } = createLines();
    const ended = Promise.withResolvers<EndedRun>();
    let readers: readonly { name: string; answer: () => Answer | Promise<Answer> }[] = [];

    const readerOf = ({ name, answer }: (typeof readers)[number]): ReadOnlyGraph => ({
      async get(_path, { signal } = {}) {
        reads.push({ at: clock.now, by: name });
        const given = await answer();
        if (given instanceof Error) throw given;
        if (given !== 'hang') return { ...given };
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
      listPages: () => Promise.reject(new Error('A follower lists nothing')),
    });
    const follower = createFollower({
      runtime: createRuntime({
        now: () => clock.now,
        async wait(ms, signal) {
          waits.push(ms);
          await nextTick();
          if (!signal?.aborted) clock.now += ms;
        },
        log,
      }),
      runs,
      reporter: {
        showProgress: (run, seen) => void shown.push({ at: clock.now, run, seen }),
        async showEnd(run) {
          ends.push(run);
          ended.resolve(run);
        },
        async showStoredEnd(run) {
          storedEnds.push(run);
        },
      },
      listReaders: () => readers.map(readerOf),
      beta: false,
      deadlineMs: options.deadlineMs ?? 900_000,
    });
    t.after(() => follower.stop());
    return {
      runs,
      clock,
      reads,
      waits,
      ends,
      storedEnds,
      shown,
      lines,
      follower,
      /** Each answer serves one reading; the last serves all that follow. */
      read(...answers: readonly Answer[]) {
        const left = [...answers];
        const next = () => (left.length > 1 ? left.shift() : left[0]) ?? refused('unavailable');
        readers = [{ name: 'person', answer: next }];
      },
      readBy(given: typeof readers) {
        readers = given;
      },
      listUnfinished: async () => (await listWorkLeft(db)).unfinished,
      async followed(run: SyncRun = runOf()): Promise<EndedRun> {
        assert.equal(await runs.add(run), true);
        follower.follow(run);
        return ended.promise;
      },
    };
  }

  test('a sync that completes is ended once, stored, and shown with the token as it became', async (t) => {
    const rig = await startFollower(t);
    rig.read(before, running, running, completed);
    const end = await rig.followed();
    assert.deepEqual(
      [end.outcome, end.phase, end.after, end.endedAt],
      ['completed', 'ended', completed, rig.clock.now],
    );
    const stored = await rig.runs.find('run-1');
    assert.deepEqual([stored?.phase, stored?.outcome, stored?.seenInProgress], ['ended', 'completed', true]);
    assert.deepEqual(stored?.after, completed);
    assert.equal(rig.ends.length, 1);
  });

  test('reads first within 2 s of the POST, at least every 3 s in the first minute, and ends with the reading that sees it', async (t) => {
    const rig = await startFollower(t);
    rig.read(...Array.from({ length: 40 }, () => running), completed);
    const end = await rig.followed();
    const times = rig.reads.map(({ at }) => at);
    assert.ok((times[0] ?? 9999) <= 2000);
    for (const [index, at] of times.entries()) {
      const gap = at - (times[index - 1] ?? 0);
      assert.ok(gap <= 3000, `${gap} ms before ${at}`);
    }
    assert.equal(end.endedAt, times.at(-1));
  });

  for (const [why, token, outcome] of [
    ['failed', tokenOf('token-1', { lastSyncStatus: 'failed', lastSyncDateTime: newer }), 'failed'],
    ['failed without its date moving', tokenOf('token-1', { lastSyncStatus: 'failed' }), 'failed'],
    ['deleted meanwhile', refused('notFound'), 'deleted'],
  ] as const) {
    test(`a token that is ${why} ends the run as ${outcome}`, async (t) => {
      const rig = await startFollower(t);
      rig.read(running, token);
      const end = await rig.followed();
      assert.equal(end.outcome, outcome);
      assert.deepEqual(end.after, outcome === 'deleted' ? running : token);
    });
  }

  test('a token that failed before, lags and is modified meanwhile is followed to how its sync really ends', async (t) => {
    const rig = await startFollower(t);
    const failed = tokenOf('token-1', { lastSyncStatus: 'failed' });
    const modified = { ...failed, lastModifiedDateTime: '1970-01-01T00:00:01Z' };
    const older = { ...failed, lastModifiedDateTime: '1969-12-31T00:00:00Z' };
    rig.read(...Array.from({ length: 8 }, () => modified), running, completed);
    const end = await rig.followed(runOf({ before: older }));
    assert.equal(end.outcome, 'completed');
    assert.equal(rig.reads.length, 10);
  });

  test('a POST that is refused late ends its run, on its card, and is read no more', async (t) => {
    for (const isEnded of [true, false]) {
      const rig = await startFollower(t);
      rig.read(before);
      const late = Promise.withResolvers<LateAnswer>();
      await rig.runs.add(runOf({ phase: 'posting' }));
      rig.follower.follow(runOf(), late.promise);
      while (rig.reads.length < 2) await nextTick();
      if (isEnded) await rig.runs.end('run-1', { outcome: 'refusedLate', endedAt: 1, refusal: 'forbidden' });
      late.resolve({ kind: 'refused', error: refused('forbidden'), refusal: 'forbidden', isEnded });
      while (rig.ends.length === 0) await nextTick();
      const [end] = rig.ends;
      assert.deepEqual([end?.outcome, end?.refusal, rig.storedEnds.length], ['refusedLate', 'forbidden', 0]);
      assert.equal((await rig.runs.find('run-1'))?.outcome, 'refusedLate');
    }
  });

  test('what a POST’s late answer says counts: when it was sent, and whether it is clear', async (t) => {
    const rig = await startFollower(t);
    rig.read(before);
    await rig.runs.add(runOf({ phase: 'posting' }));
    const posted = { startedAt: 20_000, uncertain: true };
    rig.follower.follow(runOf(), Promise.resolve({ kind: 'taken', posted }));
    while (rig.ends.length === 0) await nextTick();
    const [end] = rig.ends;
    assert.deepEqual([end?.outcome, end?.startedAt], ['notStarted', 20_000]);
    assert.ok((end?.endedAt ?? 0) >= 80_000);
  });

  test('a clock that is set back a day puts off no reading', async (t) => {
    const rig = await startFollower(t, { now: dayMs });
    const answer = () => {
      if (rig.reads.length === 1) rig.clock.now -= dayMs;
      return rig.reads.length < 3 ? running : completed;
    };
    rig.readBy([{ name: 'person', answer }]);
    const end = await rig.followed(runOf({ startedAt: dayMs }));
    assert.equal(end.outcome, 'completed');
    assert.ok(Math.max(...rig.waits) <= 3_000, `waits ${rig.waits}`);
  });

  test('a sync in progress for half an hour without a change is stuck', async (t) => {
    const rig = await startFollower(t, { deadlineMs: 3_600_000 });
    rig.read(tokenOf('token-1', { lastSyncStatus: 'inProgress', lastModifiedDateTime: '1970-01-01T00:00:00Z' }));
    assert.equal((await rig.followed()).outcome, 'stuck');
    assert.ok(Math.abs(rig.clock.now - 1_800_000) <= 3000);
  });

  test('a request without a clear answer that shows no effect for a minute did not start', async (t) => {
    const rig = await startFollower(t);
    rig.read(before);
    const end = await rig.followed(runOf({ uncertain: true }));
    assert.equal(end.outcome, 'notStarted');
    assert.ok(rig.clock.now <= 65_000);
  });

  test('a sync that shows no end by the deadline has no result, within 5 s of it', async (t) => {
    const rig = await startFollower(t, { deadlineMs: 20_000 });
    rig.read(running);
    const end = await rig.followed();
    assert.deepEqual([end.outcome, end.after], ['noResult', running]);
    assert.ok(end.endedAt >= 20_000 && end.endedAt <= 25_000, String(end.endedAt));
  });

  test('the deadline holds while Graph hangs', async (t) => {
    const rig = await startFollower(t, { deadlineMs: 20_000, now: 19_900 });
    rig.read('hang');
    const at = performance.now();
    const end = await rig.followed();
    assert.equal(end.outcome, 'noResult');
    assert.ok(performance.now() - at < 5000);
  });

  test('a reading that fails is only one reading lost', async (t) => {
    const rig = await startFollower(t);
    const misses = (['unavailable', 'timedOut', 'throttled', 'unreadable', 'unavailable', 'timedOut'] as const).map(
      refused,
    );
    rig.read(...misses, new Error('a fault of ours'), completed);
    assert.equal((await rig.followed()).outcome, 'completed');
  });

  test('when the person is refused, the app reads', async (t) => {
    const rig = await startFollower(t);
    const answers: readonly GraphErrorReason[] = ['tokenRejected', 'claimsChallenge', 'missingScope', 'forbidden'];
    const left = [...answers];
    rig.readBy([
      { name: 'person', answer: () => refused(left.shift() ?? 'forbidden') },
      { name: 'app', answer: () => (left.length > 0 ? running : completed) },
    ]);
    assert.equal((await rig.followed()).outcome, 'completed');
    assert.deepEqual(
      rig.reads.map(({ by }) => by),
      answers.flatMap(() => ['person', 'app']),
    );
  });

  test('when every reader is refused three times in a row, the sync is lost from sight', async (t) => {
    const rig = await startFollower(t);
    const noToken = new AppTokenError(tenantId, { reason: 'wrongClientSecret', code: '7000215' });
    rig.readBy([
      { name: 'person', answer: () => refused('tokenRejected') },
      { name: 'app', answer: () => noToken },
    ]);
    const end = await rig.followed();
    assert.deepEqual([end.outcome, end.after], ['lost', before]);
    assert.equal(rig.reads.length, 6);
  });

  test('a token that one reader does not find and the other sees was hidden, not deleted', async (t) => {
    const rig = await startFollower(t);
    rig.readBy([
      { name: 'person', answer: () => refused('notFound') },
      { name: 'app', answer: () => completed },
    ]);
    assert.equal((await rig.followed()).outcome, 'completed');
  });

  for (const [why, answer] of [
    ['finds it either', refused('notFound')],
    ['may read it', refused('forbidden')],
  ] as const) {
    test(`a token that is not found, and nobody else ${why}, was deleted`, async (t) => {
      const rig = await startFollower(t);
      rig.readBy([
        { name: 'person', answer: () => refused('notFound') },
        { name: 'app', answer: () => answer },
      ]);
      assert.equal((await rig.followed()).outcome, 'deleted');
    });
  }

  test('each reading that sees no end is shown, with the token as it was last seen and when', async (t) => {
    const rig = await startFollower(t);
    rig.read(running, refused('unavailable'), completed);
    await rig.followed();
    const [first = 0] = rig.reads.map(({ at }) => at);
    assert.deepEqual(
      rig.shown.map(({ at, seen, run }) => [at === rig.clock.now, seen, run.id]),
      [
        [false, { token: running, at: first }, 'run-1'],
        [false, { token: running, at: first }, 'run-1'],
      ],
    );
  });

  test('how long a sync took is known when it was watched to its end, from its first reading on', async (t) => {
    const rig = await startFollower(t);
    rig.read(completed);
    const end = await rig.followed();
    assert.equal(end.tookMs, end.endedAt);
    assert.equal((await rig.runs.find('run-1'))?.tookMs, end.endedAt);
    assert.equal((await rig.runs.find('run-1'))?.reportedAt, undefined);
  });

  test('an end that came while no process watched has no duration; one that is seen to come has', async (t) => {
    for (const [reads, tookMs] of [
      [[completed], undefined],
      [[refused('unavailable'), completed], undefined],
      [[running, completed], 'known'],
    ] as const) {
      const rig = await startFollower(t, { now: 5000 });
      rig.read(...reads);
      await rig.runs.add(runOf());
      for (const run of await rig.listUnfinished()) await rig.follower.takeOver(run);
      while (rig.ends.length === 0) await nextTick();
      const [end] = rig.ends;
      assert.equal(end?.isTakenOver, true);
      assert.equal(end?.tookMs, tookMs && end?.endedAt);
    }
  });

  test('where Intune dates the end, that counts for how long it took, and the reading for how long one waited', async (t) => {
    const rig = await startFollower(t);
    const dated = tokenOf('token-1', { lastSyncDateTime: '1970-01-01T00:00:04.0000001Z' });
    rig.readBy([{ name: 'person', answer: () => (rig.clock.now < 4000 ? running : dated) }]);
    const end = await rig.followed(runOf({ before: tokenOf('token-1', { lastSyncDateTime: '1969-12-31T00:00:00Z' }) }));
    assert.deepEqual([end.tookMs, end.endedAt > 4000], [4000, true]);
    assert.equal((await rig.runs.find('run-1'))?.tookMs, 4000);
  });

  test('a run of a batch has nothing left to report once it has ended: its batch reports it', async (t) => {
    const rig = await startFollower(t);
    rig.read(completed);
    const end = await rig.followed(runOf({ batchId: 'batch' }));
    assert.equal((await rig.runs.find('run-1'))?.reportedAt, end.endedAt);
  });

  test('two refusals in a row, then a view, lose nothing; nor does a busy Entra', async (t) => {
    const rig = await startFollower(t);
    const busy = new AppTokenError(tenantId, { reason: 'throttled' });
    const forbidden = refused('forbidden');
    rig.read(forbidden, forbidden, running, busy, busy, busy, busy, forbidden, forbidden, completed);
    assert.equal((await rig.followed()).outcome, 'completed');
  });

  test('a run is followed once, however often that is asked', async (t) => {
    const rig = await startFollower(t);
    rig.read('hang');
    await rig.runs.add(runOf());
    for (const _ of [1, 2, 3]) rig.follower.follow(runOf());
    for (const _ of [1, 2, 3, 4, 5]) await nextTick();
    assert.equal(rig.reads.length, 1);
  });

  test('a run that somebody else has ended meanwhile gets no second receipt', async (t) => {
    const rig = await startFollower(t);
    await rig.runs.add(runOf());
    rig.readBy([
      {
        name: 'person',
        async answer() {
          await rig.runs.end('run-1', { outcome: 'completed', endedAt: 1 });
          return completed;
        },
      },
    ]);
    rig.follower.follow(runOf());
    while (rig.storedEnds.length === 0) await nextTick();
    await rig.follower.stop();
    assert.deepEqual([rig.ends.length, rig.storedEnds.length], [0, 1]);
  });

  test('takes over what an earlier process left: running runs as they are, posting ones as unclear', async (t) => {
    const rig = await startFollower(t, { now: 5000 });
    await rig.runs.add(runOf({ id: 'running', tokenId: 'token-1', startedAt: 1000 }));
    await rig.runs.add(runOf({ id: 'posting', tokenId: 'token-2', phase: 'posting', before: tokenOf('token-2') }));
    await rig.runs.add(runOf({ id: 'ended', tokenId: 'token-3', phase: 'ended', outcome: 'completed' }));
    rig.readBy([{ name: 'app', answer: () => 'hang' }]);
    for (const run of await rig.listUnfinished()) await rig.follower.takeOver(run);
    const [running, posting] = await Promise.all(['running', 'posting'].map((id) => rig.runs.find(id)));
    assert.deepEqual([running?.phase, running?.uncertain], ['running', false]);
    assert.deepEqual([posting?.phase, posting?.uncertain], ['running', true]);
    assert.deepEqual([running?.licensesBefore, posting?.licensesBefore], [undefined, stoppedAsking]);
    while (rig.reads.length < 2) await nextTick();
    await rig.follower.stop();
    assert.equal(rig.reads.length, 2);
  });

  test('a run taken over after its deadline is read once: it may have ended meanwhile, or has no result', async (t) => {
    for (const [token, outcome] of [
      [completed, 'completed'],
      [running, 'noResult'],
    ] as const) {
      const rig = await startFollower(t, { now: 2_000_000 });
      rig.read(token);
      assert.equal((await rig.followed()).outcome, outcome);
      assert.equal(rig.reads.length, 1);
    }
  });

  test('stopping ends at once, in the midst of a reading, and leaves the runs stored', async (t) => {
    const rig = await startFollower(t);
    rig.read('hang');
    await rig.runs.add(runOf());
    rig.follower.follow(runOf());
    while (rig.reads.length === 0) await nextTick();
    const at = performance.now();
    await rig.follower.stop();
    assert.ok(performance.now() - at < 500);
    rig.follower.follow(runOf({ id: 'late' }));
    await nextTick();
    assert.equal((await rig.listUnfinished()).length, 1);
    assert.deepEqual([rig.ends.length, rig.reads.length], [0, 1]);
  });

  test('a store that fails is logged, and ends nothing', async (t) => {
    const rig = await startFollower(t);
    rig.read(completed);
    rig.runs.end = () => Promise.reject(new Error('disk full'));
    await rig.runs.add(runOf());
    rig.follower.follow(runOf());
    while (rig.lines.length === 0) await nextTick();
    assert.deepEqual([rig.lines[0]?.level, rig.ends.length], ['error', 0]);
  });

  test('a store that is away for a while ends no following: the run is followed anew until its end is stored', async (t) => {
    const rig = await startFollower(t);
    rig.read(completed);
    const { end } = rig.runs;
    let failures = 2;
    rig.runs.end = async (...ended) => {
      failures -= 1;
      if (failures >= 0) throw new Error('database is locked');
      return end(...ended);
    };
    assert.equal((await rig.followed()).outcome, 'completed');
    assert.equal(rig.ends.length, 1);
    assert.equal((await rig.runs.find('run-1'))?.phase, 'ended');
  });
});
