import { type RawBuilder, type Selectable, type SqlBool, sql, type UpdateObject } from 'kysely';
import { z } from 'zod';
import type { AlertEventKind } from '../domain/alert.ts';
import type {
  AlertDeliveries,
  AlertMessage,
  AlertMessages,
  AnnouncedAlerts,
  DigestReason,
} from '../domain/alert-repositories.ts';
import type { AlertDelivery, DeliveryBody } from '../domain/subscription.ts';
import { chunked } from '../lib/json.ts';
import { inTransaction } from './leases.ts';
import { createRowReader, json, wordsOf } from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { AlertDeliveryRow, AlertMessageRow, Database, Db } from './schema.ts';

export function createAlertDeliveries(db: Db): AlertDeliveries {
  const read = createRowReader(db, { table: 'alert_deliveries', shape: deliveryColumns, fromRow: toDelivery });

  const selectWorkable = (subscriptionId: string, now: number) =>
    db
      .selectFrom('alert_deliveries')
      .selectAll()
      .where('subscription_id', '=', subscriptionId)
      .where(isWorkable('alert_deliveries', now))
      .orderBy('position')
      .orderBy('id')
      .execute();

  type Change = UpdateObject<Database, 'alert_deliveries'>;
  async function update(ids: readonly string[], change: Change): Promise<void> {
    await inTransaction(db, async (within) => {
      for (const part of chunked(ids)) await waiting(within, part).set(change).execute();
    });
  }

  return {
    async addAll(deliveries) {
      if (deliveries.length === 0) return;
      await inTransaction(db, async (within) => {
        const takePlace = await continueQueues(within, [...new Set(deliveries.map((each) => each.subscriptionId))]);
        const rows = deliveries.map((each) => toRow(each, takePlace(each.subscriptionId)));
        for (const part of chunked(rows)) {
          await within
            .insertInto('alert_deliveries')
            .values(part)
            .onConflict((conflict) => conflict.column('key').doNothing())
            .execute();
        }
      });
    },
    async listDue(subscriptionId, now) {
      return read.list(await selectWorkable(subscriptionId, now)).filter(({ dueAt }) => dueAt <= now);
    },
    async listUnedited(subscriptionId, now) {
      return read.list(await selectWorkable(subscriptionId, now)).filter(({ dueAt }) => dueAt > now);
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
      return read.list(rows);
    },
    markEdited: (ids) => update(ids, { held: 2 }),
    settle: (ids, outcome, at) => update(ids, { outcome, done_at: at }),
    async setEvent(ids, event) {
      await inTransaction(db, async (within) => {
        for (const part of chunked(ids)) {
          const rows = await within
            .selectFrom('alert_deliveries')
            .selectAll()
            .where('id', 'in', part)
            .where('outcome', 'is', null)
            .execute();
          for (const { id, body } of read.list(rows)) {
            await waiting(within, [id])
              .set({ body_json: JSON.stringify({ ...body, event }), held: 0 })
              .execute();
          }
        }
      });
    },
    async putOff(ids, dueAt) {
      await inTransaction(db, async (within) => {
        for (const part of chunked(ids)) {
          await waiting(within, part).set({ due_at: dueAt, attempts: sql`attempts + 1` }).execute();
          for (const { subscription_id, first } of await listFirsts(within, part)) {
            await within
              .updateTable('alert_deliveries')
              .set({ due_at: dueAt })
              .where('subscription_id', '=', subscription_id)
              .where('outcome', 'is', null)
              .where('due_at', '<', dueAt)
              .where('position', '>', first)
              .execute();
          }
        }
      });
    },
    postpone: (ids, dueAt) => update(ids, { due_at: dueAt }),
    async dropUnreadable(subscriptionId, now) {
      const unreadable = read.listUnreadable(await selectWorkable(subscriptionId, now));
      await update(
        unreadable.map(({ id }) => id),
        { outcome: 'dropped', done_at: now },
      );
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
      await deleteInParts(db, sql`done_at < ${now - keptMs.alertDeliveries}`);
      for (const id of await listWaitingForNobody(db)) {
        await deleteInParts(db, sql`outcome is null and subscription_id = ${id}`);
      }
    },
  };
}

