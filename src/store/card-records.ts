import type { Selectable } from 'kysely';
import type { CardRecord, CardRecords } from '../domain/card-record.ts';
import { type CardRecordRow, type Db, newestChecked } from './schema.ts';

export function createCardRecords(db: Db): CardRecords {
  async function findOpen(kind: CardRecord['kind'], ownerId: string, conversationId: string, now: number) {
    const row = await db
      .selectFrom('card_records')
      .selectAll()
      .where((where) => where.and({ kind, owner_id: ownerId, conversation_id: conversationId }))
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .orderBy('created_at', 'desc')
      .limit(newestChecked)
      .executeTakeFirst();
    return row && toRecord(row);
  }

  return {
    async add(record) {
      await db
        .insertInto('card_records')
        .values({
          id: record.id,
          kind: record.kind,
          owner_id: record.ownerId ?? null,
          conversation_id: record.conversationId,
          payload_json: JSON.stringify(record.payload),
          created_at: record.createdAt,
          expires_at: record.expiresAt,
          used_at: record.usedAt ?? null,
        })
        .execute();
    },
    async find(id) {
      const row = await db.selectFrom('card_records').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },
    async take(id, now) {
      const result = await db
        .updateTable('card_records')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async reopen(id) {
      await db.updateTable('card_records').set({ used_at: null }).where('id', '=', id).execute();
    },
    findOpenPlan: (...of) => findOpen('plan', ...of),
    findOpenChoice: (...of) => findOpen('choice', ...of),
    async cancelDialogs(ownerId, conversationId, now) {
      await db
        .updateTable('card_records')
        .set({ used_at: now })
        .where((where) => where.and({ owner_id: ownerId, conversation_id: conversationId }))
        .where('kind', 'in', ['choice', 'plan'])
        .where('used_at', 'is', null)
        .execute();
    },
    async endAllOf(ownerId, now) {
      await db
        .updateTable('card_records')
        .set({ used_at: now })
        .where('owner_id', '=', ownerId)
        .where('used_at', 'is', null)
        .execute();
    },
    async prune(now) {
      await db.deleteFrom('card_records').where('expires_at', '<', now).execute();
    },
  };
}

function toRecord(row: Selectable<CardRecordRow>): CardRecord {
  return {
    id: row.id,
    kind: row.kind as CardRecord['kind'],
    ...(row.owner_id !== null && { ownerId: row.owner_id }),
    conversationId: row.conversation_id,
    payload: JSON.parse(row.payload_json),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    ...(row.used_at !== null && { usedAt: Number(row.used_at) }),
  };
}
