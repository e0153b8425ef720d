import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAlertsOn } from '../../src/commands/alert-grammar.ts';
import { createFindFormer } from '../../src/commands/print-alerts-on.ts';
import type { AlertSubscription } from '../../src/domain/subscription.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { subscriptionOf } from '../support/contoso-berlin.ts';
import { tokenOf } from '../support/turns.ts';

function find(
  changes: Partial<AlertSubscription>,
  {
    tokens = [] as readonly VppToken[],
    kind = 'groupChat' as 'personal' | 'groupChat',
    locale = 'en' as 'en' | 'zh-CN',
  } = {},
) {
  const snapshots = tokens.map((token) => ({ tenantId: 'tenant-1', token, firstSeenAt: 0, seenAt: 0 }));
  const findFormer = createFindFormer({
    subscriptions: { findByConversation: async () => subscriptionOf({ removedAt: 1, ...changes }) },
    snapshots: { listOfTenant: async () => snapshots },
  });
  return findFormer('19:group', { locale, conversationKind: kind });
}
const linesOf = async (...asked: Parameters<typeof find>) => (await find(...asked))?.lines;

test('what was on is offered as words that are read as the same', async () => {
  const quiet = { from: 22 * 60, to: 7 * 60 };
  assert.deepEqual(await linesOf({}), ['alerts on all']);
  assert.deepEqual(await linesOf({ events: ['expiring', 'syncFailed'], quiet }), [
    'alerts on all expiring failed quiet 22:00-07:00 Europe/Berlin',
  ]);
  assert.deepEqual(await linesOf({ events: ['expired'], quiet }, { locale: 'zh-CN' }), [
    '提醒 开启 全部 已过期 免打扰 22:00-07:00 Europe/Berlin',
  ]);
  assert.deepEqual(readAlertsOn('all expiring failed quiet 22:00-07:00 Europe/Berlin'), {
    asked: { target: { kind: 'all' }, events: ['expiring', 'syncFailed'], quiet, timeZone: 'Europe/Berlin' },
  });
});

test('in a personal chat a weekly digest that was left out is left out again', async () => {
  assert.deepEqual(await linesOf({}, { kind: 'personal' }), ['alerts on all no weekly']);
  assert.deepEqual(await linesOf({ weeklyAt: 1 }, { kind: 'personal' }), ['alerts on all zone Europe/Berlin']);
});

test('a few tokens are named, a line each, by id where others share the name or nothing is known of it', async () => {
  const tokens = [tokenOf('id-1', { displayName: 'Contoso HQ' }), tokenOf('id-2'), tokenOf('id-3')];
  assert.deepEqual(await linesOf({ scope: ['id-1', 'id-2', 'id-9'], events: ['expired'] }, { tokens }), [
    'alerts on "Contoso HQ" expired',
    'alerts on "id-2"',
    'alerts on "id-9"',
  ]);
});

test('many tokens are counted, and the words are for all that one can see', async () => {
  const found = await find({ scope: ['1', '2', '3', '4'] });
  assert.deepEqual([found?.lines, found?.tokens], [['alerts on'], 4]);
});

test('alerts that are on, or never were, are not offered', async () => {
  assert.equal(await find({ removedAt: undefined as never }), undefined);
});
