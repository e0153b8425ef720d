import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findReceipt, planMessages } from '../../src/alerts/plan-messages.ts';
import type { Alert } from '../../src/domain/alert.ts';
import type { AlertMessage } from '../../src/domain/alert-repositories.ts';
import type { AlertDelivery } from '../../src/domain/subscription.ts';
import type { SyncRun } from '../../src/domain/sync-run.ts';
import { hourMs, minuteMs } from '../../src/lib/time.ts';
import { runningRun } from '../store/running-run.ts';
import { at } from '../support/stored.ts';
import { alertOf, deliveryOf, ended, messageOf } from './delivery-samples.ts';

/** The plan in words. */
function planned(due: readonly AlertDelivery[], alerts: readonly Alert[], showing: readonly AlertMessage[] = []) {
  const plan = planMessages(due, new Map(alerts.map((alert) => [alert.id, alert])), showing);
  return {
    announced: plan.announcements.map((each) => {
      const where = each.kind === 'digest' ? each.why : each.kind === 'line' ? `on ${each.on.messageId}` : '';
      const updates = each.updates.map(({ alert, event }) => `${alert.id} ${event}`);
      return [each.kind, where, updates.join(', ')].filter(Boolean).join(': ');
    }),
    edits: plan.edits.map(({ alert, shown }) => `${alert.id} on ${shown.map(({ messageId }) => messageId).join(', ')}`),
    nothing: plan.nothing,
    ...(plan.lost.length > 0 && { lost: plan.lost }),
  };
}
const many = (count: number) => Array.from({ length: count }, (_, n) => `a${n}`);

suite('an alert that nothing shows', () => {
  test('is posted on a card of its own, in the order things fell due', () => {
    const due = [deliveryOf('b', 'opened'), deliveryOf('a', 'escalated'), deliveryOf('c', 'cameBack')];
    const plan = planned(
      due,
      ['a', 'b', 'c'].map((id) => alertOf(id)),
    );
    assert.deepEqual(plan.announced, ['card: b opened', 'card: a escalated', 'card: c cameBack']);
    assert.deepEqual([plan.edits, plan.nothing], [[], []]);
  });

  test('is reported once, whatever happened to it meanwhile', () => {
    const due = [deliveryOf('a', 'opened'), deliveryOf('a', 'changed'), deliveryOf('a', 'escalated')];
    assert.deepEqual(planned(due, [alertOf('a')]).announced, ['card: a escalated']);
  });

  test('is posted as ended when it has ended, so that nothing is lost', () => {
    for (const ending of ['resolved', 'deleted', 'superseded'] as const) {
      const due = [deliveryOf('a', 'opened'), deliveryOf('a', ending)];
      assert.deepEqual(planned(due, [ended('a', ending)]).announced, [`card: a ${ending}`]);
    }
    assert.deepEqual(planned([deliveryOf('a', 'resolved')], [ended('a')]).announced, ['card: a resolved']);
  });

  test('is new there when it comes back soon: its return is suppressed only for those who saw it', () => {
    assert.deepEqual(planned([deliveryOf('a', 'returned')], [alertOf('a')]).announced, ['card: a opened']);
    const both = [deliveryOf('a', 'returned'), deliveryOf('a', 'cameBack')];
    assert.deepEqual(planned(both, [alertOf('a')]).announced, ['card: a opened']);
    const worse = [deliveryOf('a', 'returned'), deliveryOf('a', 'escalated')];
    assert.deepEqual(planned(worse, [alertOf('a')]).announced, ['card: a escalated']);
    assert.deepEqual(planned([deliveryOf('a', 'returned'), deliveryOf('a', 'changed')], [ended('a')]).announced, [
      'card: a resolved',
    ]);
  });

  test('is not posted when only edits are due, or when it is gone', () => {
    const plan = planned([deliveryOf('a', 'changed'), deliveryOf('b', 'opened')], [alertOf('a')]);
    assert.deepEqual(plan, { announced: [], edits: [], nothing: ['a changed'], lost: ['b opened'] });
  });
});

