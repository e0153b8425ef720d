import type { Selectable } from 'kysely';
import type { DigestReason } from '../alerts/wall.ts';
import type { AlertMessage, AlertMessages } from '../domain/alert-repositories.ts';
import { inParts } from '../lib/json.ts';
import type { AlertMessageRow } from './alert-rows.ts';
import { inTransaction } from './in-transaction.ts';
import type { Db } from './open-database.ts';

export function createAlertMessages(db: Db): AlertMessages {
  const of = (subscriptionId: string) =>
    db.selectFrom('alert_messages').selectAll().where('subscription_id', '=', subscriptionId);

  return {
    addAll: (messages) => addMessages(db, messages),
    async listShowing(subscriptionId, alertIds) {
      const rows: Selectable<AlertMessageRow>[] = [];
      for (const part of inParts(alertIds)) {
        rows.push(...(await of(subscriptionId).where('alert_id', 'in', part).execute()));
      }
      return rows.map(toMessage).sort(newestFirst);
    },
    async listOn(subscriptionId, messageId) {
      const rows = await of(subscriptionId).where('message_id', '=', messageId).orderBy('alert_id').execute();
      return rows.map(toMessage);
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

export async function addMessages(db: Db, messages: readonly AlertMessage[]): Promise<void> {
  await inTransaction(db, async (within) => {
    for (const part of inParts(messages)) {
      await within
        .insertInto('alert_messages')
        .values(part.map(toRow))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

const newestFirst = (one: AlertMessage, other: AlertMessage) =>
  other.at - one.at || (one.messageId < other.messageId ? 1 : -1);

function toRow(message: AlertMessage): AlertMessageRow {
  return {
    subscription_id: message.subscriptionId,
    alert_id: message.alertId,
    message_id: message.messageId,
    thread_id: message.threadId,
    shared: message.shared ? 1 : 0,
    why: message.why ?? null,
    at: message.at,
  };
}

function toMessage(row: Selectable<AlertMessageRow>): AlertMessage {
  return {
    subscriptionId: row.subscription_id,
    alertId: row.alert_id,
    messageId: row.message_id,
    threadId: row.thread_id,
    shared: row.shared === 1,
    ...(row.why !== null && { why: row.why as DigestReason }),
    at: Number(row.at),
  };
}
