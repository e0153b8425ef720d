import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  findTimeTakenMs,
  findUsualMs,
  isInProgress,
  isLater,
  judge,
  type SeenEnd,
  type SyncRun,
  unclearForMs,
  unseenFailureMs,
} from '../../src/domain/sync-run.ts';
import { stuckAfterMs, type VppToken } from '../../src/domain/token.ts';
import { runOf } from '../support/runs.ts';
import { tokenOf } from '../support/turns.ts';

suite('judge', () => {
  const before = '2026-11-22T08:00:00.1234567Z';
  const after = '2026-11-23T08:00:00.1234567Z';
  const startedAt = Date.parse('2026-11-23T07:59:00Z');
  const now = Date.parse('2026-11-23T08:00:10Z');
  const iso = (ms: number) => new Date(ms).toISOString();

  interface Case {
    readonly token: Partial<VppToken>;
    readonly run?: Partial<SyncRun>;
    readonly at?: number;
    readonly ends: string;
  }

  const cases: Readonly<Record<string, Case>> = {
    'completed with a newer date is the end': {
      token: { lastSyncStatus: 'completed', lastSyncDateTime: after },
      ends: 'completed',
    },
    'completed with the old date is yesterday’s sync, still shown': { token: { lastSyncDateTime: before }, ends: 'no' },
    'completed with an older date is a lagging replica': {
      token: { lastSyncDateTime: '2026-11-21T08:00:00Z' },
      ends: 'no',
    },
    'completed without any date is not': { token: { lastSyncDateTime: '' }, ends: 'no' },
    'the first sync ever ends once there is a date': {
      token: { lastSyncStatus: 'completed', lastSyncDateTime: after },
      run: { before: { id: 'token-1', state: 'valid', lastSyncStatus: 'none' } },
      ends: 'completed',
    },
    'a date that moved by a tenth of a microsecond moved': {
      token: { lastSyncDateTime: '2026-11-22T08:00:00.1234568Z' },
      ends: 'completed',
    },
    'in progress with the old date goes on': { token: { lastSyncStatus: 'inProgress' }, ends: 'no' },
    'in progress with a newer date goes on': {
      token: { lastSyncStatus: 'inProgress', lastSyncDateTime: after },
      ends: 'no',
    },
    'a status nobody knows, with a newer date, is an end': {
      token: { lastSyncStatus: 'partiallyCompleted', lastSyncDateTime: after },
      ends: 'completed',
    },
    'failed with a newer date': { token: { lastSyncStatus: 'failed', lastSyncDateTime: after }, ends: 'failed' },
    'failed without the date moving, after another status': { token: { lastSyncStatus: 'failed' }, ends: 'failed' },
    'failed without the date moving, as it was before': {
      token: { lastSyncStatus: 'failed' },
      run: { before: tokenOf('token-1', { lastSyncStatus: 'failed' }) },
      ends: 'no',
    },
    'failed as before, but seen in progress in between': {
      token: { lastSyncStatus: 'failed' },
      run: { before: tokenOf('token-1', { lastSyncStatus: 'failed' }), seenInProgress: true },
      ends: 'failed',
    },
    'failed as before, and modified by the POST or by somebody: the sync may have yet to show': {
      token: { lastSyncStatus: 'failed', lastModifiedDateTime: iso(startedAt + 1000) },
      run: { before: tokenOf('token-1', { lastSyncStatus: 'failed' }) },
      at: startedAt + 1000 + unseenFailureMs - 1,
      ends: 'no',
    },
    'failed as before, modified since, and untouched for two minutes: it failed faster than it could be seen': {
      token: { lastSyncStatus: 'failed', lastModifiedDateTime: iso(startedAt + 1000) },
      run: { before: tokenOf('token-1', { lastSyncStatus: 'failed' }) },
      at: startedAt + 1000 + unseenFailureMs,
      ends: 'failed',
    },
    'failed as before, modified by a clock behind ours: two minutes from the request': {
      token: { lastSyncStatus: 'failed', lastModifiedDateTime: iso(startedAt - 60_000) },
      run: { before: tokenOf('token-1', { lastSyncStatus: 'failed' }) },
      at: startedAt + unseenFailureMs - 1,
      ends: 'no',
    },
    'failed as before and modified since, after a request without a clear answer: nothing shows that it began': {
      token: { lastSyncStatus: 'failed', lastModifiedDateTime: iso(startedAt + 1000) },
      run: { before: tokenOf('token-1', { lastSyncStatus: 'failed' }), uncertain: true },
      at: startedAt + 5 * unseenFailureMs,
      ends: 'notStarted',
    },
    'in progress for just under half an hour goes on': {
      token: { lastSyncStatus: 'inProgress', lastModifiedDateTime: iso(startedAt) },
      at: startedAt + stuckAfterMs - 1,
      ends: 'no',
    },
    'in progress and unmodified for half an hour is stuck': {
      token: { lastSyncStatus: 'inProgress', lastModifiedDateTime: iso(startedAt) },
      at: startedAt + stuckAfterMs,
      ends: 'stuck',
    },
    'in progress for long, but modified lately, is at work': {
      token: { lastSyncStatus: 'inProgress', lastModifiedDateTime: iso(startedAt + stuckAfterMs) },
      at: startedAt + 2 * stuckAfterMs - 1,
      ends: 'no',
    },
    'an old sync in progress is not stuck before this run is as old': {
      token: { lastSyncStatus: 'inProgress', lastModifiedDateTime: iso(startedAt - 3 * stuckAfterMs) },
      at: startedAt + 1000,
      ends: 'no',
    },
    'in progress without a readable date counts from the request': {
      token: { lastSyncStatus: 'inProgress', lastModifiedDateTime: 'soon' },
      at: startedAt + stuckAfterMs,
      ends: 'stuck',
    },
    'without a clear answer and without a sign of a sync for a minute, it did not start': {
      token: {},
      run: { uncertain: true },
      at: startedAt + unclearForMs,
      ends: 'notStarted',
    },
    'without a clear answer, the minute is waited for': {
      token: {},
      run: { uncertain: true },
      at: startedAt + unclearForMs - 1,
      ends: 'no',
    },
    'without a clear answer, but seen in progress, it did start': {
      token: {},
      run: { uncertain: true, seenInProgress: true },
      at: startedAt + 5 * unclearForMs,
      ends: 'no',
    },
    'without a clear answer, but in progress now': {
      token: { lastSyncStatus: 'inProgress', lastModifiedDateTime: iso(startedAt) },
      run: { uncertain: true },
      at: startedAt + unclearForMs,
      ends: 'no',
    },
    'without a clear answer, but with a newer date, it is done': {
      token: { lastSyncDateTime: after },
      run: { uncertain: true },
      at: startedAt + unclearForMs,
      ends: 'completed',
    },
    'with a clear answer the token may lag for as long as it likes': {
      token: {},
      at: startedAt + 10 * unclearForMs,
      ends: 'no',
    },
  };

  for (const [why, { token, run, at = now, ends }] of Object.entries(cases)) {
    test(`${why} (${ends})`, () => {
      const verdict = judge(runOf({ startedAt, ...run }), tokenOf('token-1', token), at);
      assert.equal(verdict.ended ? verdict.outcome : 'no', ends);
    });
  }

  const dates: readonly [date: string | undefined, than: string | undefined, later: boolean][] = [
    ['2026-11-22T08:00:00.1234568Z', '2026-11-22T08:00:00.1234567Z', true],
    ['2026-11-22T08:00:00.1234567Z', '2026-11-22T08:00:00.1234568Z', false],
    ['2026-11-22T08:00:00.1234567Z', '2026-11-22T08:00:00.1234567Z', false],
    ['2026-11-22T08:00:00.12Z', '2026-11-22T08:00:00.1200000Z', false],
    ['2026-11-22T08:00:00.1200001Z', '2026-11-22T08:00:00.12Z', true],
    ['2026-11-22T08:00:00.0000001Z', '2026-11-22T08:00:00Z', true],
    ['2026-11-22T08:00:01Z', '2026-11-22T08:00:00.9999999Z', true],
    ['2026-11-22T09:00:00+02:00', '2026-11-22T08:00:00Z', false],
    ['2026-11-22T08:00:00Z', undefined, true],
    [undefined, '2026-11-22T08:00:00Z', false],
    [undefined, undefined, false],
    ['never', '2026-11-22T08:00:00Z', false],
    ['2026-11-22T08:00:00Z', 'never', false],
  ];

  for (const [date, than, later] of dates) {
    test(`${date} is ${later ? '' : 'not '}later than ${than}`, () => assert.equal(isLater(date, than), later));
  }

  test('of two dates with seven digits at most one is later, and none than itself', () => {
    const date = fc
      .tuple(fc.date({ noInvalidDate: true, min: new Date('2020-01-01'), max: new Date('2020-01-02') }), fc.nat(9999))
      .map(([day, beyond]) => day.toISOString().replace('Z', `${String(beyond).padStart(4, '0')}Z`));
    fc.assert(
      fc.property(date, date, (one, other) => {
        assert.equal(isLater(one, one), false);
        assert.equal(isLater(one, other), one > other);
      }),
    );
  });

  test('a sync in progress is joined while it was modified under half an hour ago', () => {
    const running = (lastModifiedDateTime?: string) =>
      tokenOf('token-1', { lastSyncStatus: 'inProgress', ...(lastModifiedDateTime && { lastModifiedDateTime }) });
    assert.equal(isInProgress(running(iso(now - stuckAfterMs + 1)), now), true);
    assert.equal(isInProgress(running(iso(now - stuckAfterMs)), now), false);
    assert.equal(isInProgress(tokenOf('token-1', { lastModifiedDateTime: iso(now) }), now), false);
    assert.equal(isInProgress({ ...running(), lastModifiedDateTime: 'unreadable' }, now), true);
  });
});