suite('an alert that a message of its own shows', () => {
  const shown = [messageOf('a', '17')];

  test('is answered there when it gets worse, is reminded of, comes back or ends', () => {
    for (const kind of ['escalated', 'reminded', 'cameBack'] as const)
      assert.deepEqual(planned([deliveryOf('a', kind)], [alertOf('a')], shown).announced, [`line: on 17: a ${kind}`]);
    assert.deepEqual(planned([deliveryOf('a', 'resolved')], [ended('a')], shown).announced, [
      'line: on 17: a resolved',
    ]);
  });

  test('is edited and not announced when it changes, is deleted or is superseded', () => {
    assert.deepEqual(planned([deliveryOf('a', 'changed')], [alertOf('a')], shown), {
      announced: [],
      edits: ['a on 17'],
      nothing: [],
    });
    for (const ending of ['deleted', 'superseded'] as const)
      assert.deepEqual(planned([deliveryOf('a', ending)], [ended('a', ending)], shown).edits, ['a on 17']);
  });

  test('is not posted again when its opening was posted and not settled', () => {
    assert.deepEqual(planned([deliveryOf('a', 'opened')], [alertOf('a')], shown).edits, ['a on 17']);
  });

  test('is edited when it comes back soon, and announced as back only if it was announced there before that', () => {
    const back = alertOf('a', { returnedAt: at });
    const there = (postedAt: number) => [{ ...messageOf('a', '17'), at: postedAt }];
    assert.deepEqual(planned([deliveryOf('a', 'returned')], [back], there(at - 1)).edits, ['a on 17']);
    assert.deepEqual(planned([deliveryOf('a', 'cameBack')], [back], there(at - 1)).announced, [
      'line: on 17: a cameBack',
    ]);
    const back17 = planned([deliveryOf('a', 'cameBack')], [back], there(at));
    assert.deepEqual([back17.announced, back17.edits], [[], ['a on 17']]);
    const expired = { ...back, condition: 'expired', stage: 'expired' } as const;
    assert.deepEqual(planned([deliveryOf('a', 'cameBack')], [expired], there(at)).announced, [
      'line: on 17: a cameBack',
    ]);
  });

  test('is reported as it is now, not as it was on the way', () => {
    const gotWorseThenDeleted = planned([deliveryOf('a', 'escalated')], [ended('a', 'deleted')], shown);
    assert.deepEqual([gotWorseThenDeleted.announced, gotWorseThenDeleted.edits], [[], ['a on 17']]);
    const endedThenBack = planned([deliveryOf('a', 'resolved'), deliveryOf('a', 'changed')], [alertOf('a')], shown);
    assert.deepEqual([endedThenBack.announced, endedThenBack.edits], [[], ['a on 17']]);
    const worseThenEnded = planned([deliveryOf('a', 'escalated'), deliveryOf('a', 'resolved')], [ended('a')], shown);
    assert.deepEqual(worseThenEnded.announced, ['line: on 17: a resolved']);
  });

  test('is answered on its newest message of its own', () => {
    const several = [messageOf('a', '19', 'burst'), messageOf('a', '18'), messageOf('a', '17')];
    assert.deepEqual(planned([deliveryOf('a', 'reminded')], [alertOf('a')], several).announced, [
      'line: on 18: a reminded',
    ]);
  });
});

suite('an alert that only a digest shows', () => {
  test('gets a card of its own when it gets worse', () => {
    const shown = [messageOf('a', '17', 'burst')];
    assert.deepEqual(planned([deliveryOf('a', 'escalated')], [alertOf('a')], shown).announced, ['card: a escalated']);
    assert.deepEqual(planned([deliveryOf('a', 'reminded')], [alertOf('a')], shown).announced, [
      'line: on 17: a reminded',
    ]);
  });

  test('shares its line with all others of that digest, however many', () => {
    const ids = many(200);
    const plan = planned(
      ids.map((id) => deliveryOf(id, 'resolved')),
      ids.map((id) => ended(id)),
      ids.map((id) => messageOf(id, '17', 'burst')),
    );
    assert.deepEqual(plan.announced, [`line: on 17: ${ids.map((id) => `${id} resolved`).join(', ')}`]);
  });
});

suite('a digest', () => {
  const open = (ids: readonly string[]) => ids.map((id) => alertOf(id));
  const opened = (ids: readonly string[]) => ids.map((id) => deliveryOf(id, 'opened'));

  test('takes the place of more than five messages', () => {
    const five = many(5);
    assert.equal(planned(opened(five), open(five)).announced.length, 5);
    const six = many(6);
    const lines = six.map((id) => `${id} opened`).join(', ');
    assert.deepEqual(planned(opened(six), open(six)).announced, [`digest: burst: ${lines}`]);
  });

  test('holds whatever else is announced then, and leaves edits alone', () => {
    const due = [...opened(many(5)), deliveryOf('r', 'resolved'), deliveryOf('s', 'changed')];
    const alerts = [...open([...many(5), 's']), ended('r')];
    const plan = planned(due, alerts, [messageOf('r', '17'), messageOf('s', '18')]);
    assert.match(plan.announced.join(), /^digest: burst: .*r resolved$/);
    assert.deepEqual(plan.edits, ['s on 18']);
  });

  test('shows what waited for the morning, one or many, with what came just now', () => {
    const held = deliveryOf('a', 'opened', { held: true });
    assert.deepEqual(planned([held], open(['a'])).announced, ['digest: morning: a opened']);
    const both = planned([held, deliveryOf('b', 'opened')], open(['a', 'b']));
    assert.deepEqual(both.announced, ['digest: morning: a opened, b opened']);
  });

  test('is not for what waited and needs no announcement any more', () => {
    const held = deliveryOf('a', 'escalated', { held: true });
    const due = [held, deliveryOf('a', 'deleted'), deliveryOf('b', 'opened')];
    const plan = planned(due, [ended('a', 'deleted'), alertOf('b')], [messageOf('a', '17')]);
    assert.deepEqual([plan.announced, plan.edits], [['card: b opened'], ['a on 17']]);
  });

  test('shows a new subscriber what is already open, shown before or not', () => {
    const due = [deliveryOf('a', 'alreadyOpen'), deliveryOf('b', 'alreadyOpen')];
    const plan = planned(due, open(['a', 'b']), [messageOf('a', '17')]);
    assert.deepEqual(plan.announced, ['digest: alreadyOpen: a alreadyOpen, b alreadyOpen']);
    const more = planned([...due, deliveryOf('c', 'opened')], open(['a', 'b', 'c']));
    assert.deepEqual(more.announced, ['digest: alreadyOpen: a alreadyOpen, b alreadyOpen, c opened']);
  });
});

