import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { SyncBatch, SyncBatches, SyncBatchItem } from '../domain/sync-batch.ts';
import type { Stopped } from '../domain/sync-run.ts';
import { chunked } from '../lib/json.ts';
import { claimedBy, type Lease } from './leases.ts';
import { conversationShape, createRowReader, json, localeShape, personShape } from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { Db, SyncBatchItemRow, SyncBatchRow } from './schema.ts';

/** With a lease, this process holds new batches from the start. */
export function createSyncBatches(db: Db, lease?: Lease): SyncBatches {
  const read = createRowReader(db, {
    table: 'sync_batches',
    shape: columns,
    details: ['stopped_json'],
    fromRow: toBatch,
  });
  const listItems = async (id: string) => {
    const query = db.selectFrom('sync_batch_items').selectAll().where('batch_id', '=', id);
    return (await query.orderBy('position').execute()).map(toItem);
  };
  return {
    async add(batch) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('sync_batches')
          .values({ ...toRow(batch), ...claimedBy(lease) })
          .execute();
        const rows = batch.items.map((item, position) => ({ batch_id: batch.id, position, ...toItemRow(item) }));
        for (const part of chunked(rows)) await transaction.insertInto('sync_batch_items').values(part).execute();
      });
    },
    async list(ids) {
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('sync_batches').selectAll().where('id', 'in', ids).execute();
      return Promise.all(read.list(rows).map(async (batch) => ({ ...batch, items: await listItems(batch.id) })));
    },
    async setCard(id, activityId) {
      await db.updateTable('sync_batches').set({ activity_id: activityId }).where('id', '=', id).execute();
    },
    async markStopped(id, stopped) {
      await db
        .updateTable('sync_batches')
        .set({ stopped_json: JSON.stringify(stopped) })
        .where('id', '=', id)
        .execute();
    },
    async putItem(id, item) {
      await db
        .updateTable('sync_batch_items')
        .set(toItemRow(item))
        .where((where) => where.and({ batch_id: id, token_id: item.tokenId }))
        .execute();
    },
    async endUnasked(id, outcome) {
      await db
        .updateTable('sync_batch_items')
        .set({ outcome })
        .where('batch_id', '=', id)
        .where('outcome', 'is', null)
        .where('token_id', 'not in', db.selectFrom('sync_runs').select('token_id').where('batch_id', '=', id))
        .execute();
    },
    async end(id, endedAt) {
      const query = db.updateTable('sync_batches').set({ ended_at: endedAt }).where('id', '=', id);
      await query.where('ended_at', 'is', null).execute();
    },
    async markReported(id, reportedAt) {
      const query = db.updateTable('sync_batches').set({ reported_at: reportedAt }).where('id', '=', id);
      const result = await query.where('reported_at', 'is', null).executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async prune(now) {
      const old = db
        .selectFrom('sync_batches')
        .select('id')
        .where('started_at', '<', now - keptMs.syncBatches);
      await db.deleteFrom('sync_batch_items').where('batch_id', 'in', old).execute();
      await db
        .deleteFrom('sync_batches')
        .where('started_at', '<', now - keptMs.syncBatches)
        .execute();
    },
  };
}

function toRow(batch: SyncBatch): SyncBatchRow {
  return {
    id: batch.id,
    tenant_id: batch.tenantId,
    requester_json: JSON.stringify(batch.requester),
    conversation_json: JSON.stringify(batch.conversation),
    locale: batch.locale,
    message_id: batch.messageId ?? null,
    activity_id: batch.activityId ?? null,
    correlation_id: batch.correlationId,
    stopped_json: batch.stopped === undefined ? null : JSON.stringify(batch.stopped),
    started_at: batch.startedAt,
    ended_at: batch.endedAt ?? null,
    reported_at: null,
  };
}

const toItemRow = (item: SyncBatchItem) => ({
  token_id: item.tokenId,
  name: item.name,
  joined: item.joined ? 1 : 0,
  outcome: item.outcome ?? null,
  detail: item.detail ?? null,
});

const toItem = (row: Selectable<SyncBatchItemRow>): SyncBatchItem => ({
  tokenId: row.token_id,
  name: row.name,
  joined: row.joined === 1,
  ...(row.outcome !== null && { outcome: row.outcome }),
  ...(row.detail !== null && { detail: row.detail }),
});

const stoppedShape: z.ZodType<Stopped> = z.discriminatedUnion('reason', [
  z.looseObject({ reason: z.enum(['restarted', 'tokenRejected', 'claimsChallenge', 'forbidden']) }),
  z.looseObject({ reason: z.literal('missingScope'), scopes: z.array(z.string()) }),
]);

const columns = z.object({
  requester_json: json(personShape),
  conversation_json: json(conversationShape),
  locale: localeShape,
  stopped_json: json(stoppedShape).nullable(),
});

/** The items of a batch are rows of their own. */
function toBatch(row: Selectable<SyncBatchRow>, read: z.output<typeof columns>): Omit<SyncBatch, 'items'> {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    requester: read.requester_json,
    conversation: read.conversation_json,
    locale: read.locale,
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.activity_id !== null && { activityId: row.activity_id }),
    correlationId: row.correlation_id,
    ...(read.stopped_json !== null && { stopped: read.stopped_json }),
    startedAt: row.started_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  };
}

/** Ends batches that cannot be read, and counts them as reported: their card stays as it is, their syncs continue. */
export async function giveUpBatches(db: Db, ids: readonly string[], at: number): Promise<void> {
  for (const part of chunked(ids)) {
    await db
      .updateTable('sync_batches')
      .set(({ fn, val }) => ({ ended_at: fn.coalesce('ended_at', val(at)), reported_at: at }))
      .where('id', 'in', part)
      .where('reported_at', 'is', null)
      .execute();
  }
}
