import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import type { AlertMessenger } from '../../src/alerts/alert-messenger.ts';
import type { AlertViews } from '../../src/alerts/announce.ts';
import { createNotifier } from '../../src/alerts/notifier.ts';
import { createPass } from '../../src/alerts/pass.ts';
import { type ConversationReference, SendingError } from '../../src/domain/turn.ts';
import { createConversations } from '../../src/store/conversations.ts';
import { inTransaction } from '../../src/store/leases.ts';
import type { Db } from '../../src/store/schema.ts';
import { createAlertRepositories, createInAlertTransaction } from '../../src/store/stores.ts';
import { createSendPace } from '../../src/teams/send-pace.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { place, subscription } from '../support/alert-stored.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { ada, at, dayMs } from '../support/stored.ts';
import { openStore } from '../support/temporary-store.ts';
import { isQuickTier } from '../support/tier.ts';

const conversations = isQuickTier ? 200 : 1_000;
const alertsEach = 50;
const perSecond = 25;

/** Time in which nothing happens passes at once: everybody whose time has come goes on together. */
function createSkippingClock(startAt: number) {
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const clock = {
    at: startAt,
    now: () => clock.at,
    async wait(ms: number, signal?: AbortSignal): Promise<void> {
      if (signal?.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = { at: clock.at + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      sleepers.delete(sleeper);
    },
    async runUntil(isDone: () => boolean): Promise<void> {
      while (!isDone()) {
        for (let turns = 0; turns < 300; turns += 1) await nextTick();
        clock.at = Math.max(clock.at, Math.min(...[...sleepers].map((sleeper) => sleeper.at)));
        for (const sleeper of sleepers) if (sleeper.at <= clock.at) sleeper.wake();
      }
    },
  };
  return clock;
}

/** A Teams with its real pace that counts what it gets. */
function countPosts(runtime: Parameters<typeof createSendPace>[0]) {
  const pace = createSendPace(runtime);
  const posts = new Map<string, number>();
  const last = { at: 0 };
  const messenger: AlertMessenger = {
    async post(conversation, _, signal) {
      const retryAfterMs = await pace.waitForRoom(conversation, 15_000, signal);
      if (retryAfterMs !== undefined) throw new SendingError('passing', 'noRoom', { retryAfterMs });
      last.at = runtime.now();
      posts.set(conversation.id, (posts.get(conversation.id) ?? 0) + 1);
      return { messageId: `message in ${conversation.id}`, threadId: conversation.id };
    },
    edit: () => assert.fail('nothing is to be edited'),
    reply: () => assert.fail('nothing is to be answered'),
    openPersonal: () => assert.fail('no chat is to be opened'),
  };
  return { posts, last, messenger };
}

const card = { card: { type: 'AdaptiveCard', version: '1.4' }, summary: 'alerts' } as const;
const views: AlertViews = {
  card: async () => card,
  digest: async ({ entries }) => {
    assert.equal(entries.length, alertsEach);
    return card;
  },
  weekly: async () => card,
  lines: () => '',
};

async function subscribeThousands(db: Db): Promise<void> {
  await inTransaction(db, async (within) => {
    const { subscriptions } = createAlertRepositories(within);
    const known = createConversations(within);
    for (let n = 0; n < conversations; n += 1) {
      const each = subscription(`s${n}`);
      const reference: ConversationReference = { ...place, id: each.conversationId };
      await subscriptions.put(each);
      await known.record({ reference, seenAt: at });
    }
  });
}

test(`${conversations} conversations get ${alertsEach} alerts each: once, at Teams’ pace, and nothing else waits for it`, async () => {
  const db = await openStore(':memory:');
  const clock = createSkippingClock(at);
  const { lines, log } = createLines();
  const runtime = createRuntime({ ...clock, log });
  await subscribeThousands(db);
  const repositories = createAlertRepositories(db);
  const parts = { runtime, repositories, inAlertTransaction: createInAlertTransaction(db) };

  // Counts work and not time: so many deliveries are stored, or conversations claimed, before others have their turn.
  const largest = { stored: 0, claimed: 0 };
  let storedSinceRest = 0;
  let isOver = false;
  const rests = (async () => {
    for (; !isOver; storedSinceRest = 0) await nextTick();
  })();

  const expired = { state: 'expired', expirationDateTime: new Date(at - dayMs).toISOString() } as const;
  const tokens = Array.from({ length: alertsEach }, (_, n) => tokenOf(`t${n}`, expired));
  const pass = createPass({
    ...parts,
    readTenant: async () => ({ kind: 'seen', tokens, betaMissing: false }),
    inAlertTransaction: (work) =>
      parts.inAlertTransaction((stores) => {
        const { deliveries } = stores;
        return work({
          ...stores,
          deliveries: {
            ...deliveries,
            async addAll(added) {
              await deliveries.addAll(added);
              storedSinceRest += added.length;
              largest.stored = Math.max(largest.stored, storedSinceRest);
            },
          },
        });
      }),
    intervalMs: 15 * 60_000,
    onEvents: () => undefined,
  });
  await repositories.tenants.watch([ada.tenantId], at);
  const tenant = (await repositories.tenants.claim('me', at, 20_000)) ?? assert.fail();
  assert.equal(await pass(tenant, 'me', new AbortController().signal), 'good');
  assert.equal(await repositories.deliveries.countWaiting(), conversations * alertsEach);
  assert.ok(largest.stored > 0 && largest.stored <= 500, `${largest.stored} deliveries at a stretch`);

  const { posts, last, messenger } = countPosts(runtime);
  const { subscriptions } = repositories;
  const notifier = createNotifier({
    ...parts,
    repositories: {
      ...repositories,
      subscriptions: {
        ...subscriptions,
        async claimDue(...asked) {
          const claimed = await subscriptions.claimDue(...asked);
          largest.claimed = Math.max(largest.claimed, claimed.length);
          return claimed;
        },
      },
    },
    conversations: createConversations(db),
    messenger,
    views,
    registry: new Registry(),
  });
  notifier.start();
  await clock.runUntil(() => posts.size === conversations);
  const doneAt = clock.at;
  await clock.runUntil(() => clock.at > doneAt + 10_000);
  isOver = true;
  await rests;
  await notifier.stop();

  assert.deepEqual(
    [...posts.values()].filter((count) => count !== 1),
    [],
    'nothing comes twice',
  );
  assert.equal(await repositories.deliveries.countWaiting(), 0);
  assert.equal(largest.claimed, Math.min(50, conversations));
  assert.ok(last.at - at <= (conversations / perSecond) * 1_000, `${last.at - at} ms`);
  assert.deepEqual(lines, []);
});

// Half a million rows take a while to write.
const unlessQuick = isQuickTier ? test.skip : test;
unlessQuick(
  'ten thousand conversations with fifty deliveries each are claimed fifty at a time, each once',
  async () => {
    const db = await openStore(':memory:');
    const { subscriptions, deliveries } = createAlertRepositories(db);
    const last = 9_999;
    await sql`
    with recursive n (n) as (select 0 union all select n + 1 from n where n < ${last})
    insert into alert_subscriptions (id, tenant_id, conversation_id, owner_json, locale, scope_json, events_json, time_zone, created_at)
    select 's' || n, ${ada.tenantId}, 'c' || n, ${JSON.stringify(ada)}, 'en', '"all"', '[]', 'UTC', 0 from n`.execute(
      db,
    );
    await sql`
    with recursive n (n) as (select 0 union all select n + 1 from n where n < ${last}),
      m (m) as (select 0 union all select m + 1 from m where m < ${alertsEach - 1})
    insert into alert_deliveries (id, subscription_id, key, position, body_json, held, due_at, attempts)
    select n || ' ' || m, 's' || n, n || ' ' || m, m, '{"kind":"weekly"}', 0, ${at}, 0 from n, m`.execute(db);
    const claimed = new Set<string>();
    for (let claims = 0; claims <= last; claims += 50) {
      const ids = (await subscriptions.claimDue('me', at, 60_000, 50)).map(({ id }) => id);
      assert.equal(ids.length, 50);
      for (const id of ids) claimed.add(id);
      await db
        .updateTable('alert_deliveries')
        .set({ outcome: 'sent', done_at: at })
        .where('subscription_id', 'in', ids)
        .execute();
      for (const id of ids) await subscriptions.release(id, 'me');
    }
    assert.equal(claimed.size, last + 1);
    assert.deepEqual(await subscriptions.claimDue('me', at, 60_000, 50), []);
    assert.equal(await deliveries.countWaiting(), 0);
  },
);
