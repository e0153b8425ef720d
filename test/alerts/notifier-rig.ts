import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { AlertMessenger, CardMessage } from '../../src/alerts/alert-messenger.ts';
import type { AlertViews } from '../../src/alerts/announce.ts';
import { type AlertNotifier, createNotifier } from '../../src/alerts/notifier.ts';
import type { Alert } from '../../src/domain/alert.ts';
import type { AlertDelivery, AlertSubscription } from '../../src/domain/subscription.ts';
import type { ConversationReference, SendingError } from '../../src/domain/turn.ts';
import { minuteMs } from '../../src/lib/time.ts';
import { createAlertDeliveries, createAlertMessages } from '../../src/store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createAlerts } from '../../src/store/alerts.ts';
import { createConversations } from '../../src/store/conversations.ts';
import type { Db } from '../../src/store/schema.ts';
import { createAlertRepositories, createInAlertTransaction } from '../../src/store/stores.ts';
import { place, subscription } from '../support/alert-stored.ts';
import { createClock, settle } from '../support/clock.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { ada, at } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';

/** Cards that say in few words what they show; `readers` keeps for whom they count days. */
function createViewsInWords(readers: string[]): AlertViews {
  const drawn = (how: string, { timeZone }: { readonly timeZone?: string | undefined }) =>
    readers.push(`${how} ${timeZone}`);
  return {
    async card(view) {
      drawn('card', view);
      return cardOf(wordsOf(view.alert));
    },
    async digest(data) {
      drawn('digest', data);
      const { why, entries } = data;
      const rows = entries.map(({ alert, event }) => [wordsOf(alert), event].filter(Boolean).join(' '));
      return cardOf(`${why} [${rows.join(', ')}]`);
    },
    weekly: async ({ tokens, alerts, syncs }) =>
      cardOf(`weekly ${tokens.length} tokens, ${alerts.length} alerts, ${syncs.completed}/${syncs.failed} syncs`),
    lines(data) {
      drawn('line', data);
      return data.events.map(({ kind, alert }) => `${alert.id} ${kind}`).join(', ');
    },
  };
}
const cardOf = (summary: string): CardMessage => ({ card: { type: 'AdaptiveCard', version: '1.4' }, summary });
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

/** A Teams that keeps every call, and refuses those that the test says. */
function playTeams() {
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

  const messenger: AlertMessenger = {
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
    messenger,
    calls,
    references,
    /** Calls since the last time that was asked, in words. */
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

/** The notifier over a real store, with a clock that the test moves. */
export async function startNotifier(options: { readonly db?: Db; readonly changes?: Partial<AlertSubscription> } = {}) {
  const db = options.db ?? (await openStore(':memory:'));
  const clock = createClock(at);
  const teams = playTeams();
  const alerts = createAlertsBed(db);
  const { lines: logged, log } = createLines();
  const conversations = createConversations(db);
  const subscriptions = createAlertSubscriptions(db);
  const deliveries = createAlertDeliveries(db);
  const readers: string[] = [];

  function createProcess(registry = new Registry()): AlertNotifier {
    return createNotifier({
      runtime: createRuntime({ ...clock, log }),
      repositories: createAlertRepositories(db),
      inAlertTransaction: createInAlertTransaction(db),
      conversations,
      messenger: teams.messenger,
      views: createViewsInWords(readers),
      registry,
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
  const notifier = createProcess(registry);
  notifier.start();
  await settle();

  return {
    db,
    clock,
    alerts,
    conversations,
    subscriptions,
    deliveries,
    notifier,
    logged,
    readers,
    createProcess,
    ...teams,
    messages: createAlertMessages(db),
    /** Queues deliveries and wakes the notifier; resolves to its calls. */
    async deliver(...due: readonly AlertDelivery[]) {
      await deliveries.addAll(due);
      notifier.wake();
      await settle();
      return teams.done();
    },
    async after(ms: number) {
      await clock.advance(ms);
      await settle();
      return teams.done();
    },
    /** The same, days later: nothing was delivered in between. */
    async much(ms: number) {
      clock.at += ms;
      await clock.advance(2 * minuteMs);
      await settle();
      return teams.done();
    },
    waiting: () => deliveries.countWaiting(),
    /** Deliveries that the first process counted, by outcome. */
    async outcomes() {
      const { values } = (await registry.getSingleMetric('vpp_alert_deliveries_total')?.get()) ?? assert.fail();
      return Object.fromEntries(values.flatMap(({ labels, value }) => (value > 0 ? [[labels.outcome, value]] : [])));
    },
    /** As Prometheus reads it. */
    metrics: () => registry.metrics(),
  };
}
