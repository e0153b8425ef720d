import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AlertMessage } from '../../src/domain/alert-repositories.ts';
import { createAlertDeliveries, createAlertMessages, createAnnouncedAlerts } from '../../src/store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { inTransaction } from '../../src/store/leases.ts';
import type { Db } from '../../src/store/schema.ts';
import { delivery, subscription } from '../support/alert-stored.ts';
import { onEveryStore } from '../support/open-store.ts';
import { at, dayMs, minuteMs } from '../support/stored.ts';

suite('alert deliveries', () => {
  async function openWith(open: () => Promise<Db>) {
    const db = await open();
    await createAlertSubscriptions(db).put(subscription('team'));
    const deliveries = createAlertDeliveries(db);
    return { db, deliveries, due: async (now = at) => (await deliveries.listDue('team', now)).map(({ id }) => id) };
  }

  onEveryStore('alert deliveries', (open) => {
    test('come back as they were added, in that order, over several times', async () => {
      const { deliveries } = await openWith(open);
      const all = [
        delivery('z', { dueAt: at - 5 }),
        delivery('a', { held: true }),
        delivery('m', { body: { kind: 'weekly' }, dueAt: at - 9 }),
      ];
      await deliveries.addAll(all.slice(0, 2));
      await deliveries.addAll(all.slice(2));
      await deliveries.addAll([]);
      assert.deepEqual(await deliveries.listDue('team', at), all);
    });

    test('are one per key, whoever adds them and however often', async () => {
      const { deliveries, due } = await openWith(open);
      await deliveries.addAll([delivery('a'), delivery('b', { key: 'key of a' })]);
      await Promise.all([1, 2, 3].map((n) => deliveries.addAll([delivery(`c${n}`, { key: 'c' })])));
      assert.equal((await due()).filter((id) => id.startsWith('c')).length, 1);
      await deliveries.settle(['a'], 'sent', at);
      await deliveries.addAll([delivery('again', { key: 'key of a' })]);
      assert.equal((await due()).length, 1);
    });

    test('are taken by the thousand, each subscription in its own order', async () => {
      const { deliveries, due } = await openWith(open);
      const many = Array.from({ length: 3000 }, (_, n) =>
        delivery(`d${n}`, { subscriptionId: n % 2 ? 'team' : 'other' }),
      );
      await deliveries.addAll(many);
      const mine = many.filter(({ subscriptionId }) => subscriptionId === 'team').map(({ id }) => id);
      assert.deepEqual(await due(), mine);
      await deliveries.settle(mine, 'sent', at);
      assert.deepEqual(await due(), []);
    });

    test('are due at their time; what is later holds up nothing', async () => {
      const { deliveries, due } = await openWith(open);
      await deliveries.addAll([delivery('later', { held: true, dueAt: at + minuteMs }), delivery('now')]);
      assert.deepEqual(await due(), ['now']);
      assert.deepEqual(await due(at + minuteMs), ['later', 'now']);
    });

    test('that were put off hold up those behind them, count the attempt, and come first again', async () => {
      const { deliveries, due } = await openWith(open);
      await deliveries.addAll([delivery('a'), delivery('b'), delivery('c')]);
      await deliveries.putOff(['b'], at + minuteMs);
      assert.deepEqual(await due(), ['a']);
      assert.deepEqual(await due(at + minuteMs), ['a', 'b', 'c']);
      await deliveries.putOff(['b'], at + 2 * minuteMs);
      const [, b] = await deliveries.listDue('team', at + 2 * minuteMs);
      assert.deepEqual([b?.attempts, b?.dueAt], [2, at + 2 * minuteMs]);
    });

    test('that were postponed are due later alone, without counting an attempt', async () => {
      const { deliveries, due } = await openWith(open);
      await deliveries.addAll([delivery('a'), delivery('b')]);
      await deliveries.postpone(['a'], at + minuteMs);
      await deliveries.postpone([], at + minuteMs);
      assert.deepEqual(await due(), ['b']);
      const [a] = await deliveries.listDue('team', at + minuteMs);
      assert.deepEqual([a?.id, a?.attempts], ['a', 0]);
    });

    test('that are done stay as they ended', async () => {
      const { deliveries, due } = await openWith(open);
      await deliveries.addAll([delivery('a'), delivery('b')]);
      await deliveries.settle(['a'], 'dropped', at);
      await deliveries.putOff(['a'], at);
      await deliveries.setEvent(['a'], 'changed');
      assert.deepEqual(await due(), ['b']);
      await deliveries.dropAllOf('team', at);
      assert.deepEqual(await due(), []);
    });

    test('that are held are listed for their edits until they were edited, and are still sent', async () => {
      const { deliveries, due } = await openWith(open);
      const held = delivery('held', { held: true, dueAt: at + dayMs });
      await deliveries.addAll([held, delivery('now')]);
      assert.deepEqual(await deliveries.listUnedited('team', at), [held]);
      await deliveries.markEdited(['held']);
      assert.deepEqual(await deliveries.listUnedited('team', at), []);
      assert.deepEqual(await due(at + dayMs), ['held', 'now']);
      assert.equal((await deliveries.listDue('team', at + dayMs))[0]?.held, true);
    });

    test('may be of another event from now on, no longer held', async () => {
      const { deliveries } = await openWith(open);
      await deliveries.addAll([delivery('a', { held: true })]);
      await deliveries.setEvent(['a'], 'changed');
      const body = { kind: 'alert', alertId: 'alert of a', event: 'changed' } as const;
      assert.deepEqual(await deliveries.listDue('team', at), [delivery('a', { body })]);
    });

    test('are counted while they wait', async () => {
      const { deliveries } = await openWith(open);
      await deliveries.addAll([delivery('a'), delivery('b', { dueAt: at + dayMs }), delivery('c')]);
      await deliveries.settle(['a'], 'sent', at);
      assert.equal(await deliveries.countWaiting(), 2);
    });

    test('are forgotten 30 days after they were done, or with their subscription', async () => {
      const { db, deliveries, due } = await openWith(open);
      await deliveries.addAll([delivery('done'), delivery('waits'), delivery('orphan', { subscriptionId: 'gone' })]);
      await deliveries.settle(['done'], 'sent', at);
      await deliveries.prune(at + 30 * dayMs);
      const left = async () => (await db.selectFrom('alert_deliveries').select('id').orderBy('id').execute()).length;
      assert.equal(await left(), 2);
      await deliveries.prune(at + 30 * dayMs + 1);
      assert.equal(await left(), 1);
      assert.deepEqual(await due(), ['waits']);
    });

    test('are forgotten in parts, and all of them', async () => {
      const { db, deliveries } = await openWith(open);
      const many = Array.from({ length: 450 }, (_, n) => delivery(`d${n}`));
      await deliveries.addAll(many);
      await deliveries.settle(
        many.map(({ id }) => id),
        'sent',
        at,
      );
      await deliveries.prune(at + 31 * dayMs);
      assert.deepEqual(await db.selectFrom('alert_deliveries').select('id').execute(), []);
    });

    test('take part in the transaction they are given', async () => {
      const { db, deliveries, due } = await openWith(open);
      const failure = new Error('no');
      const work = inTransaction(db, async (within) => {
        await createAlertDeliveries(within).addAll([delivery('a')]);
        throw failure;
      });
      await assert.rejects(work, failure);
      assert.deepEqual(await due(), []);
      await deliveries.addAll([delivery('a')]);
      assert.deepEqual(await due(), ['a']);
    });
  });

  onEveryStore('an announcement', (open) => {
    const message = (alertId: string) => ({
      subscriptionId: 'team',
      alertId,
      messageId: '17',
      threadId: 'thread',
      shared: true,
      at,
      why: 'burst' as const,
    });

    test('is kept with what it settles', async () => {
      const { db, deliveries } = await openWith(open);
      await deliveries.addAll([delivery('a'), delivery('b'), delivery('c')]);
      await createAnnouncedAlerts(db).record({ messages: [message('alert of a')], sent: ['a'], toEdit: ['b'], at });
      assert.deepEqual(await createAlertMessages(db).listOn('team', '17'), [message('alert of a')]);
      assert.deepEqual(
        (await deliveries.listDue('team', at)).map(({ id, body }) => [id, body.kind === 'alert' && body.event]),
        [
          ['b', 'changed'],
          ['c', 'opened'],
        ],
      );
    });

    test('is kept altogether or not at all', async () => {
      const { db, deliveries, due } = await openWith(open);
      await deliveries.addAll([delivery('a')]);
      const broken = { ...message('x'), threadId: undefined as unknown as string };
      await assert.rejects(
        createAnnouncedAlerts(db).record({ messages: [message('x'), broken], sent: ['a'], toEdit: [], at }),
      );
      assert.deepEqual(await createAlertMessages(db).listOn('team', '17'), []);
      assert.deepEqual(await due(), ['a']);
    });
  });
});

