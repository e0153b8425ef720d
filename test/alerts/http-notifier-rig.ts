import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { setTimeout as realWait } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { SandboxContext, SandboxPerson } from '../../sandbox/contract.ts';
import { startServer } from '../../sandbox/server.ts';
import { createConnector } from '../../sandbox/teams/connector.ts';
import { createConversations, type TeamsConversation } from '../../sandbox/teams/conversations.ts';
import { createTimeline, type TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { createAlertViews } from '../../src/alerts/announce.ts';
import { createNotifier } from '../../src/alerts/notifier.ts';
import type { Alert, AlertEventKind } from '../../src/domain/alert.ts';
import type { ConversationReference } from '../../src/domain/turn.ts';
import { createAlertDeliveries } from '../../src/store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createAlerts } from '../../src/store/alerts.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { createConversations as createKnownConversations } from '../../src/store/conversations.ts';
import { createAlertRepositories, createInAlertTransaction } from '../../src/store/stores.ts';
import { createConnectorClient } from '../../src/teams/connector.ts';
import { createOutbox } from '../../src/teams/outbox.ts';
import { createSendPace } from '../../src/teams/send-pace.ts';
import { subscription } from '../support/alert-stored.ts';
import { wordsOf } from '../support/rehearsal.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { at } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { deliveryOf } from './delivery-samples.ts';

const botId = randomUUID();
const tenantId = subscription('any').tenantId;

const people = (count: number): SandboxPerson[] =>
  Array.from({ length: count }, (_, n) => ({
    key: `p${n}`,
    name: `Person ${n}`,
    title: 'Admin',
    tenantId,
    role: 'full',
    locale: 'en-US',
    aadObjectId: `0a1d7c64-5e92-4f3b-8a60-${String(n).padStart(12, '0')}`,
    teamsId: `29:p${n}`,
    userPrincipalName: `p${n}@example.com`,
  }));

export interface HttpNotifierOptions {
  readonly speed: number;
  readonly chats?: number;
  readonly database?: Parameters<typeof openStore>[0];
}

/**
 * The notifier over real HTTP to the rehearsal's connector, with its own rate limits, the real store and the real cards.
 * `speed`: for all of it, time passes so many times faster.
 */
export async function startNotifierOverHttp({ speed, chats = 1, database = ':memory:' }: HttpNotifierOptions) {
  const startedAt = performance.now();
  const now = () => Math.floor(at + (performance.now() - startedAt) * speed);
  const wait = (ms: number, signal?: AbortSignal) =>
    realWait(ms / speed, undefined, signal && { signal }).catch(() => undefined);

  let baseUrl = '';
  const context: SandboxContext = { baseUrl: () => baseUrl, now };
  const conversations = createConversations(people(chats));
  const timeline = createTimeline(context);
  const sandbox = createConnector({ context, registration: { botId }, conversations, timeline });
  const server = await startServer([sandbox]);
  baseUrl = server.baseUrl;

  const { lines: logged, log } = createLines();
  const runtime = createRuntime({ now, wait, log });
  const db = await openStore(database);
  const alerts = createAlerts(db);
  const subscriptions = createAlertSubscriptions(db);
  const deliveries = createAlertDeliveries(db);
  const known = createKnownConversations(db);
  const connector = createConnectorClient({
    findToken: async () => undefined,
    isAllowed: (url) => url.startsWith(baseUrl),
    isServed: () => true,
    pace: createSendPace(runtime),
    runtime,
  });
  const config = { app: { idUri: 'api://bot' }, publicUrl: 'https://bot.example.com' };

  /** Over a connection of its own when one is given. */
  const createProcess = (own = db) =>
    createNotifier({
      runtime,
      repositories: createAlertRepositories(own),
      inAlertTransaction: createInAlertTransaction(own),
      conversations: createKnownConversations(own),
      messenger: createOutbox({ config, connector }).alerts,
      views: createAlertViews({ runtime, records: createCardRecords(own), repositories: createAlertRepositories(own) }),
      registry: new Registry(),
    });
  const notifier = createProcess();
  after(async () => {
    await notifier.stop();
    await server.stop();
  });

  const reference = (conversation: TeamsConversation): ConversationReference => ({
    serviceUrl: `${baseUrl}/connector/`,
    id: conversation.id,
    kind: conversation.kind,
    tenantId,
    bot: { id: `28:${botId}`, name: 'VPP Sync' },
  });
  return {
    sandbox,
    conversations,
    subscriptions,
    deliveries,
    known,
    notifier,
    createProcess,
    logged,
    reference,
    now,
    /** Subscribes a conversation, whose subscription is named for it. */
    async subscribe(conversation: TeamsConversation): Promise<void> {
      const { key: id, id: conversationId } = conversation;
      const [person] = conversation.members;
      const owner = person && { tenantId, aadObjectId: person.aadObjectId, teamsId: person.teamsId, name: person.name };
      await subscriptions.put(subscription(id, { conversationId, locale: 'en', ...(owner && { owner }) }));
      await known.record({ reference: reference(conversation), seenAt: now() });
    },
    async set(...changed: readonly Alert[]): Promise<void> {
      for (const alert of changed) {
        const revision = ((await alerts.find(alert.id))?.revision ?? 0) + 1;
        await alerts.put({ ...alert, revision });
      }
    },
    async queue(conversation: TeamsConversation, alertId: string, event: AlertEventKind): Promise<void> {
      const key = randomUUID();
      await deliveries.addAll([
        deliveryOf(alertId, event, { id: key, key, subscriptionId: conversation.key, dueAt: now() }),
      ]);
      notifier.wake();
    },
    messages: (conversation: TeamsConversation): readonly TeamsMessage[] =>
      timeline.list(conversation).filter(({ deletedAt }) => deletedAt === undefined),
    words: (conversation: TeamsConversation) =>
      timeline
        .list(conversation)
        .filter(({ deletedAt }) => deletedAt === undefined)
        .map((message) => wordsOf(message)),
    /** Resolves once nothing waits any more. */
    async allDelivered(timeoutMs = 10_000): Promise<void> {
      const lateAt = performance.now() + timeoutMs;
      while ((await deliveries.countWaiting()) > 0) {
        if (performance.now() > lateAt)
          throw new Error(`after ${timeoutMs} ms some still wait: ${logged.map(({ message }) => message).join(' | ')}`);
        await realWait(20);
      }
    },
    remove: (conversation: TeamsConversation, messageId: string) => timeline.remove(conversation, messageId),
  };
}
