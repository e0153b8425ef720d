import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const syncBatches: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('sync_batches')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('requester_json', 'text', (column) => column.notNull())
      .addColumn('conversation_json', 'text', (column) => column.notNull())
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('message_id', 'text')
      .addColumn('activity_id', 'text')
      .addColumn('correlation_id', 'text', (column) => column.notNull())
      .addColumn('stopped_json', 'text')
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .execute();
    await db.schema
      .createTable('sync_batch_items')
      .addColumn('batch_id', 'text', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('token_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('joined', 'integer', (column) => column.notNull())
      .addColumn('outcome', 'text')
      .addColumn('detail', 'text')
      .addPrimaryKeyConstraint('sync_batch_items_pk', ['batch_id', 'token_id'])
      .execute();
    await db.schema.alterTable('sync_runs').addColumn('batch_id', 'text').execute();
    await db.schema
      .createIndex('sync_runs_by_batch')
      .on('sync_runs')
      .column('batch_id')
      .where(sql.ref('batch_id'), 'is not', null)
      .execute();
  },
};
