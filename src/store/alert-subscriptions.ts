import { type RawBuilder, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { chosenConditions } from '../domain/alert.ts';
import type { AlertSubscriptions } from '../domain/alert-repositories.ts';
import type { AlertSubscription, QuietHours } from '../domain/subscription.ts';
import { dropWaiting } from './alert-deliveries.ts';
import { type Claim, claimDue, inTransaction, isFree, release, renewLease } from './leases.ts';
import { createRowReader, json, localeShape, personShape } from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { AlertSubscriptionRow, Db } from './schema.ts';

export function createAlertSubscriptions(db: Db): AlertSubscriptions {
  const read = createRowReader(db, {
    table: 'alert_subscriptions',
    shape: columns,
    // Better notified at night than never.
    details: ['quiet_json'],
    fromRow: toSubscription,
  });
  const selectActive = () =>
    db.selectFrom('alert_subscriptions').selectAll().where('removed_at', 'is', null).where('suspended_at', 'is', null);
  const findRow = (conversationId: string) =>
    db.selectFrom('alert_subscriptions').selectAll().where('conversation_id', '=', conversationId).executeTakeFirst();

  return {
    async put(subscription) {
      await inTransaction(db, async (within) => {
        const { conversationId, id } = subscription;
        const old = await within
          .selectFrom('alert_subscriptions')
          .select('id')
          .where('conversation_id', '=', conversationId)
          .where('id', '!=', id)
          .executeTakeFirst();
        if (old) {
          await dropWaiting(within, old.id, subscription.createdAt);
          await within
            .updateTable('alert_messages')
            .set({ subscription_id: id })
            .where('subscription_id', '=', old.id)
            .execute();
          await within.deleteFrom('alert_subscriptions').where('id', '=', old.id).execute();
        }
        const row = toRow(subscription);
        await within
          .insertInto('alert_subscriptions')
          .values({ ...row, claimed_by: null, claimed_until: null })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
      });
    },
    async find(id) {
      const row = await db.selectFrom('alert_subscriptions').selectAll().where('id', '=', id).executeTakeFirst();
      return read.find(row);
    },
    async findByConversation(conversationId) {
      return read.find(await findRow(conversationId));
    },
    async listPage(tenantId, afterId, most) {
      const after = selectActive().where('tenant_id', '=', tenantId).where('id', '>', afterId);
      const rows = await after.orderBy('id').limit(most).execute();
      const lastId = rows.length === most ? rows.at(-1)?.id : undefined;
      return { subscriptions: read.list(rows), ...(lastId !== undefined && { lastId }) };
    },
    async erase(conversationId) {
      await inTransaction(db, async (within) => {
        const query = within.selectFrom('alert_subscriptions').select('id');
        const rows = await query.where('conversation_id', '=', conversationId).execute();
        for (const { id } of rows) await eraseAllOf(within, id);
      });
    },
    async markRemoved(conversationId, at) {
      await inTransaction(db, async (within) => {
        const rows = await within
          .updateTable('alert_subscriptions')
          .set({ removed_at: at })
          .where('conversation_id', '=', conversationId)
          .where('removed_at', 'is', null)
          .returning('id')
          .execute();
        for (const { id } of rows) await dropWaiting(within, id, at);
      });
    },
    suspend: (id, why, at) =>
      inTransaction(db, async (within) => {
        const { numUpdatedRows } = await within
          .updateTable('alert_subscriptions')
          .set({ suspended_at: at, suspended_reason: why })
          .where('id', '=', id)
          .where('suspended_at', 'is', null)
          .executeTakeFirst();
        await dropWaiting(within, id, at);
        return Number(numUpdatedRows) === 1;
      }),
    async resume(conversationId) {
      // Read first: every inbound activity asks for this, and nearly always there is nothing to write.
      const row = await findRow(conversationId);
      if (!row || row.suspended_at === null) return false;
      const { numUpdatedRows } = await db
        .updateTable('alert_subscriptions')
        .set({ suspended_at: null, suspended_reason: null })
        .where('id', '=', row.id)
        .where('suspended_at', 'is not', null)
        .executeTakeFirst();
      return Number(numUpdatedRows) === 1;
    },
    async setWeekly(id, weeklyAt) {
      await db
        .updateTable('alert_subscriptions')
        .set({ weekly_at: weeklyAt ?? null })
        .where('id', '=', id)
        .execute();
    },
    async moveWeekly(id, from, to) {
      const moved = db.updateTable('alert_subscriptions').set({ weekly_at: to });
      await moved.where('id', '=', id).where('weekly_at', '=', from).execute();
    },
    async listWeeklyDue(now) {
      const rows = await selectActive().where('weekly_at', '<=', now).orderBy('weekly_at').orderBy('id').execute();
      return read.list(rows);
    },
    async claimDue(owner, now, leaseMs, most) {
      const ids = await claimDue(db, claim(owner, now, leaseMs), {
        due: sql`id in (${soonestDue(claim(owner, now, leaseMs), most + othersAtOnce)})`,
        order: sql`(select min(due_at) from alert_deliveries
          where subscription_id = alert_subscriptions.id and outcome is null)`,
        most,
      });
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('alert_subscriptions').selectAll().where('id', 'in', ids).execute();
      const claimed = new Map(read.list(rows).map((subscription) => [subscription.id, subscription]));
      return ids.map((id) => claimed.get(id)).filter((subscription) => subscription !== undefined);
    },
    renewLease: (id, owner, now, leaseMs) => renewLease(db, claim(owner, now, leaseMs), id),
    release: (id, owner) => release(db, { table: 'alert_subscriptions', key: 'id', owner }, id),
    async prune(now) {
      await inTransaction(db, async (within) => {
        const query = within.selectFrom('alert_subscriptions').select('id');
        const rows = await query.where('removed_at', '<', now - keptMs.removedSubscriptions).execute();
        for (const { id } of rows) await eraseAllOf(within, id);
      });
    },
  };
}

/** Several processes may choose among the same ones, and pass over those that another is just claiming. */
const othersAtOnce = 100;

/**
 * Ids of subscriptions to claim, in the order of the index on what is due next: first come those with something due, then those with
 * held deliveries whose messages were not edited yet. The cross join makes SQLite follow that index, and stop at `most`.
 */
const soonestDue = (claim: Claim, most: number): RawBuilder<unknown> => sql`
  select subscription_id from (
    select due.subscription_id from alert_deliveries as due cross join alert_subscriptions as owner
    where due.outcome is null and due.due_at <= ${claim.now} and ${isActive} and ${isFree(claim)}
    group by due.due_at, due.subscription_id order by due.due_at, due.subscription_id limit ${sql.lit(most)}
  ) as soonest
  union all
  select subscription_id from (
    select due.subscription_id from alert_deliveries as due cross join alert_subscriptions as owner
    where due.outcome is null and due.held = 1 and ${isActive} and ${isFree(claim)}
    group by due.subscription_id order by due.subscription_id limit ${sql.lit(most)}
  ) as unedited`;

const isActive = sql`owner.id = due.subscription_id and owner.suspended_at is null and owner.removed_at is null`;

const claim = (owner: string, now: number, leaseMs: number): Claim => ({
  table: 'alert_subscriptions',
  key: 'id',
  owner,
  now,
  leaseMs,
});

async function eraseAllOf(db: Db, id: string): Promise<void> {
  await db.deleteFrom('alert_messages').where('subscription_id', '=', id).execute();
  await db.deleteFrom('alert_deliveries').where('subscription_id', '=', id).execute();
  await db.deleteFrom('alert_subscriptions').where('id', '=', id).execute();
}

function toRow(subscription: AlertSubscription) {
  const { quiet, suspended } = subscription;
  return {
    id: subscription.id,
    tenant_id: subscription.tenantId,
    conversation_id: subscription.conversationId,
    owner_json: JSON.stringify(subscription.owner),
    locale: subscription.locale,
    scope_json: JSON.stringify(subscription.scope),
    events_json: JSON.stringify(subscription.events),
    quiet_json: quiet === undefined ? null : JSON.stringify(quiet),
    time_zone: subscription.timeZone,
    weekly_at: subscription.weeklyAt ?? null,
    created_at: subscription.createdAt,
    suspended_at: suspended?.at ?? null,
    suspended_reason: suspended?.why ?? null,
    removed_at: subscription.removedAt ?? null,
  };
}

const minuteOfDay = z.int().min(0).max(1439);
const quietHours: z.ZodType<QuietHours> = z.looseObject({ from: minuteOfDay, to: minuteOfDay });
const scope: z.ZodType<AlertSubscription['scope']> = z.union([z.literal('all'), z.array(z.string())]);

const columns = z.object({
  owner_json: json(personShape),
  locale: localeShape,
  scope_json: json(scope),
  events_json: json(z.array(z.enum(chosenConditions))),
  quiet_json: json(quietHours).nullable(),
  time_zone: z.string().refine(isTimeZone),
});

/** Making a formatter for a zone is slow, and there are few zones. */
const knownZones = new Set<string>();

function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  knownZones.add(name);
  return true;
}

function toSubscription(row: Selectable<AlertSubscriptionRow>, read: z.output<typeof columns>): AlertSubscription {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    conversationId: row.conversation_id,
    owner: read.owner_json,
    locale: read.locale,
    scope: read.scope_json,
    events: read.events_json,
    ...(read.quiet_json !== null && { quiet: read.quiet_json }),
    timeZone: row.time_zone,
    ...(row.weekly_at !== null && { weeklyAt: row.weekly_at }),
    createdAt: row.created_at,
    ...(row.suspended_at !== null && { suspended: { at: row.suspended_at, why: row.suspended_reason ?? '' } }),
    ...(row.removed_at !== null && { removedAt: row.removed_at }),
  };
}
