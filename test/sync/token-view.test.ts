import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesBetween, type LicensesBefore, stoppedAsking, withKnownNames } from '../../src/domain/licenses.ts';
import { nextReadInMs, type RunOutcome } from '../../src/domain/sync-run.ts';
import { endedItem } from '../../src/sync/batch-item.ts';
import { phaseOf } from '../../src/sync/token-view.ts';
import { runOf } from '../support/runs.ts';
import { tokenOf } from '../support/turns.ts';

const before = tokenOf('token-1');

test('reads first within 2 s, then at least every 3 s', () => {
  const reads: number[] = [];
  for (let at = 0; at < 120_000; ) {
    at += nextReadInMs(at);
    reads.push(at);
  }
  const gaps = reads.map((at, index) => ({ at, gap: at - (reads[index - 1] ?? 0) }));
  assert.ok((reads[0] ?? Number.POSITIVE_INFINITY) <= 2000);
  for (const { at, gap } of gaps.slice(1)) assert.ok(gap <= 3000, `${gap} ms before ${at}`);
  assert.ok(reads.length < 50, 'Graph is not asked more often than needed');
});

test('lists the changes of a token in the order people care about', () => {
  const after = tokenOf('token-1', {
    state: 'expired',
    expirationDateTime: '2028-01-01T00:00:00Z',
    lastSyncDateTime: '2026-11-23T08:00:00Z',
    lastModifiedDateTime: '2026-11-23T08:00:01Z',
    organizationName: 'Fabrikam',
    appleId: 'mo@fabrikam.com',
  });
  assert.deepEqual(changesBetween(before, after), [
    { what: 'state', before: 'valid', after: 'expired' },
    { what: 'expiry', before: '2027-06-01T00:00:00Z', after: '2028-01-01T00:00:00Z' },
    { what: 'organization', before: 'Contoso', after: 'Fabrikam' },
    { what: 'appleId', after: 'mo@fabrikam.com' },
  ]);
});

test('a date that was not there before, or is gone, is a change with one side', () => {
  const { expirationDateTime, ...endless } = before;
  assert.deepEqual(changesBetween(endless, before), [{ what: 'expiry', after: expirationDateTime }]);
  assert.deepEqual(changesBetween(before, endless), [{ what: 'expiry', before: expirationDateTime }]);
  assert.deepEqual(changesBetween(before, before), []);
});

test('one moment written in two ways is no change, and a name that looks like a date is a name', () => {
  assert.deepEqual(changesBetween(before, { ...before, expirationDateTime: '2027-06-01T00:00:00.0000000Z' }), []);
  const [one, other] = ['1', '01'].map((organizationName) => ({ ...before, organizationName }));
  assert.equal(changesBetween(one ?? before, other ?? before).length, 1);
});

test('fields of beta alone are compared only when it answered both times, and its names stay known', () => {
  const named = { ...before, displayName: 'HQ', locationName: 'Berlin', state: 'duplicateLocationId' };
  const silent = { ...before, state: 'unknown' };
  assert.deepEqual(changesBetween(named, silent), []);
  assert.deepEqual(changesBetween(silent, named), []);
  assert.deepEqual(
    changesBetween(named, { ...named, locationName: 'Bonn', state: 'valid' }).map(({ what }) => what),
    ['state', 'location'],
  );
  assert.deepEqual(withKnownNames(named, silent), { ...silent, displayName: 'HQ', locationName: 'Berlin' });
  const renamed = { ...named, displayName: 'Head office' };
  assert.deepEqual(withKnownNames(named, renamed), renamed);
});

test('a run that goes on is shown as running, a joined one with whose sync it is', () => {
  assert.deepEqual(phaseOf(runOf({ startedAt: 7 })), { kind: 'running', startedAt: 7 });
  const ours = { joined: true, startedAt: 30_000, joinedSince: 7000 };
  assert.deepEqual(phaseOf(runOf(ours), { leaderName: 'Elif', now: 30_000 }), {
    kind: 'running',
    startedAt: 7000,
    elapsedMs: 23_000,
    joined: { alreadyRunning: true, byName: 'Elif' },
  });
});

test('a sync that was begun elsewhere has gone on since Intune touched the token, as far as is known', () => {
  const startedAt = Date.parse('2026-11-23T08:00:00Z');
  const sinceOf = (lastModifiedDateTime: string, lastSyncStatus = 'inProgress') => {
    const joined = { ...before, lastModifiedDateTime, lastSyncStatus };
    const phase = phaseOf(runOf({ joined: true, startedAt, before: joined }));
    return phase.kind === 'running' ? phase.startedAt : assert.fail();
  };
  assert.equal(sinceOf('2026-11-23T07:50:00Z'), startedAt - 600_000);
  assert.equal(sinceOf('2026-11-23T08:00:05Z'), startedAt, 'no later than it was joined');
  assert.equal(sinceOf('soon'), undefined);
  assert.equal(sinceOf('2026-11-23T07:50:00Z', 'completed'), undefined);
});

test('a run says for how long it has gone on, and what is usual', () => {
  const run = runOf({ startedAt: 1000, usualMs: 40_000 });
  for (const elapsedMs of [999, 10_000])
    assert.deepEqual(phaseOf(run, { now: 1000 + elapsedMs }), {
      kind: 'running',
      startedAt: 1000,
      usualMs: 40_000,
      elapsedMs,
    });
});