suite('alert messages', () => {
  const message = (alertId: string, messageId: string, changes: Partial<AlertMessage> = {}): AlertMessage => ({
    subscriptionId: 'team',
    alertId,
    messageId,
    threadId: `thread of ${messageId}`,
    shared: false,
    at,
    ...changes,
  });

  onEveryStore('alert messages', (open) => {
    test('are listed by the alert they show, the newest first, and only in that subscription', async () => {
      const messages = createAlertMessages(await open());
      const old = message('a', '10');
      const digest = message('a', '11', { shared: true, why: 'morning', at: at + 1 });
      await messages.addAll([old, digest, message('b', '12'), message('a', '13', { subscriptionId: 'other' })]);
      await messages.addAll([]);
      assert.deepEqual(await messages.listShowing('team', ['a', 'unknown']), [digest, old]);
      assert.deepEqual(await messages.listShowing('team', []), []);
    });

    test('are listed with every alert that one of them shows', async () => {
      const messages = createAlertMessages(await open());
      const all = ['a', 'b', 'c'].map((alertId) => message(alertId, '11', { shared: true, why: 'burst' }));
      await messages.addAll([...all, message('d', '12'), message('e', '11', { subscriptionId: 'other' })]);
      assert.deepEqual(await messages.listOn('team', '11'), all);
    });

    test('may be added twice, by the thousand, and are forgotten by message', async () => {
      const messages = createAlertMessages(await open());
      const all = Array.from({ length: 3000 }, (_, n) => message(`alert ${n}`, '11', { shared: true, why: 'burst' }));
      await messages.addAll(all);
      await messages.addAll(all);
      const ids = all.map(({ alertId }) => alertId);
      assert.equal((await messages.listShowing('team', ids)).length, 3000);
      await messages.addAll([message('alert 1', '12')]);
      await messages.forget('other', '11');
      await messages.forget('team', '11');
      assert.deepEqual(await messages.listShowing('team', ids), [message('alert 1', '12')]);
    });
  });
});
