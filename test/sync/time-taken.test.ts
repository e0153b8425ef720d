import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTimeTakenMs, type SeenEnd, type TokenRun } from '../../src/domain/sync-run.ts';
import { tokenOf } from '../dialogs/turns.ts';
import { runOf } from './runs.ts';

const startedAt = Date.parse('2026-11-23T08:00:00Z');
const at = (second: number) => new Date(startedAt + second * 1000).toISOString();
const failedBefore = tokenOf('token-1', { lastSyncStatus: 'failed' });

interface Case {
  /** Seconds after the POST; null when the date did not move. */
  readonly dated: number | null;
  readonly seen: number;
  readonly inProgressSeen?: number;
  readonly status?: string;
  readonly run?: Partial<TokenRun>;
  readonly took: number | undefined;
}

const cases: Readonly<Record<string, Case>> = {
  'a sync took until the moment that Intune dates it to, not until the look that saw it': {
    ...{ dated: 4, seen: 6, inProgressSeen: 3.5, took: 4 },
  },
  'a failure that moved the date, too': { dated: 34, seen: 36, inProgressSeen: 33.5, status: 'failed', took: 34 },
  'a failure that did not move it took until it was seen': { dated: null, seen: 6, status: 'failed', took: 6 },
  'a date ahead of our clock is not right': { dated: 9, seen: 6, took: 6 },
  'a date before the POST is not right': { dated: -1, seen: 6, took: 6 },
  'a date from before it was last seen in progress is no end': { dated: 1, seen: 36, inProgressSeen: 33.5, took: 36 },
  'clocks may differ a little': { dated: 32, seen: 36, inProgressSeen: 33.5, took: 32 },
  'of a sync that was begun elsewhere it is not known': { dated: 4, seen: 6, run: { joined: true }, took: undefined },
  'a join of a sync of ours took from the first request': {
    ...{ dated: 4, seen: 6, run: { joined: true, joinedSince: startedAt - 20_000 }, took: 24 },
  },
  'a failure that was never seen to turn took who knows how long': {
    ...{ dated: null, seen: 130, status: 'failed', run: { before: failedBefore }, took: undefined },
  },
  'a failure like the one before, seen in progress in between, took until it was seen': {
    ...{ dated: null, seen: 6, status: 'failed', run: { before: failedBefore, seenInProgress: true }, took: 6 },
  },
};

for (const [why, { dated, seen, inProgressSeen, status = 'completed', run, took }] of Object.entries(cases)) {
  test(`${why} (${took})`, () => {
    const after = tokenOf('token-1', {
      lastSyncStatus: status,
      ...(dated !== null && { lastSyncDateTime: at(dated) }),
    });
    const end: SeenEnd = {
      ...{ after, endedAt: startedAt + seen * 1000 },
      ...(inProgressSeen !== undefined && { inProgressAt: startedAt + inProgressSeen * 1000 }),
    };
    const ms = findTimeTakenMs(runOf({ startedAt, ...run }), end);
    assert.equal(ms === undefined ? undefined : ms / 1000, took);
  });
}
