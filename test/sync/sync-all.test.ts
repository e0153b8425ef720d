import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { DelegatedGraph } from '../../src/domain/graph.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { minuteMs } from '../../src/lib/time.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createPlanSyncs, listDrifts, type SyncPlan } from '../../src/sync/sync-all.ts';
import { runOf } from '../support/runs.ts';
import { createRuntime } from '../support/runtime.ts';
import { authorizedTurn, expired, openStore, tokenOf } from '../support/turns.ts';

const now = Date.parse('2026-11-23T08:00:00Z');

async function createRig(t: TestContext, cooldownMs = 5 * minuteMs) {
  const runs = createSyncRuns(await openStore(t));
  const planSyncs = createPlanSyncs({ runtime: createRuntime({ now: () => now }), runs, cooldownMs, beta: false });
  const planOf = (...tokens: readonly VppToken[]) => {
    const graph: DelegatedGraph = {
      get: () => Promise.reject(new Error('A plan lists')),
      listPages: async (_, { toItem = (row: unknown) => row } = {}) => tokens.map(toItem),
      post: () => Promise.reject(new Error('A plan starts nothing')),
    };
    return planSyncs(authorizedTurn(graph));
  };
  return { runs, planOf };
}

const reasonsIn = (plan: SyncPlan) => plan.skipped.map(({ token, reason }) => [token.id, reason]);
const idsIn = (plan: SyncPlan) => plan.run.map(({ id }) => id);
const inProgressSince = (id: string, ms: number) =>
  tokenOf(id, { lastSyncStatus: 'inProgress', lastModifiedDateTime: new Date(now - ms).toISOString() });

test('what can work runs, whatever became of its last sync; what cannot is left out with its reason', async (t) => {
  const { planOf } = await createRig(t);
  const plan = await planOf(
    tokenOf('never', { lastSyncStatus: 'none' }),
    tokenOf('failed', { lastSyncStatus: 'failed' }),
    tokenOf('expired', expired),
    tokenOf('invalid', { state: 'invalid' }),
    tokenOf('elsewhere', { state: 'assignedToExternalMDM' }),
    tokenOf('duplicate', { state: 'duplicateLocationId' }),
    tokenOf('new', { state: 'aStateNobodyKnows' }),
  );
  assert.deepEqual(idsIn(plan), ['never', 'failed', 'duplicate', 'new']);
  assert.deepEqual(reasonsIn(plan), [
    ['expired', 'expired'],
    ['invalid', 'invalid'],
    ['elsewhere', 'assignedToExternalMDM'],
  ]);
});

test('a sync in progress is left out while it is fresh, and run anew once it is stuck', async (t) => {
  const { planOf } = await createRig(t);
  const plan = await planOf(inProgressSince('fresh', 29 * minuteMs), inProgressSince('stuck', 30 * minuteMs));
  assert.deepEqual([idsIn(plan), reasonsIn(plan)], [['stuck'], [['fresh', 'inProgress']]]);
});

test('a token that a run of ours leads for is in progress, even when Graph does not show it yet', async (t) => {
  const { runs, planOf } = await createRig(t);
  await runs.add(runOf({ id: 'a', tokenId: 'led', phase: 'posting' }));
  await runs.add(runOf({ id: 'b', tokenId: 'elsewhere', tenantId: 'other' }));
  const plan = await planOf(tokenOf('led'), tokenOf('elsewhere'));
  assert.deepEqual([idsIn(plan), reasonsIn(plan)], [['elsewhere'], [['led', 'inProgress']]]);
});

test('a token synced within the cool-down rests, to its last millisecond and not without a cool-down', async (t) => {
  for (const cooldownMs of [5 * minuteMs, 0]) {
    const { runs, planOf } = await createRig(t, cooldownMs);
    const ended = { phase: 'ended', outcome: 'completed' } as const;
    await runs.add(runOf({ ...ended, id: 'a', tokenId: 'resting', endedAt: now - 5 * minuteMs + 1 }));
    await runs.add(runOf({ ...ended, id: 'b', tokenId: 'rested', endedAt: now - 5 * minuteMs }));
    await runs.add(runOf({ ...ended, id: 'c', tokenId: 'failed', outcome: 'failed', endedAt: now - 1 }));
    const plan = await planOf(tokenOf('resting'), tokenOf('rested'), tokenOf('failed'));
    assert.deepEqual(reasonsIn(plan), cooldownMs === 0 ? [] : [['resting', 'coolingDown']]);
  }
});

test('a token that can never work is skipped for that reason, though it is syncing', async (t) => {
  const { planOf } = await createRig(t);
  const plan = await planOf({ ...inProgressSince('a', minuteMs), ...expired });
  assert.deepEqual(reasonsIn(plan), [['a', 'expired']]);
});

const named = (id: string) => ({ id, name: `Name of ${id}` });

test('drift names what would not run any more, with the reason, and what would run too', async (t) => {
  const { planOf } = await createRig(t);
  const anew = await planOf(tokenOf('same'), tokenOf('bad', { state: 'invalid' }), tokenOf('added'));
  const names = new Map(['same', 'bad', 'added'].map((id) => [id, `${id} now`]));
  assert.deepEqual(listDrifts([named('same'), named('bad'), named('gone')], anew, names), [
    { name: 'Name of bad', what: 'invalid' },
    { name: 'Name of gone', what: 'gone' },
    { name: 'added now', what: 'added' },
  ]);
});

test('the same set is no drift, in whatever order, with whatever changed that does not matter', async (t) => {
  const { planOf } = await createRig(t);
  const anew = await planOf(tokenOf('b', { state: 'duplicateLocationId' }), tokenOf('a'), tokenOf('x', expired));
  assert.deepEqual(listDrifts([named('a'), named('b')], anew, new Map()), []);
});
