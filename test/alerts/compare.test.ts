import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from '../../src/alerts/pass.ts';
import type { TokenSnapshot } from '../../src/domain/alert.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { snapshotOf, tokenOf } from '../store/alert-samples.ts';
import { ada, at, minuteMs } from '../store/stored.ts';

const now = at + 15 * minuteMs;
const compareWith = (before: readonly TokenSnapshot[], tokens: readonly VppToken[], betaMissing = false) =>
  compare(before, { tenantId: ada.tenantId, tokens, betaMissing, now });
const iso = (time: number) => new Date(time).toISOString();

/** The one token's snapshot after a look, from what a look before it saw. */
function after(
  before: Partial<VppToken>,
  seen: Partial<VppToken>,
  known: Partial<TokenSnapshot> = {},
  betaMissing = false,
) {
  const last = snapshotOf('a', { token: tokenOf('a', before), ...known });
  const [snapshot] = compareWith([last], [tokenOf('a', seen)], betaMissing).current;
  return snapshot ?? assert.fail();
}

test('what did not change is not written again', () => {
  const known = [snapshotOf('a'), snapshotOf('b'), snapshotOf('c')];
  const { current, changed, gone } = compareWith(
    known,
    ['a', 'b', 'c'].map((id) => tokenOf(id, id === 'b' ? { state: 'expired' } : {})),
  );
  assert.deepEqual(
    current.map(({ token, seenAt }) => [token.id, seenAt]),
    [
      ['a', at],
      ['b', now],
      ['c', at],
    ],
  );
  assert.deepEqual(changed, [current[1]]);
  assert.deepEqual(gone, []);
});

test('a token that was not there before is seen first now, one that is not there any more is gone', () => {
  const { current, changed, gone } = compareWith([snapshotOf('a'), snapshotOf('b')], [tokenOf('b'), tokenOf('c')]);
  assert.deepEqual(changed, [snapshotOf('c', { firstSeenAt: now, seenAt: now })]);
  assert.equal(current.length, 2);
  assert.deepEqual(gone, ['a']);
});

test('an empty list leaves none, and nothing before it none to lose', () => {
  assert.deepEqual(compareWith([snapshotOf('a')], []), { current: [], changed: [], gone: ['a'] });
  assert.deepEqual(compareWith([], []), { current: [], changed: [], gone: [] });
});

test('the newest completed sync is kept, through failures and syncs that go on', () => {
  const syncedAt = at - 60 * minuteMs;
  const completed = { lastSyncStatus: 'completed', lastSyncDateTime: iso(syncedAt) };
  assert.equal(after({}, completed).completedAt, syncedAt);
  const known = { completedAt: syncedAt };
  assert.equal(after(completed, { ...completed, lastSyncDateTime: iso(at) }, known).completedAt, at);
  assert.equal(after(completed, { lastSyncStatus: 'failed', lastSyncDateTime: iso(at) }, known).completedAt, syncedAt);
  assert.equal(after(completed, { lastSyncStatus: 'inProgress' }, known).completedAt, syncedAt);
  assert.equal(after(completed, { lastSyncStatus: 'none' }, known).completedAt, syncedAt);
  assert.equal(after({}, { lastSyncStatus: 'failed', lastSyncDateTime: iso(at) }).completedAt, undefined);
  assert.equal(after(completed, { ...completed, lastSyncDateTime: iso(at - 1e9) }, known).completedAt, syncedAt);
});

test('a sync in progress is timed from its first sight, until it ends or another one has begun', () => {
  const going = { lastSyncStatus: 'inProgress', lastSyncDateTime: iso(at - 1e9) };
  assert.equal(after({}, going).inProgressSince, now);
  assert.equal(after(going, going, { inProgressSince: at }).inProgressSince, at);
  const touched = { ...going, lastModifiedDateTime: iso(at) };
  assert.equal(after(going, touched, { inProgressSince: at }).inProgressSince, at, 'an edit is no other sync');
  const another = { ...going, lastSyncDateTime: iso(at) };
  assert.equal(after(going, another, { inProgressSince: at }).inProgressSince, now);
  assert.equal(after(going, { lastSyncStatus: 'completed' }, { inProgressSince: at }).inProgressSince, undefined);
});

test('what beta told last stands while it does not answer, and goes when it says otherwise', () => {
  const named = { displayName: 'West', locationName: 'Store 12', state: 'duplicateLocationId' };
  const { token } = after(named, { state: 'unknown' }, {}, true);
  assert.deepEqual(token, tokenOf('a', named));
  assert.equal(after(named, { state: 'valid' }, {}, true).token.state, 'duplicateLocationId');
  assert.equal(after(named, { state: 'expired' }, {}, true).token.state, 'expired');
  assert.equal(after({ state: 'invalid' }, { state: 'valid' }, {}, true).token.state, 'valid');
  assert.deepEqual(after(named, { state: 'valid' }).token, tokenOf('a'));
});

test('a look without beta’s answer writes nothing when nothing else changed', () => {
  const known = snapshotOf('a', { token: tokenOf('a', { displayName: 'West' }) });
  assert.deepEqual(compareWith([known], [tokenOf('a')], true).changed, []);
});