const ended = { phase: 'ended', startedAt: 1000, endedAt: 43_000, outcome: 'completed', tookMs: 42_000 } as const;

test('a run that ended is shown with its outcome, duration and changes', () => {
  const after = tokenOf('token-1', { state: 'expired' });
  const app = { what: 'app', id: 'a', name: 'Notes', after: { used: 0, total: 5 } } as const;
  const licenses = { kind: 'compared', approximate: true, apps: [app] } as const;
  assert.deepEqual(phaseOf(runOf({ ...ended, after, licenses })), {
    kind: 'ended',
    outcome: 'completed',
    durationMs: 42_000,
    changes: [{ what: 'state', before: 'valid', after: 'expired' }, app],
    licenses: { kind: 'compared', approximate: true },
  });
});

test('licences are still being compared until the end was reported, and then they were not', () => {
  const licensesOf = (changes: Parameters<typeof runOf>[0]) => {
    const phase = phaseOf(runOf({ ...ended, after: before, ...changes }));
    return phase.kind === 'ended' ? phase.licenses : assert.fail();
  };
  assert.deepEqual(licensesOf({}), { kind: 'pending' });
  assert.deepEqual(licensesOf({ reportedAt: 44_000 }), { kind: 'notCompared' });
  const slow = { kind: 'notCompared', why: 'slow' } as const;
  assert.deepEqual(licensesOf({ licenses: slow }), slow);
  for (const outcome of ['stuck', 'noResult', 'deleted', 'notStarted', 'lost'] as const)
    assert.equal(licensesOf({ outcome }), undefined, outcome);
});

test('a run whose process was stopped while it asked is shown as that, not as an unclear answer', () => {
  const isStopped = (changes: Parameters<typeof runOf>[0]) => {
    const phase = phaseOf(runOf({ ...ended, outcome: 'notStarted', uncertain: true, ...changes }));
    return phase.kind === 'ended' ? phase.stoppedAsking : assert.fail();
  };
  assert.equal(isStopped({ licensesBefore: stoppedAsking }), true);
  assert.equal(isStopped({ licensesBefore: { kind: 'unread', why: 'slow' } }), undefined);
  assert.equal(isStopped({}), undefined);
  const item = { tokenId: 'token-1', name: 'Contoso', joined: false };
  const batchOutcomeOf = (licensesBefore: LicensesBefore) =>
    endedItem(item, runOf({ ...ended, outcome: 'notStarted', licensesBefore })).outcome;
  assert.equal(batchOutcomeOf(stoppedAsking), 'stoppedAsking');
  assert.equal(batchOutcomeOf({ kind: 'unread', why: 'slow' }), 'notStarted');
});

test('a failure that left the date of the last sync where it was says so; one that moved it does not', () => {
  const unmovedDateOf = (lastSyncDateTime: string | undefined, outcome: RunOutcome = 'failed') => {
    const after = { ...before, lastSyncStatus: 'failed', ...(lastSyncDateTime && { lastSyncDateTime }) };
    const phase = phaseOf(runOf({ ...ended, outcome, after }));
    return phase.kind === 'ended' ? phase.unmovedDate : assert.fail();
  };
  assert.equal(unmovedDateOf(before.lastSyncDateTime), before.lastSyncDateTime);
  assert.equal(unmovedDateOf('2026-11-23T08:00:00Z'), undefined);
  assert.equal(unmovedDateOf(before.lastSyncDateTime, 'completed'), undefined);
});

test('an end that nobody watched has no duration; how long a sync stayed without a result is still known', () => {
  const { tookMs: _, ...unwatched } = ended;
  const durationOf = (outcome: RunOutcome) => {
    const phase = phaseOf(runOf({ ...unwatched, outcome }));
    return phase.kind === 'ended' ? phase.durationMs : assert.fail();
  };
  assert.deepEqual((['completed', 'failed', 'noResult', 'stuck'] as const).map(durationOf), [
    undefined,
    undefined,
    42_000,
    42_000,
  ]);
});

test('a receipt says why it is not known how long a sync took', () => {
  const { tookMs: _, ...unwatched } = ended;
  const untimedOf = (changes: Parameters<typeof runOf>[0]) => {
    const phase = phaseOf(runOf({ ...unwatched, ...changes }));
    return phase.kind === 'ended' ? phase.untimed : assert.fail();
  };
  const failed = { ...before, lastSyncStatus: 'failed' };
  assert.equal(untimedOf({}), 'restarted');
  assert.equal(untimedOf({ joined: true }), 'joined');
  assert.equal(untimedOf({ joined: true, joinedSince: 5 }), 'restarted');
  assert.equal(untimedOf({ outcome: 'failed', before: failed, after: failed }), 'unseen');
  assert.equal(untimedOf({ tookMs: 5 }), undefined);
});

test('a clock that was set back gives no negative duration', () => {
  const phase = phaseOf(runOf({ phase: 'ended', startedAt: 5000, endedAt: 1000, outcome: 'lost' }));
  assert.deepEqual(phase, { kind: 'ended', outcome: 'lost', durationMs: 0, changes: [] });
});
