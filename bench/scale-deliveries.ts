// One alert pass whose events go to thousands of conversations: stored, claimed, drawn and sent, to a Teams that answers at once and is
// given its real pace. The clock runs faster while everybody waits for that pace, so that 10,000 conversations take no 400 s.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { AlertMessenger } from '../src/alerts/alert-messenger.ts';
import { createAlertViews } from '../src/alerts/announce.ts';
import { createNotifier } from '../src/alerts/notifier.ts';
import { createPass } from '../src/alerts/pass.ts';
import type { ConversationReference } from '../src/domain/turn.ts';
import { SendingError } from '../src/domain/turn.ts';
import type { Runtime } from '../src/lib/runtime.ts';
import { createCardRecords } from '../src/store/card-records.ts';
import { createConversations } from '../src/store/conversations.ts';
import { openDatabase } from '../src/store/database.ts';
import { inTransaction } from '../src/store/leases.ts';
import { createAlertRepositories, createInAlertTransaction } from '../src/store/stores.ts';
import { createSendPace } from '../src/teams/send-pace.ts';
import { createLog } from '../src/telemetry/log.ts';
import { figuresOf, report, startMeasuring } from './scale-measure.ts';

const { conversations, alerts, speed } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly conversations: number;
  readonly alerts: number;
  /** A second of Teams' pace passes in so many parts of a second. */
  readonly speed: number;
};
const tenantId = 'tenant-1';
const dayMs = 86_400_000;
const startedAt = Date.now();

const runtime: Runtime = {
  now: () => startedAt + (Date.now() - startedAt) * speed,
  wait: (ms, signal) => delay(ms / speed, undefined, signal && { signal }).catch(() => undefined),
  random: Math.random,
  log: createLog('error'),
};
const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-scale-'));
const db = await openDatabase({ kind: 'sqlite', path: join(folder, 'bot.db') });
const repositories = createAlertRepositories(db);
const inAlertTransaction = createInAlertTransaction(db);

await inTransaction(db, async (within) => {
  const { subscriptions } = createAlertRepositories(within);
  const known = createConversations(within);
  for (let n = 0; n < conversations; n += 1) {
    const id = `19:conversation-${n}@thread.tacv2`;
    const owner = { tenantId, aadObjectId: `person-${n}`, teamsId: `29:${n}`, name: 'Ada' };
    await subscriptions.put({
      id: `subscription-${n}`,
      tenantId,
      conversationId: id,
      owner,
      locale: 'en',
      scope: 'all',
      events: ['expired'],
      timeZone: 'Europe/Berlin',
      createdAt: startedAt,
    });
    const bot = { id: '28:bot', name: 'VPP Sync' };
    const reference: ConversationReference = {
      serviceUrl: 'https://smba.example.com/',
      id,
      kind: 'channel',
      tenantId,
      bot,
    };
    await known.record({ reference, seenAt: startedAt });
  }
});

const tokens = Array.from({ length: alerts }, (_, n) => ({
  id: `token-${n}`,
  organizationName: `Contoso ${n}`,
  appleId: `vpp-${n}@contoso.example.com`,
  state: 'expired',
  lastSyncStatus: 'completed',
  expirationDateTime: new Date(startedAt - dayMs).toISOString(),
}));
const pass = createPass({
  runtime,
  repositories,
  inAlertTransaction,
  readTenant: async () => ({ kind: 'seen', tokens, betaMissing: false }),
  intervalMs: 900_000,
  onEvents: () => undefined,
});
await repositories.tenants.watch([tenantId], runtime.now());
const tenant = await repositories.tenants.claim('me', runtime.now(), 600_000);
if (!tenant) throw new Error('the tenant is not due');

const storing = startMeasuring();
await pass(tenant, 'me', new AbortController().signal);
const stored = storing.stop();

const pace = createSendPace(runtime);
const posts = new Map<string, number>();
const messenger: AlertMessenger = {
  async post(conversation, { card }, signal) {
    const retryAfterMs = await pace.waitForRoom(conversation, 15_000, signal);
    if (retryAfterMs !== undefined) throw new SendingError('passing', 'noRoom', { retryAfterMs });
    JSON.stringify(card);
    posts.set(conversation.id, (posts.get(conversation.id) ?? 0) + 1);
    return { messageId: `message-${posts.size}`, threadId: conversation.id };
  },
  edit: async () => undefined,
  reply: async () => undefined,
  openPersonal: async (_, through) => through,
};
const notifier = createNotifier({
  runtime,
  repositories,
  inAlertTransaction,
  conversations: createConversations(db),
  messenger,
  views: createAlertViews({ runtime, records: createCardRecords(db), repositories }),
  registry: new Registry(),
});
const sending = startMeasuring();
const sentFrom = runtime.now();
notifier.start();
while (posts.size < conversations) await delay(20);
const tookS = (runtime.now() - sentFrom) / 1_000;
const sent = sending.stop();
await notifier.stop();
const waiting = await repositories.deliveries.countWaiting();

await db.destroy();
rmSync(folder, { recursive: true, force: true });
report({
  ...figuresOf('storing deliveries', stored),
  'storing deliveries: CPU per delivery (µs)': (stored.cpuSeconds * 1e6) / (conversations * alerts),
  ...figuresOf('sending', sent),
  'sending: CPU per conversation (ms)': (sent.cpuSeconds * 1e3) / conversations,
  'sending: messages a second of Teams’ time (25 allowed)': conversations / tookS,
  'sending: conversations that got more than one message': [...posts.values()].filter((count) => count > 1).length,
  'sending: deliveries left': waiting,
});
process.disconnect?.();
