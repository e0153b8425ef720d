import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertViews } from '../../src/alerts/announce.ts';
import { createDrawWeekly } from '../../src/alerts/weekly.ts';
import type { TokenSnapshot } from '../../src/domain/alert.ts';
import type { AlertRepositories } from '../../src/domain/alert-repositories.ts';
import { dayOf } from '../../src/domain/license-runway.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { dayMs } from '../../src/lib/time.ts';
import { place, subscription } from '../support/alert-stored.ts';
import { createRuntime } from '../support/runtime.ts';
import { ada, at } from '../support/stored.ts';
import { alertOf } from './delivery-samples.ts';

const snapshotOf = (id: string): TokenSnapshot => ({
  tenantId: ada.tenantId,
  firstSeenAt: at,
  seenAt: at,
  token: { id } as VppToken,
});

test('a week is drawn of what its subscription covers and chose, and of nothing else', async () => {
  const asked: unknown[] = [];
  const drawn: Parameters<AlertViews['weekly']>[0][] = [];
  const draw = createDrawWeekly({
    runtime: createRuntime({ now: () => at }),
    repositories: {
      snapshots: { listOfTenant: async () => ['t1', 't2'].map(snapshotOf) },
      alerts: {
        listOpen: async () => [
          alertOf('a', { tokenId: 't1' }),
          alertOf('b', { tokenId: 't2' }),
          alertOf('c', { tokenId: 't1', condition: 'syncFailed', stage: 'syncFailed' }),
        ],
      },
      countedApps: {
        async listRunningOut(...of: unknown[]) {
          asked.push(of);
          return [
            { id: 'a', tokenId: 't1', name: 'Maps', day: dayOf(at), used: 4, total: 5, runsOutOn: dayOf(at) + 3 },
          ];
        },
      },
      syncCounts: {
        async countEnded(...of) {
          asked.push(of);
          return { completed: 3, failed: 1, stuck: 1, noResult: 0 };
        },
      },
    } as Pick<AlertRepositories, 'syncCounts'> as AlertRepositories,
    views: {
      async weekly(data) {
        drawn.push(data);
        return { card: { type: 'AdaptiveCard', version: '1.4' }, summary: 'week' };
      },
    } as Pick<AlertViews, 'weekly'> as AlertViews,
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
    [ada.tenantId, dayOf(at), 14, ['t1']],
    [ada.tenantId, ['t1'], at - 7 * dayMs],
    [ada.tenantId, dayOf(at), 14, undefined],
    [ada.tenantId, 'all', at - 7 * dayMs],
  ]);
  assert.deepEqual(drawn[0]?.runsOut, [{ name: 'Maps', tokenId: 't1', daysLeft: 3 }]);
  assert.deepEqual(drawn[0]?.syncs, { completed: 3, failed: 1, stuck: 1, noResult: 0 });
  assert.equal(drawn[0]?.timeZone, 'Asia/Shanghai');
  assert.deepEqual([drawn[0]?.locale, drawn[0]?.conversationKind, drawn[0]?.now], ['zh-CN', 'channel', at]);
});
