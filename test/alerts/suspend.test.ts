import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResume } from '../../src/alerts/suspend.ts';
import type { InAlertTransaction } from '../../src/domain/alert-repositories.ts';
import { createAlertRepositories, createInAlertTransaction } from '../../src/store/stores.ts';
import { subscriptionOf } from '../support/alert-of.ts';
import { createRuntime } from '../support/runtime.ts';
import { openStore } from '../support/turns.ts';

test('a suspended subscription reads what is open only while no pass can store anything, and resumes in the same transaction', async (t) => {
  const db = await openStore(t);
  const repositories = createAlertRepositories(db);
  const { subscriptions } = repositories;
  await subscriptions.put(subscriptionOf({ conversationId: '19:here' }));
  const { id } = (await subscriptions.findByConversation('19:here')) ?? assert.fail();
  await subscriptions.suspend(id, 'ConversationBlockedByUser', 1);
  const steps: string[] = [];
  const real = createInAlertTransaction(db);
  const inAlertTransaction: InAlertTransaction = (work) =>
    real((stores) =>
      work({
        ...stores,
        tenants: {
          ...stores.tenants,
          lock: (tenantId) => {
            steps.push('lock');
            return stores.tenants.lock(tenantId);
          },
        },
        alerts: {
          ...stores.alerts,
          listOfTenant: (...asked) => {
            steps.push('look');
            return stores.alerts.listOfTenant(...asked);
          },
        },
        subscriptions: {
          ...stores.subscriptions,
          resume: (conversationId) => {
            steps.push('resume');
            return stores.subscriptions.resume(conversationId);
          },
        },
      }),
    );
  let queued = 0;
  const onQueued = () => {
    queued += 1;
  };
  const resume = createResume({ runtime: createRuntime({ now: () => 2 }), repositories, inAlertTransaction, onQueued });
  await resume('19:here');
  assert.deepEqual([steps, queued], [['lock', 'look', 'resume'], 1]);
  await resume('19:here');
  assert.deepEqual([steps.length, queued], [3, 1], 'what goes on needs no more than a look');
});