const deletedAtOnce = 200;

/** A pass over thousands of conversations leaves more rows than could be deleted while others wait. */
async function deleteInParts(db: Db, which: RawBuilder<unknown>): Promise<void> {
  for (let deleted = deletedAtOnce; deleted === deletedAtOnce; ) {
    const { numAffectedRows } = await sql`
      delete from alert_deliveries where id in
      (select id from alert_deliveries where ${which} limit ${sql.lit(deletedAtOnce)})`.execute(db);
    deleted = Number(numAffectedRows ?? 0);
  }
}

/** Subscriptions that were erased while deliveries to them were stored. Goes from one id to the next by the index. */
async function listWaitingForNobody(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive waiting (id) as (
      select min(subscription_id) from alert_deliveries where outcome is null
      union all
      select (select min(subscription_id) from alert_deliveries where outcome is null and subscription_id > waiting.id)
      from waiting where waiting.id is not null)
    select id from waiting where id is not null and not exists
    (select 1 from alert_subscriptions where alert_subscriptions.id = waiting.id)`.execute(db);
  return rows.map(({ id }) => id);
}

const waiting = (db: Db, ids: readonly string[]) =>
  db.updateTable('alert_deliveries').where('id', 'in', ids).where('outcome', 'is', null);

/** For each subscription of these deliveries, the first position among them. */
const listFirsts = (db: Db, ids: readonly string[]) =>
  db
    .selectFrom('alert_deliveries')
    .select(({ fn }) => ['subscription_id', fn.min('position').as('first')])
    .where('id', 'in', ids)
    .where('outcome', 'is', null)
    .groupBy('subscription_id')
    .execute();

/** The place of a new delivery in its subscription's queue. */
interface Place {
  readonly position: number;
  /** When what was put off before it is due; 0 when nothing was. */
  readonly putOffUntil: number;
}

/** Positions continue behind the deliveries that wait; settled ones need none any more. */
async function continueQueues(db: Db, subscriptionIds: readonly string[]): Promise<(subscriptionId: string) => Place> {
  const last = new Map<string, Place>();
  for (const part of chunked(subscriptionIds)) {
    const rows = await db
      .selectFrom('alert_deliveries')
      .select(({ fn }) => ['subscription_id', fn.max('position').as('last')])
      .select(sql<number>`max(case when attempts > 0 then due_at else 0 end)`.as('put_off_until'))
      .where('subscription_id', 'in', part)
      .where('outcome', 'is', null)
      .groupBy('subscription_id')
      .execute();
    for (const { subscription_id, last: position, put_off_until } of rows)
      last.set(subscription_id, { position, putOffUntil: Number(put_off_until) });
  }
  return (subscriptionId) => {
    const { position, putOffUntil } = last.get(subscriptionId) ?? { position: 0, putOffUntil: 0 };
    const next = { position: position + 1, putOffUntil };
    last.set(subscriptionId, next);
    return next;
  };
}

function toRow(delivery: AlertDelivery, { position, putOffUntil }: Place): AlertDeliveryRow {
  return {
    id: delivery.id,
    subscription_id: delivery.subscriptionId,
    key: delivery.key,
    position,
    body_json: JSON.stringify(delivery.body),
    held: delivery.held ? (putOffUntil > 0 ? 2 : 1) : 0,
    due_at: Math.max(delivery.dueAt, putOffUntil),
    attempts: delivery.attempts,
    outcome: null,
    done_at: null,
  };
}

export const eventKind = wordsOf<AlertEventKind>({
  opened: true,
  escalated: true,
  reminded: true,
  returned: true,
  cameBack: true,
  resolved: true,
  deleted: true,
  superseded: true,
  changed: true,
  alreadyOpen: true,
});

const deliveryBody: z.ZodType<DeliveryBody> = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('alert'), alertId: z.string(), event: eventKind }),
  z.looseObject({ kind: z.literal('weekly') }),
]);

const deliveryColumns = z.object({ body_json: json(deliveryBody) });

function toDelivery(row: Selectable<AlertDeliveryRow>, { body_json }: z.output<typeof deliveryColumns>): AlertDelivery {
  return {
    id: row.id,
    subscriptionId: row.subscription_id,
    key: row.key,
    body: body_json,
    held: row.held !== 0,
    dueAt: row.due_at,
    attempts: row.attempts,
  };
}

export function createAlertMessages(db: Db): AlertMessages {
  const read = createRowReader(db, {
    table: 'alert_messages',
    shape: messageColumns,
    details: ['digest_reason'],
    fromRow: toMessage,
  });
  const of = (subscriptionId: string) =>
    db.selectFrom('alert_messages').selectAll().where('subscription_id', '=', subscriptionId);

  return {
    addAll: (messages) => addMessages(db, messages),
    async listShowing(subscriptionId, alertIds) {
      const rows: Selectable<AlertMessageRow>[] = [];
      for (const part of chunked(alertIds)) {
        rows.push(...(await of(subscriptionId).where('alert_id', 'in', part).execute()));
      }
      return read.list(rows).sort(newestFirst);
    },
    async listOn(subscriptionId, messageId) {
      const rows = await of(subscriptionId).where('message_id', '=', messageId).orderBy('alert_id').execute();
      return read.list(rows);
    },
    async forget(subscriptionId, messageId) {
      await db
        .deleteFrom('alert_messages')
        .where('subscription_id', '=', subscriptionId)
        .where('message_id', '=', messageId)
        .execute();
    },
  };
}

async function addMessages(db: Db, messages: readonly AlertMessage[]): Promise<void> {
  await inTransaction(db, async (within) => {
    for (const part of chunked(messages)) {
      await within
        .insertInto('alert_messages')
        .values(part.map(toMessageRow))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

const newestFirst = (one: AlertMessage, other: AlertMessage) =>
  other.at - one.at || (one.messageId < other.messageId ? 1 : -1);

function toMessageRow(message: AlertMessage): AlertMessageRow {
  return {
    subscription_id: message.subscriptionId,
    alert_id: message.alertId,
    message_id: message.messageId,
    thread_id: message.threadId,
    shared: message.shared ? 1 : 0,
    digest_reason: message.why ?? null,
    at: message.at,
  };
}

const messageColumns = z.object({
  digest_reason: wordsOf<DigestReason>({ alreadyOpen: true, burst: true, morning: true }).nullable(),
});

function toMessage(row: Selectable<AlertMessageRow>, { digest_reason }: z.output<typeof messageColumns>): AlertMessage {
  return {
    subscriptionId: row.subscription_id,
    alertId: row.alert_id,
    messageId: row.message_id,
    threadId: row.thread_id,
    shared: row.shared === 1,
    ...(digest_reason !== null && { why: digest_reason }),
    at: row.at,
  };
}

export function createAnnouncedAlerts(db: Db): AnnouncedAlerts {
  return {
    record: ({ messages, sent, toEdit, at }) =>
      inTransaction(db, async (within) => {
        const deliveries = createAlertDeliveries(within);
        await addMessages(within, messages);
        await deliveries.settle(sent, 'sent', at);
        await deliveries.setEvent(toEdit, 'changed');
      }),
  };
}

/**
 * A delivery that waits, is due (or is held and its messages were not edited yet), and has none before it in its subscription that was
 * put off: a conversation is notified in order.
 */
const isWorkable = (delivery: string, now: number): RawBuilder<SqlBool> => {
  const of = (column: string) => sql.ref(`${delivery}.${column}`);
  return sql<SqlBool>`(
    ${of('outcome')} is null and (${of('due_at')} <= ${now} or ${of('held')} = 1) and not exists (
      select 1 from alert_deliveries as put_off
      where put_off.subscription_id = ${of('subscription_id')} and put_off.outcome is null
        and put_off.attempts > 0 and put_off.due_at > ${now} and put_off.position < ${of('position')}))`;
};

export async function dropWaiting(db: Db, subscriptionId: string, at: number): Promise<void> {
  await db
    .updateTable('alert_deliveries')
    .set({ outcome: 'dropped', done_at: at })
    .where('subscription_id', '=', subscriptionId)
    .where('outcome', 'is', null)
    .execute();
}
