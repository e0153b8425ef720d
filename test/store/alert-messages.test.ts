import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertMessage } from '../../src/domain/alert-repositories.ts';
import { createAlertMessages } from '../../src/store/alert-deliveries.ts';
import { onEveryStore } from './open-store.ts';
import { at } from './stored.ts';

const message = (alertId: string, messageId: string, changes: Partial<AlertMessage> = {}): AlertMessage => ({
  ...{ subscriptionId: 'team', alertId, messageId, threadId: `thread of ${messageId}`, shared: false, at },
  ...changes,
});

onEveryStore('alert messages', (open) => {
  test('tell which message shows an alert, the newest first, and only in that subscription', async () => {
    const messages = createAlertMessages(await open());
    const old = message('a', '10');
    const digest = message('a', '11', { shared: true, why: 'morning', at: at + 1 });
    await messages.addAll([old, digest, message('b', '12'), message('a', '13', { subscriptionId: 'other' })]);
    await messages.addAll([]);
    assert.deepEqual(await messages.listShowing('team', ['a', 'unknown']), [digest, old]);
    assert.deepEqual(await messages.listShowing('team', []), []);
  });

  test('tell every alert that a message shows', async () => {
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
