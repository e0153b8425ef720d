import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesBetween } from '../../src/sync/changes.ts';
import { nextLookInMs } from '../../src/sync/look-schedule.ts';
import { phaseOf } from '../../src/sync/run-phase.ts';
import { tokenOf } from '../dialogs/turns.ts';
import { runOf } from './runs.ts';

const before = tokenOf('token-1');

test('looks first within 2 s, then at least every 3 s for a minute, then at least every 4 s', () => {
  const looks: number[] = [];
  for (let at = 0; at < 120_000; ) {
    at += nextLookInMs(at);
    looks.push(at);
  }
  const gaps = looks.map((at, index) => ({ at, gap: at - (looks[index - 1] ?? 0) }));
  assert.ok((looks[0] ?? Number.POSITIVE_INFINITY) <= 2000);
  for (const { at, gap } of gaps.slice(1)) assert.ok(gap <= (at <= 60_000 ? 3000 : 4000), `${gap} ms before ${at}`);
  assert.ok(looks.length < 50, 'Graph is not asked more often than needed');
});

test('tells what changed on a token, in the order people care about', () => {
  const after = tokenOf('token-1', {
    state: 'expired',
    expirationDateTime: '2028-01-01T00:00:00Z',
    lastSyncDateTime: '2026-11-23T08:00:00Z',
    lastModifiedDateTime: '2026-11-23T08:00:01Z',
  });
  assert.deepEqual(changesBetween(before, after), [
    { what: 'state', before: 'valid', after: 'expired' },
    { what: 'expiry', before: '2027-06-01T00:00:00Z', after: '2028-01-01T00:00:00Z' },
    { what: 'lastSync', before: before.lastSyncDateTime, after: '2026-11-23T08:00:00Z' },
  ]);
});

test('a date that was not there before, or is gone, is a change with one side', () => {
  const { lastSyncDateTime, ...never } = before;
  assert.deepEqual(changesBetween(never, before), [{ what: 'lastSync', after: lastSyncDateTime }]);
  assert.deepEqual(changesBetween(before, never), [{ what: 'lastSync', before: lastSyncDateTime }]);
  assert.deepEqual(changesBetween(before, before), []);
});

test('a run that goes on is shown as running, a joined one with whose sync it is', () => {
  assert.deepEqual(phaseOf(runOf({ startedAt: 7 })), { kind: 'running', startedAt: 7 });
  assert.deepEqual(phaseOf(runOf({ joined: true })), {
    kind: 'running',
    startedAt: 0,
    joined: { alreadyRunning: true },
  });
  assert.deepEqual(phaseOf(runOf({ joined: true }), 'Elif'), {
    kind: 'running',
    startedAt: 0,
    joined: { alreadyRunning: true, byName: 'Elif' },
  });
});

test('a run that ended is shown with its outcome, duration and changes', () => {
  const after = tokenOf('token-1', { state: 'expired' });
  const phase = phaseOf(runOf({ phase: 'ended', startedAt: 1000, endedAt: 43_000, outcome: 'completed', after }));
  assert.deepEqual(phase, {
    kind: 'ended',
    outcome: 'completed',
    durationMs: 42_000,
    changes: [{ what: 'state', before: 'valid', after: 'expired' }],
  });
});

test('a clock that was set back gives no negative duration', () => {
  const phase = phaseOf(runOf({ phase: 'ended', startedAt: 5000, endedAt: 1000, outcome: 'lost' }));
  assert.deepEqual(phase, { kind: 'ended', outcome: 'lost', durationMs: 0, changes: [] });
});