suite('time taken', () => {
  const startedAt = Date.parse('2026-11-23T08:00:00Z');
  const at = (second: number) => new Date(startedAt + second * 1000).toISOString();
  const failedBefore = tokenOf('token-1', { lastSyncStatus: 'failed' });

  interface Case {
    /** Seconds after the POST; null when the date did not move. */
    readonly dated: number | null;
    readonly seen: number;
    readonly inProgressSeen?: number;
    readonly status?: string;
    readonly run?: Partial<SyncRun>;
    readonly took: number | undefined;
  }

  const cases: Readonly<Record<string, Case>> = {
    'a sync took until the moment that Intune dates it to, not until the reading that saw it': {
      dated: 4,
      seen: 6,
      inProgressSeen: 3.5,
      took: 4,
    },
    'a failure that moved the date, too': { dated: 34, seen: 36, inProgressSeen: 33.5, status: 'failed', took: 34 },
    'a failure that did not move it took until it was seen': { dated: null, seen: 6, status: 'failed', took: 6 },
    'a date ahead of our clock is not right': { dated: 9, seen: 6, took: 6 },
    'a date before the POST is not right': { dated: -1, seen: 6, took: 6 },
    'a date from before it was last seen in progress is no end': { dated: 1, seen: 36, inProgressSeen: 33.5, took: 36 },
    'clocks may differ a little': { dated: 32, seen: 36, inProgressSeen: 33.5, took: 32 },
    'of a sync that was begun elsewhere it is not known': { dated: 4, seen: 6, run: { joined: true }, took: undefined },
    'a join of a sync of ours took from the first request': {
      dated: 4,
      seen: 6,
      run: { joined: true, joinedSince: startedAt - 20_000 },
      took: 24,
    },
    'a failure that was never seen to turn took who knows how long': {
      dated: null,
      seen: 130,
      status: 'failed',
      run: { before: failedBefore },
      took: undefined,
    },
    'a failure like the one before, seen in progress in between, took until it was seen': {
      dated: null,
      seen: 6,
      status: 'failed',
      run: { before: failedBefore, seenInProgress: true },
      took: 6,
    },
  };

  for (const [why, { dated, seen, inProgressSeen, status = 'completed', run, took }] of Object.entries(cases)) {
    test(`${why} (${took})`, () => {
      const after = tokenOf('token-1', {
        lastSyncStatus: status,
        ...(dated !== null && { lastSyncDateTime: at(dated) }),
      });
      const end: SeenEnd = {
        after,
        endedAt: startedAt + seen * 1000,
        ...(inProgressSeen !== undefined && { inProgressAt: startedAt + inProgressSeen * 1000 }),
      };
      const ms = findTimeTakenMs(runOf({ startedAt, ...run }), end);
      assert.equal(ms === undefined ? undefined : ms / 1000, took);
    });
  }
});

suite('usual duration', () => {
  test('what is usual is the middle of at least three, whatever the outliers', () => {
    assert.equal(findUsualMs([]), undefined);
    assert.equal(findUsualMs([40_000, 41_000]), undefined);
    assert.equal(findUsualMs([900_000, 41_000, 39_000]), 41_000);
    assert.equal(findUsualMs([1, 900_000, 41_000, 40_001]), 40_501);
  });
});