test('a weekly digest is nobody’s alert', () => {
  const weekly: AlertDelivery = { ...deliveryOf('a', 'opened'), body: { kind: 'weekly' } };
  assert.deepEqual(planned([weekly], []), { announced: [], edits: [], nothing: [] });
});

suite('the receipt that an alert of a failed sync goes on', () => {
  const dated = '2026-11-23T10:00:00Z';
  const token = { id: 'token', state: 'valid', lastSyncStatus: 'failed', lastSyncDateTime: dated };
  const alert = alertOf('a', { condition: 'syncFailed', stage: 'syncFailed', token });
  const failed = (changes: Partial<SyncRun> = {}) =>
    runningRun('run', {
      phase: 'ended',
      outcome: 'failed',
      activityId: '17',
      after: token,
      endedAt: at - 1,
      reportedAt: at,
      ...changes,
    });
  const found = (runs: readonly SyncRun[], now = at, of: Alert = alert) => {
    const receipt = findReceipt(of, runs, now);
    return receipt?.kind === 'written' ? receipt.on.messageId : receipt?.kind;
  };

  test('is that of the failure, a moment or an hour before, or after the alert opened', () => {
    assert.equal(found([failed()]), '17');
    assert.equal(found([failed({ endedAt: at - hourMs })]), '17');
    assert.equal(found([failed({ endedAt: at - hourMs - 1 })]), undefined);
    assert.equal(
      found([failed({ endedAt: at + 1, after: { ...token, lastSyncDateTime: '2026-11-24T00:00:00Z' } })]),
      '17',
    );
    const { lastSyncDateTime: _, ...undated } = token;
    assert.equal(found([failed({ after: undated })], at, alertOf('a', { ...alert, token: undated })), '17');
  });

  test('is not that of an earlier failure, of another end, or one that was never sent', () => {
    assert.equal(found([]), undefined);
    assert.equal(found([failed({ after: { ...token, lastSyncDateTime: '2026-11-23T09:00:00Z' } })]), undefined);
    assert.equal(found([failed({ outcome: 'completed' })]), undefined);
    assert.equal(found([failed({ outcome: 'lost' })]), undefined);
    const { activityId: _, ...unsent } = failed();
    assert.equal(found([unsent]), undefined);
  });

  test('is awaited while a sync goes on there or its receipt is not written, for some minutes', () => {
    const { reportedAt: _, ...unreported } = failed();
    for (const run of [runningRun('run'), unreported]) {
      assert.equal(found([run]), 'awaited');
      assert.equal(found([run, failed()]), 'awaited', 'the newer one may be on the same card');
      assert.equal(found([run], at + 10 * minuteMs), undefined);
      assert.equal(found([run], at - 10 * minuteMs), undefined, 'the clock was set back');
    }
  });

  test('takes the alert in place of a card, or lets it wait, but only one that is new', () => {
    const plan = (
      kind: 'opened' | 'changed' | 'alreadyOpen',
      receipt: 'written' | 'awaited',
      showing: AlertMessage[] = [],
    ) => {
      const on = { messageId: '17', threadId: 'thread 17' };
      const receipts = new Map([['a', receipt === 'written' ? { kind: receipt, on } : { kind: receipt }]]);
      const due = [deliveryOf('a', kind), deliveryOf('b', 'opened')];
      const alerts = new Map([alert, alertOf('b')].map((each) => [each.id, each]));
      const { announcements, waiting, nothing } = planMessages(due, alerts, showing, receipts);
      return [
        announcements.map((each) => `${each.kind} ${each.updates.map((update) => update.alert.id)}`),
        waiting,
        nothing,
      ];
    };
    assert.deepEqual(plan('opened', 'written'), [['receipt a', 'card b'], [], []]);
    assert.deepEqual(plan('opened', 'awaited'), [['card b'], ['a opened'], []]);
    assert.deepEqual(plan('opened', 'written', [messageOf('a', '16')]), [['card b'], [], []]);
    assert.deepEqual(plan('changed', 'awaited'), [['card b'], [], ['a changed']]);
    assert.deepEqual(plan('alreadyOpen', 'written'), [['digest a,b'], [], []]);
  });
});
