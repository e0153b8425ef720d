import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areLicensesDue, tenantAfter } from '../../src/alerts/pass.ts';
import type { TenantReading } from '../../src/alerts/read-tenant.ts';
import { observeMonitoring } from '../../src/domain/alert-observations.ts';
import type { WatchedTenant } from '../../src/domain/alert-repositories.ts';
import { at, dayMs, minuteMs } from '../store/stored.ts';

const intervalMs = 15 * minuteMs;
const times = { startedAt: at, now: at + minuteMs, intervalMs, chance: 0.5 };
const before: WatchedTenant = {
  tenantId: 'a',
  dueAt: at,
  passedAt: at - 1,
  goodAt: at - 1,
  failedPasses: 0,
  licensesAt: 7,
};
const seen = { kind: 'seen', tokens: [], betaMissing: false } as const;
const failure = { part: 'tokens', reason: 'throttled', code: '429' } as const;
const failed: TenantReading = { kind: 'failed', failure };
const noLicenses: TenantReading = { ...seen, licenses: { failure: { part: 'licenses', reason: 'missingScope' } } };

test('a good pass ends what failed before it', () => {
  const broken = { ...before, failedPasses: 5, failure };
  const after = { tenantId: 'a', dueAt: at + intervalMs, passedAt: times.now, goodAt: times.now, failedPasses: 0 };
  assert.deepEqual(tenantAfter(broken, seen, times), { ...after, licensesAt: 7 });
  assert.deepEqual(tenantAfter(before, { ...seen, apps: new Map() }, times), { ...after, licensesAt: times.now });
});

test('failed passes are counted, and the last good one remembered', () => {
  const once = tenantAfter(before, failed, times);
  assert.deepEqual(once, { ...before, dueAt: at + intervalMs, passedAt: times.now, failedPasses: 1, failure });
  assert.equal(tenantAfter(once, failed, times).failedPasses, 2);
  const { goodAt: _, passedAt: __, ...never } = before;
  assert.equal('goodAt' in tenantAfter(never, failed, times), false);
});

test('a pass that could not read licences has failed, and reads them again next time', () => {
  const { licensesAt: _, ...unread } = before;
  const after = tenantAfter(unread, noLicenses, times);
  assert.deepEqual([after.failedPasses, after.failure?.part, after.goodAt], [1, 'licenses', before.goodAt]);
  assert.equal(areLicensesDue(after, times.now), true);
});

test('the next pass begins an interval after this one began, a twentieth more or less', () => {
  const dueIn = (chance: number) => tenantAfter(before, seen, { ...times, chance }).dueAt - at;
  assert.deepEqual([0, 0.5, 1].map(dueIn), [0.95 * intervalMs, intervalMs, 1.05 * intervalMs]);
  const slow = { ...times, now: at + 2 * intervalMs };
  assert.equal(tenantAfter(before, seen, slow).dueAt, slow.now, 'one that took longer is followed at once');
});

test('Graph is left alone for as long as it asks for, an hour at most', () => {
  const dueAfter = (retryAfterMs: number) => tenantAfter(before, { ...failed, retryAfterMs }, times).dueAt;
  assert.equal(dueAfter(1_000), at + intervalMs);
  assert.equal(dueAfter(20 * minuteMs), times.now + 20 * minuteMs);
  assert.equal(dueAfter(dayMs), times.now + 60 * minuteMs);
});

test('licences are due daily, when asked for, and when the clock was set back', () => {
  const { licensesAt: _, ...asked } = before;
  assert.equal(areLicensesDue(asked, at), true);
  const dueAt = (now: number) => areLicensesDue({ ...before, licensesAt: at }, now);
  assert.deepEqual(
    [0, dayMs - 1, dayMs, -1].map((ms) => dueAt(at + ms)),
    [false, false, true, true],
  );
});

test('who can mend broken monitoring decides its stage', () => {
  const stageOf = (reason: string) => {
    const observed = observeMonitoring({ ...before, failedPasses: 2, failure: { part: 'tokens', reason } });
    return observed.is === 'present' ? observed.stage : undefined;
  };
  for (const reason of ['throttled', 'unavailable', 'timedOut']) assert.equal(stageOf(reason), 'unanswered');
  for (const reason of ['missingScope', 'wrongClientSecret', 'forbidden', 'unreadable', 'unexpected'])
    assert.equal(stageOf(reason), 'monitoringBroken');
});

test('monitoring is broken from the second failed pass in a row, until a good one', () => {
  const observedAfter = (changes: Partial<WatchedTenant>) => observeMonitoring({ ...before, ...changes });
  const condition = 'monitoringBroken';
  const stage = 'unanswered';
  assert.deepEqual(observedAfter({}), { condition, is: 'absent', ending: 'resolved' });
  assert.deepEqual(observedAfter({ failedPasses: 1, failure }), { condition, is: 'unknown' });
  const detail = { since: before.goodAt, failure };
  assert.deepEqual(observedAfter({ failedPasses: 2, failure }), { condition, is: 'present', stage, detail });
  const { goodAt: _, ...never } = { ...before, failedPasses: 2, failure };
  assert.deepEqual(observeMonitoring(never), { condition, is: 'present', stage, detail: { failure } });
});
