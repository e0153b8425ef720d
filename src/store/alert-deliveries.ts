import { type Selectable, sql, type UpdateObject } from 'kysely';
import type { AlertDeliveries } from '../domain/alert-repositories.ts';
import type { AlertDelivery, DeliveryBody } from '../domain/subscription.ts';
import { inParts } from '../lib/json.ts';
import type { AlertDeliveryRow } from './alert-rows.ts';
import { dropWaiting } from './alert-subscriptions.ts';
import { isWorkable } from './alert-work.ts';
import { inTransaction } from './in-transaction.ts';
import { listUnreadable } from './list-unreadable.ts';
import type { Db } from './open-database.ts';
import { keptMs } from './retention.ts';
import type { Database } from './schema.ts';

export function createAlertDeliveries(db: Db): AlertDeliveries {
  async function listWorkable(subscriptionId: string, now: number): Promise<AlertDelivery[]> {
    const rows = await db
      .selectFrom('alert_deliveries')
      .selectAll()
      .where('subscription_id', '=', subscriptionId)
      .where(isWorkable('alert_deliveries', now))
      .orderBy('position')
      .orderBy('id')
      .execute();
    return rows.map(toDelivery);
  }

  type Change = UpdateObject<Database, 'alert_deliveries'>;
  async function update(ids: readonly string[], change: Change): Promise<void> {
    await inTransaction(db, async (within) => {
      for (const part of inParts(ids)) await waiting(within, part).set(change).execute();
    });
  }

  return {
    async addAll(deliveries) {
      if (deliveries.length === 0) return;
      await inTransaction(db, async (within) => {
        const nextPosition = await countOn(within, [...new Set(deliveries.map((each) => each.subscriptionId))]);
        const rows = deliveries.map((each) => toRow(each, nextPosition(each.subscriptionId)));
        for (const part of inParts(rows)) {
          await within
            .insertInto('alert_deliveries')
            .values(part)
            .onConflict((conflict) => conflict.column('key').doNothing())
            .execute();
        }
      });
    },
    async listDue(subscriptionId, now) {
      return (await listWorkable(subscriptionId, now)).filter(({ dueAt }) => dueAt <= now);
    },
    async listUnedited(subscriptionId, now) {
      return (await listWorkable(subscriptionId, now)).filter(({ dueAt }) => dueAt > now);
    },
    async listHeld(subscriptionId, now) {
      const rows = await db
        .selectFrom('alert_deliveries')
        .selectAll()
        .where('subscription_id', '=', subscriptionId)
        .where('outcome', 'is', null)
        .where('held', '!=', 0)
        .where('due_at', '>', now)
        .execute();
      return rows.map(toDelivery);
    },
    markEdited: (ids) => update(ids, { held: 2 }),
    settle: (ids, outcome, at) => update(ids, { outcome, done_at: at }),
    async retell(ids, event) {
      await inTransaction(db, async (within) => {
        for (const part of inParts(ids)) {
          const rows = await within
            .selectFrom('alert_deliveries')
            .select(['id', 'body_json'])
            .where('id', 'in', part)
            .where('outcome', 'is', null)
            .execute();
          for (const { id, body_json } of rows) {
            const body: DeliveryBody = { ...JSON.parse(body_json), event };
            await waiting(within, [id])
              .set({ body_json: JSON.stringify(body), held: 0 })
              .execute();
          }
        }
      });
    },
    putOff: (ids, dueAt) => update(ids, { due_at: dueAt, attempts: sql`attempts + 1` }),
    async dropUnreadable(subscriptionId, now) {
      const rows = await db
        .selectFrom('alert_deliveries')
        .select('id')
        .where('subscription_id', '=', subscriptionId)
        .where(isWorkable('alert_deliveries', now))
        .execute();
      const unreadable = await listUnreadable(
        db,
        'alert_deliveries',
        rows.map(({ id }) => id),
      );
      await update(unreadable, { outcome: 'dropped', done_at: now });
      return unreadable.length;
    },
    dropAllOf: (subscriptionId, at) => dropWaiting(db, subscriptionId, at),
    async countWaiting() {
      const { count } = await db
        .selectFrom('alert_deliveries')
        .innerJoin('alert_subscriptions', 'alert_subscriptions.id', 'alert_deliveries.subscription_id')
        .where('outcome', 'is', null)
        .where('suspended_at', 'is', null)
        .where('removed_at', 'is', null)
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async prune(now) {
      await db
        .deleteFrom('alert_deliveries')
        .where(({ or, eb, not, exists, selectFrom }) =>
          or([
            eb('done_at', '<', now - keptMs.alertDeliveries),
            not(
              exists(
                selectFrom('alert_subscriptions')
                  .select(sql`1`.as('one'))
                  .whereRef('alert_subscriptions.id', '=', 'alert_deliveries.subscription_id'),
              ),
            ),
          ]),
        )
        .execute();
    },
  };
}

const waiting = (db: Db, ids: readonly string[]) =>
  db.updateTable('alert_deliveries').where('id', 'in', ids).where('outcome', 'is', null);

/** Positions go on behind those that wait; what is done needs no place any more. */
async function countOn(db: Db, subscriptionIds: readonly string[]): Promise<(subscriptionId: string) => number> {
  const last = new Map<string, number>();
  for (const part of inParts(subscriptionIds)) {
    const rows = await db
      .selectFrom('alert_deliveries')
      .select(({ fn }) => ['subscription_id', fn.max('position').as('last')])
      .where('subscription_id', 'in', part)
      .where('outcome', 'is', null)
      .groupBy('subscription_id')
      .execute();
    for (const row of rows) last.set(row.subscription_id, Number(row.last));
  }
  return (subscriptionId) => {
    const next = (last.get(subscriptionId) ?? 0) + 1;
    last.set(subscriptionId, next);
    return next;
  };
}

function toRow(delivery: AlertDelivery, position: number): AlertDeliveryRow {
  return {
    id: delivery.id,
    subscription_id: delivery.subscriptionId,
    key: delivery.key,
    position,
    body_json: JSON.stringify(delivery.body),
    held: delivery.held ? 1 : 0,
    due_at: delivery.dueAt,
    attempts: delivery.attempts,
    outcome: null,
    done_at: null,
  };
}

function toDelivery(row: Selectable<AlertDeliveryRow>): AlertDelivery {
  return {
    id: row.id,
    subscriptionId: row.subscription_id,
    key: row.key,
    body: JSON.parse(row.body_json),
    held: row.held !== 0,
    dueAt: Number(row.due_at),
    attempts: row.attempts,
  };
}
