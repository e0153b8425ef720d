import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResume } from '../../src/alerts/resume.ts';
import type { InAlertTransaction } from '../../src/domain/alert-repositories.ts';
import { createAlertRepositories, createInAlertTransaction } from '../../src/store/stores.ts';
import { createLines } from '../support/runtime.ts';
import { openStore } from '../support/turns.ts';
import { subscriptionOf } from './alert-of.ts';

test('a subscription that goes on looks at what is open only while no pass can store anything, and resumes in the same breath', async (t) => {
  const db = await openStore(t);
  const { subscriptions } = createAlertRepositories(db);
  await subscriptions.put(subscriptionOf({ conversationId: '19:here' }));
  const { id } = (await subscriptions.findByConversation('19:here')) ?? assert.fail();
  await subscriptions.suspend(id, 'ConversationBlockedByUser', 1);
  const steps: string[] = [];
  const real = createInAlertTransaction(db);
  const inAlertTransaction: InAlertTransaction = (work) =>
    real((book) =>
      work({
        ...book,
        tenants: {
          lock: (tenantId) => {
            steps.push('lock');
            return book.tenants.lock(tenantId);
          },
        },
        alerts: {
          ...book.alerts,
          listOfTenant: (...asked) => {
            steps.push('look');
            return book.alerts.listOfTenant(...asked);
          },
        },
        subscriptions: {
          ...book.subscriptions,
          resume: (conversationId) => {
            steps.push('resume');
            return book.subscriptions.resume(conversationId);
          },
        },
      }),
    );
  let queued = 0;
  const onQueued = () => {
    queued += 1;
  };
  const resume = createResume({ subscriptions, inAlertTransaction, now: () => 2, onQueued, log: createLines().log });
  await resume('19:here');
  assert.deepEqual([steps, queued], [['lock', 'look', 'resume'], 1]);
  await resume('19:here');
  assert.deepEqual([steps.length, queued], [3, 1], 'what goes on needs no more than a look');
});
