import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertDrawings } from '../../src/alerts/views.ts';
import { createDrawWeekly } from '../../src/alerts/weekly.ts';
import type { TokenSnapshot } from '../../src/domain/alert.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { place, subscription } from '../support/alert-stored.ts';
import { ada, at, dayMs } from '../support/stored.ts';
import { alertOf } from './telling-samples.ts';

const snapshotOf = (id: string): TokenSnapshot => ({
  ...{ tenantId: ada.tenantId, firstSeenAt: at, seenAt: at },
  token: { id } as VppToken,
});

test('a week is drawn of what its subscription covers and chose, and of nothing else', async () => {
  const asked: unknown[] = [];
  const drawn: Parameters<AlertDrawings['weekly']>[0][] = [];
  const draw = createDrawWeekly({
    snapshots: { listOfTenant: async () => ['t1', 't2'].map(snapshotOf) },
    alerts: {
      listOpen: async () => [
        alertOf('a', { tokenId: 't1' }),
        alertOf('b', { tokenId: 't2' }),
        alertOf('c', { tokenId: 't1', condition: 'syncFailed', stage: 'syncFailed' }),
      ],
    },
    syncs: {
      async countEnded(...of) {
        asked.push(of);
        return { completed: 3, failed: 1, stuck: 1, noResult: 0 };
      },
    },
    draw(data) {
      drawn.push(data);
      return { card: { type: 'AdaptiveCard', version: '1.4' }, summary: 'week' };
    },
    now: () => at,
  });
  const at1 = { conversation: place, drawn: new Map(), send: () => assert.fail('nothing is sent here') };
  await draw({ ...at1, subscription: subscription('one', { scope: ['t1'] }) });
  await draw({ ...at1, subscription: subscription('all') });
  const words = drawn.map(({ tokens, alerts }) => [tokens.map(({ id }) => id), alerts.map(({ id }) => id)]);
  assert.deepEqual(words, [
    [['t1'], ['a']],
    [
      ['t1', 't2'],
      ['a', 'b'],
    ],
  ]);
  assert.deepEqual(asked, [
    [ada.tenantId, ['t1'], at - 7 * dayMs],
    [ada.tenantId, 'all', at - 7 * dayMs],
  ]);
  assert.deepEqual(drawn[0]?.syncs, { completed: 3, failed: 1, stuck: 1, noResult: 0 });
  assert.deepEqual([drawn[0]?.locale, drawn[0]?.conversationKind, drawn[0]?.now], ['zh-CN', 'channel', at]);
});
