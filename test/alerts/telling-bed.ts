import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { createAlertDelivery, type AlertDelivery as Delivery } from '../../src/alerts/notifier.ts';
import type { AlertDrawings, AlertMessenger, CardMessage } from '../../src/alerts/views.ts';
import type { Alert } from '../../src/domain/alert.ts';
import type { AlertDelivery, AlertSubscription } from '../../src/domain/subscription.ts';
import type { ConversationReference, SendingError } from '../../src/domain/turn.ts';
import { createAlertDeliveries, createAlertMessages } from '../../src/store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createAlerts } from '../../src/store/alerts.ts';
import { createConversations } from '../../src/store/conversations.ts';
import type { Db } from '../../src/store/schema.ts';
import { place, subscription } from '../support/alert-stored.ts';
import { createClock, settle } from '../support/clock.ts';
import { ada, at, minuteMs } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

/** Posters that say in few words what they were drawn of. */
export const drawInWords: AlertDrawings = {
  single: async ({ alert }) => poster(wordsOf(alert)),
  digest: ({ why, entries }) =>
    poster(
      `${why} [${entries.map(({ alert, event }) => [wordsOf(alert), event].filter(Boolean).join(' ')).join(', ')}]`,
    ),
  weekly: ({ tokens, alerts, syncs }) =>
    poster(`weekly ${tokens.length} tokens, ${alerts.length} alerts, ${syncs.completed}/${syncs.failed} syncs`),
  lines: ({ events }) => events.map(({ kind, alert }) => `${alert.id} ${kind}`).join(', '),
};
const poster = (summary: string): CardMessage => ({ card: { type: 'AdaptiveCard', version: '1.4' }, summary });
const wordsOf = ({ id, stage, ending }: Alert) => `${id}:${ending ?? stage}`;

/** Stores alerts as the test says they are now; every change counts their revision up. */
function createAlertsBed(db: Db) {
  const alerts = createAlerts(db);
  return {
    async set(...changed: readonly Alert[]): Promise<void> {
      for (const alert of changed) {
        const revision = ((await alerts.find(alert.id))?.revision ?? 0) + 1;
        assert.ok(await alerts.put({ ...alert, revision }));
      }
    },
  };
}

interface Call {
  readonly how: 'post' | 'edit' | 'reply' | 'open';
  readonly to: string;
  readonly words: string;
}

/** A wall that keeps what is put up on it, and fails as it is told. */
export function createWallBed() {
  const calls: Call[] = [];
  const references: ConversationReference[] = [];
  let failing: { readonly matches: (call: Call) => boolean; left: number; readonly error: () => Error }[] = [];
  let gate: Promise<void> | undefined;
  let last = 0;

  async function take(conversation: ConversationReference, call: Call): Promise<void> {
    references.push(conversation);
    calls.push(call);
    await gate;
    const plan = failing.find(({ matches, left }) => left > 0 && matches(call));
    if (!plan) return;
    plan.left -= 1;
    throw plan.error();
  }

  const wall: AlertMessenger = {
    async post(conversation, { summary }) {
      await take(conversation, { how: 'post', to: conversation.id, words: summary });
      last += 1;
      return { messageId: `m${last}`, threadId: `${conversation.id} m${last}` };
    },
    edit: (conversation, _, messageId, { summary }) =>
      take(conversation, { how: 'edit', to: messageId, words: summary }),
    reply: (conversation, threadId, words) => take(conversation, { how: 'reply', to: threadId, words }),
    async openPersonal(person, through) {
      await take(through, { how: 'open', to: person.teamsId, words: '' });
      return { ...through, id: 'a:opened', kind: 'personal' };
    },
  };
  return {
    wall,
    calls,
    references,
    /** What was done since the last time it was asked, in words. */
    done: () => calls.splice(0).map(({ how, to, words }) => [how, to, words].filter(Boolean).join(' ')),
    fail(error: SendingError | Error, count = 1, matches: (call: Call) => boolean = () => true) {
      failing.push({ matches, left: count, error: () => error });
    },
    failNoMore() {
      failing = [];
    },
    /** Holds every call until the returned function is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
    /** Calls made from now on are not held. */
    letOthersGo() {
      gate = undefined;
    },
  };
}

/** Everything that tells alerts, over a real store, with a clock that stands still until it is moved. */
export async function startTelling(options: { readonly db?: Db; readonly changes?: Partial<AlertSubscription> } = {}) {
  const db = options.db ?? (await openStore(':memory:'));
  const clock = createClock(at);
  const wallBed = createWallBed();
  const alerts = createAlertsBed(db);
  const logged: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  const level = (name: string) => (fields: object, message: string) =>
    void logged.push({ level: name, message, fields });
  const conversations = createConversations(db);
  const subscriptions = createAlertSubscriptions(db);
  const deliveries = createAlertDeliveries(db);

  function createProcess(registry = new Registry()): Delivery {
    return createAlertDelivery({
      ...{ db, conversations, wall: wallBed.wall, draw: drawInWords, registry },
      ...{ now: clock.now, wait: clock.wait, random: () => 0.5 },
      log: { info: level('info'), warn: level('warn'), error: level('error') },
    });
  }

  await subscriptions.put(subscription('team', options.changes));
  await conversations.record({ reference: place, seenAt: at });
  await conversations.record({
    reference: { ...place, id: 'a:ada', kind: 'personal' },
    personId: ada.aadObjectId,
    seenAt: at,
  });
  const registry = new Registry();
  const telling = createProcess(registry);
  telling.start();
  await settle();

  return {
    ...{ db, clock, alerts, conversations, subscriptions, deliveries, telling, logged, createProcess },
    ...wallBed,
    messages: createAlertMessages(db),
    /** Queues deliveries and lets them be told; resolves to what was done. */
    async tell(...due: readonly AlertDelivery[]) {
      await deliveries.addAll(due);
      telling.wake();
      await settle();
      return wallBed.done();
    },
    async after(ms: number) {
      await clock.advance(ms);
      await settle();
      return wallBed.done();
    },
    /** The same, days later: nobody looked in between. */
    async much(ms: number) {
      clock.at += ms;
      await clock.advance(2 * minuteMs);
      await settle();
      return wallBed.done();
    },
    waiting: () => deliveries.countWaiting(),
    /** What the first process counts of deliveries, by outcome. */
    async outcomes() {
      const { values } = (await registry.getSingleMetric('vpp_alert_deliveries_total')?.get()) ?? assert.fail();
      return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
    },
    /** As Prometheus reads it. */
    metrics: () => registry.metrics(),
  };
}
