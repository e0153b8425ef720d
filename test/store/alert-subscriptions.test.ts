import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlertDeliveries, createAlertMessages } from '../../src/store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import type { Db } from '../../src/store/schema.ts';
import { delivery, subscription } from '../support/alert-stored.ts';
import { onEveryEngine, onEveryStore } from '../support/open-store.ts';
import { at, dayMs, minuteMs } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

const stores = (db: Db) => ({
  subscriptions: createAlertSubscriptions(db),
  deliveries: createAlertDeliveries(db),
  messages: createAlertMessages(db),
});
const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
const message = (subscriptionId: string) => ({
  subscriptionId,
  alertId: 'alert',
  messageId: '17',
  threadId: 'thread',
  shared: false,
  at,
});

onEveryStore('alert subscriptions', (open) => {
  test('come back as they were stored, sparse or full, by id and by conversation', async () => {
    const { subscriptions } = stores(await open());
    const full = subscription('full', {
      scope: ['token-1', 'token-2'],
      quiet: { from: 22 * 60, to: 7 * 60 },
      weeklyAt: at + dayMs,
      suspended: { at, why: 'BotNotInConversationRoster' },
      removedAt: at + 1,
    });
    await subscriptions.put(subscription('sparse'));
    await subscriptions.put(full);
    assert.deepEqual(await subscriptions.find('full'), full);
    assert.deepEqual(await subscriptions.findByConversation(full.conversationId), full);
    assert.deepEqual(await subscriptions.find('sparse'), subscription('sparse'));
    assert.equal(await subscriptions.find('unknown'), undefined);
    assert.equal(await subscriptions.findByConversation('unknown'), undefined);
  });

  test('are one per conversation: a new one takes over the messages of the old, and nothing of what waited', async () => {
    const { subscriptions, deliveries, messages } = stores(await open());
    await subscriptions.put(subscription('old', { conversationId: 'a:1' }));
    await deliveries.addAll([delivery('d', { subscriptionId: 'old' })]);
    await messages.addAll([message('old')]);
    const later = subscription('new', { conversationId: 'a:1', events: ['invalid'] });
    await subscriptions.put(later);
    assert.equal(await subscriptions.find('old'), undefined);
    assert.deepEqual(await subscriptions.findByConversation('a:1'), later);
    assert.deepEqual(await messages.listShowing('new', ['alert']), [message('new')]);
    assert.equal(await deliveries.countWaiting(), 0);
    assert.deepEqual(await deliveries.listDue('old', at), []);
  });

  test('stored again under their own id keep what waits, and stay with who delivers to them', async () => {
    const { subscriptions, deliveries } = stores(await open());
    await subscriptions.put(subscription('team'));
    await deliveries.addAll([delivery('d')]);
    assert.equal((await subscriptions.claimDue('one', at, minuteMs, 5)).length, 1);
    await subscriptions.put(subscription('team', { events: ['invalid'] }));
    assert.deepEqual(await subscriptions.claimDue('other', at, minuteMs, 5), []);
    assert.deepEqual(idsOf(await deliveries.listDue('team', at)), ['d']);
  });

  test('are listed by tenant while they are active', async () => {
    const { subscriptions } = stores(await open());
    await subscriptions.put(subscription('b', { createdAt: at + 1 }));
    await subscriptions.put(subscription('a'));
    await subscriptions.put(subscription('elsewhere', { tenantId: 'another' }));
    await subscriptions.put(subscription('suspended'));
    await subscriptions.put(subscription('removed'));
    await subscriptions.suspend('suspended', 'ConversationNotFound', at);
    await subscriptions.markRemoved(subscription('removed').conversationId, at);
    const [{ tenantId }] = [subscription('a')];
    const { lastId, ...whole } = await subscriptions.listPage(tenantId, '', 9);
    assert.deepEqual([idsOf(whole.subscriptions), lastId], [['a', 'b'], undefined]);
    const first = await subscriptions.listPage(tenantId, '', 1);
    assert.deepEqual([idsOf(first.subscriptions), first.lastId], [['a'], 'a']);
    assert.deepEqual(idsOf((await subscriptions.listPage(tenantId, 'a', 1)).subscriptions), ['b']);
  });

  test('leave nothing behind when they are erased', async () => {
    const { subscriptions, deliveries, messages } = stores(await open());
    for (const id of ['team', 'other']) {
      await subscriptions.put(subscription(id));
      await deliveries.addAll([delivery(id, { subscriptionId: id })]);
      await messages.addAll([message(id)]);
    }
    await subscriptions.erase(subscription('team').conversationId);
    assert.equal(await subscriptions.find('team'), undefined);
    assert.deepEqual(await messages.listShowing('team', ['alert']), []);
    assert.deepEqual(await deliveries.listDue('team', at), []);
    assert.deepEqual(await messages.listShowing('other', ['alert']), [message('other')]);
    assert.equal(await deliveries.countWaiting(), 1);
  });

  test('are suspended by one caller, with the reason, and resumed by one; what waited is dropped', async () => {
    const { subscriptions, deliveries } = stores(await open());
    await subscriptions.put(subscription('team'));
    const { conversationId } = subscription('team');
    await deliveries.addAll([delivery('d')]);
    assert.equal(await subscriptions.resume(conversationId), false);
    const suspending = ['a', 'b'].map((why) => subscriptions.suspend('team', why, at));
    assert.deepEqual((await Promise.all(suspending)).toSorted(), [false, true]);
    assert.deepEqual((await subscriptions.find('team'))?.suspended?.at, at);
    assert.deepEqual(await deliveries.listDue('team', at), []);
    const resuming = [1, 2].map(() => subscriptions.resume(conversationId));
    assert.deepEqual((await Promise.all(resuming)).toSorted(), [false, true]);
    assert.deepEqual(await subscriptions.find('team'), subscription('team'));
    assert.equal(await subscriptions.resume('unknown'), false);
  });

  test('whose bot was removed are kept for 90 days', async () => {
    const { subscriptions, deliveries, messages } = stores(await open());
    await subscriptions.put(subscription('team'));
    await subscriptions.put(subscription('stays'));
    await deliveries.addAll([delivery('d')]);
    await messages.addAll([message('team')]);
    await subscriptions.markRemoved(subscription('team').conversationId, at);
    await subscriptions.markRemoved(subscription('team').conversationId, at + 50 * dayMs);
    assert.deepEqual(await subscriptions.find('team'), subscription('team', { removedAt: at }));
    assert.deepEqual(await deliveries.listDue('team', at), []);
    await subscriptions.prune(at + 90 * dayMs);
    assert.ok(await subscriptions.find('team'));
    await subscriptions.prune(at + 90 * dayMs + 1);
    assert.equal(await subscriptions.find('team'), undefined);
    assert.deepEqual(await messages.listShowing('team', ['alert']), []);
    assert.ok(await subscriptions.find('stays'));
  });

  test('have a weekly digest when it is due and they are active', async () => {
    const { subscriptions } = stores(await open());
    for (const id of ['due', 'later', 'never', 'suspended']) await subscriptions.put(subscription(id));
    await subscriptions.setWeekly('due', at);
    await subscriptions.setWeekly('later', at + 1);
    await subscriptions.setWeekly('suspended', at);
    await subscriptions.suspend('suspended', 'why', at);
    assert.deepEqual(idsOf(await subscriptions.listWeeklyDue(at)), ['due']);
    await subscriptions.moveWeekly('due', at, at + dayMs);
    await subscriptions.moveWeekly('later', at, at + dayMs);
    assert.deepEqual(idsOf(await subscriptions.listWeeklyDue(at + 1)), ['later']);
    await subscriptions.setWeekly('later', undefined);
    assert.deepEqual(idsOf(await subscriptions.listWeeklyDue(at + dayMs)), ['due']);
  });
});

