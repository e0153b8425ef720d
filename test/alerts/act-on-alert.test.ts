import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createActOnAlert } from '../../src/alerts/act-on-alert.ts';
import type { Alert } from '../../src/domain/alert.ts';
import type { AlertRepositories, Alerts, InAlertTransaction } from '../../src/domain/alert-repositories.ts';
import type { DelegatedGraph } from '../../src/domain/graph.ts';
import { alertOf } from '../support/contoso-berlin.ts';
import { authorizedTurn, tenantId, tokenOf } from '../support/turns.ts';

const graph = { get: async () => ({ ...tokenOf('token-1') }) } as Partial<DelegatedGraph> as DelegatedGraph;
const turn = authorizedTurn(graph);

/** An alert that monitoring changes `times` times between its reading and its writing. */
function createBed(times: number) {
  let stored: Alert = alertOf('syncFailed', { tenantId, tokenId: 'token-1' });
  let changes = times;
  const alerts = {
    find: async () => stored,
    async put(alert: Alert) {
      if (changes > 0) {
        changes -= 1;
        stored = { ...stored, revision: stored.revision + 1, notifiedAt: stored.notifiedAt + 1 };
      }
      if (alert.revision !== stored.revision + 1) return false;
      stored = alert;
      return true;
    },
  };
  const none = {
    subscriptions: { listPage: async () => ({ subscriptions: [] }) },
    deliveries: { addAll: async () => {} },
  };
  const inAlertTransaction: InAlertTransaction = (work) => work({ alerts, ...none } as unknown as AlertRepositories);
  let queued = 0;
  const onQueued = () => {
    queued += 1;
  };
  const act = createActOnAlert({ alerts: alerts as unknown as Alerts, inAlertTransaction, onQueued, beta: false });
  return { act, find: () => stored, queued: () => queued };
}

test('an alert that monitoring changes meanwhile is read again, and nothing of that change is lost', async () => {
  const { act, find, queued } = createBed(3);
  assert.equal((await act.act(turn, 'alert-1', { kind: 'acknowledge' })).kind, 'done');
  const { acknowledged, revision, notifiedAt } = find();
  assert.deepEqual(acknowledged, { by: 'Ada Lindqvist', at: turn.at });
  assert.deepEqual([revision, notifiedAt], [5, alertOf('syncFailed').notifiedAt + 3]);
  assert.equal(queued(), 1);
});

test('one that changes each time it is read is given up as busy', async () => {
  const { act, find, queued } = createBed(100);
  assert.deepEqual(await act.act(turn, 'alert-1', { kind: 'snooze', days: 1 }), { kind: 'busy' });
  assert.equal(find().snoozed, undefined);
  assert.equal(queued(), 0);
});