onEveryStore('claimed subscriptions', (open) => {
  test('are those with something due, the longest due first, at most so many', async () => {
    const { subscriptions, deliveries } = stores(await open());
    for (const id of ['a', 'b', 'c', 'later', 'idle']) await subscriptions.put(subscription(id));
    await deliveries.addAll([
      delivery('of-a', { subscriptionId: 'a', dueAt: at - 1 }),
      delivery('of-b', { subscriptionId: 'b', dueAt: at - 3 }),
      delivery('of-c', { subscriptionId: 'c', dueAt: at - 2 }),
      delivery('of-later', { subscriptionId: 'later', dueAt: at + 1 }),
    ]);
    assert.deepEqual(idsOf(await subscriptions.claimDue('one', at, minuteMs, 2)).toSorted(), ['b', 'c']);
    assert.deepEqual(idsOf(await subscriptions.claimDue('one', at, minuteMs, 2)), ['a']);
    assert.deepEqual(idsOf(await subscriptions.claimDue('two', at + 1, minuteMs, 2)), ['later']);
  });

  test('are nobody else’s until they are given back or the lease has passed', async () => {
    const { subscriptions, deliveries } = stores(await open());
    await subscriptions.put(subscription('team'));
    await deliveries.addAll([delivery('d')]);
    const claim = (owner: string, now: number) => subscriptions.claimDue(owner, now, minuteMs, 5);
    assert.deepEqual(await claim('one', at), [subscription('team')]);
    assert.deepEqual(await claim('two', at + minuteMs - 1), []);
    assert.equal(await subscriptions.renewLease('team', 'one', at + minuteMs - 1, minuteMs), true);
    assert.equal(await subscriptions.renewLease('team', 'two', at, minuteMs), false);
    assert.deepEqual(await claim('two', at + minuteMs), []);
    await subscriptions.release('team', 'two');
    assert.deepEqual(await claim('two', at + minuteMs), []);
    await subscriptions.release('team', 'one');
    assert.equal((await claim('two', at + minuteMs)).length, 1);
    assert.equal(await subscriptions.renewLease('team', 'one', at, minuteMs), false);
    assert.equal((await claim('three', at + 2 * minuteMs)).length, 1);
  });

  test('are neither suspended nor removed', async () => {
    const { subscriptions, deliveries } = stores(await open());
    for (const id of ['suspended', 'removed']) await subscriptions.put(subscription(id));
    await subscriptions.suspend('suspended', 'why', at);
    await subscriptions.markRemoved(subscription('removed').conversationId, at);
    await deliveries.addAll(['suspended', 'removed'].map((id) => delivery(id, { subscriptionId: id })));
    assert.deepEqual(await subscriptions.claimDue('one', at, minuteMs, 5), []);
    assert.equal(await deliveries.countWaiting(), 0);
  });

  test('are left alone while what is first in their order was put off', async () => {
    const { subscriptions, deliveries } = stores(await open());
    await subscriptions.put(subscription('team'));
    await deliveries.addAll([delivery('first'), delivery('second')]);
    await deliveries.putOff(['first'], at + minuteMs);
    assert.deepEqual(await subscriptions.claimDue('one', at, minuteMs, 5), []);
    await deliveries.addAll([delivery('third')]);
    assert.deepEqual(await subscriptions.claimDue('one', at, minuteMs, 5), [], 'what comes later waits behind it');
    assert.equal((await subscriptions.claimDue('one', at + minuteMs, minuteMs, 5)).length, 1);
  });

  test('have a held delivery whose messages are still to be edited', async () => {
    const { subscriptions, deliveries } = stores(await open());
    await subscriptions.put(subscription('team'));
    await deliveries.addAll([delivery('held', { held: true, dueAt: at + dayMs })]);
    assert.equal((await subscriptions.claimDue('one', at, minuteMs, 5)).length, 1);
    await subscriptions.release('team', 'one');
    await deliveries.markEdited(['held']);
    assert.deepEqual(await subscriptions.claimDue('one', at, minuteMs, 5), []);
  });
});

onEveryEngine('claimed subscriptions of several processes', (newDatabase) => {
  test('are never the same', async () => {
    const database = await newDatabase();
    const [one, other] = [await openStore(database), await openStore(database)];
    const ids = Array.from({ length: 40 }, (_, n) => `s${n}`);
    const { subscriptions, deliveries } = stores(one);
    for (const id of ids) await subscriptions.put(subscription(id));
    await deliveries.addAll(ids.map((id) => delivery(id, { subscriptionId: id })));
    const claims = [subscriptions, createAlertSubscriptions(other)].flatMap((store, n) =>
      Array.from({ length: 20 }, () => store.claimDue(`process ${n}`, at, minuteMs, 3)),
    );
    const claimed = (await Promise.all(claims)).flat().map(({ id }) => id);
    assert.equal(new Set(claimed).size, claimed.length);
    assert.deepEqual(claimed.toSorted(), ids.toSorted());
  });
});
