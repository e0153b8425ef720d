import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const mainJob: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('processed_activities')
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('processed_activities_at').on('processed_activities').column('at').execute();

    await db.schema
      .createTable('press_records')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('owner_id', 'text')
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('payload_json', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint')
      .execute();
    await db.schema.createIndex('press_records_expires_at').on('press_records').column('expires_at').execute();
    await db.schema
      .createIndex('press_records_open_dialogs')
      .on('press_records')
      .columns(['conversation_id', 'owner_id'])
      .where(sql.ref('used_at'), 'is', null)
      .execute();

    await db.schema
      .createTable('sign_in_requests')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('owner_json', 'text', (column) => column.notNull())
      .addColumn('conversation_json', 'text', (column) => column.notNull())
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('claims', 'text')
      .addColumn('resume', 'text', (column) => column.notNull())
      .addColumn('is_retry', 'integer', (column) => column.notNull())
      .addColumn('card_id', 'text')
      .addColumn('message_id', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint')
      .addColumn('state_hash', 'text', (column) => column.unique())
      .addColumn('code_verifier', 'text')
      .execute();
    await db.schema.createIndex('sign_in_requests_expires_at').on('sign_in_requests').column('expires_at').execute();

    await db.schema
      .createTable('sync_runs')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('token_id', 'text', (column) => column.notNull())
      .addColumn('phase', 'text', (column) => column.notNull())
      .addColumn('joined', 'integer', (column) => column.notNull())
      .addColumn('requester_json', 'text', (column) => column.notNull())
      .addColumn('conversation_json', 'text', (column) => column.notNull())
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('message_id', 'text')
      .addColumn('activity_id', 'text')
      .addColumn('before_json', 'text', (column) => column.notNull())
      .addColumn('after_json', 'text')
      .addColumn('seen_in_progress', 'integer', (column) => column.notNull())
      .addColumn('uncertain', 'integer', (column) => column.notNull())
      .addColumn('outcome', 'text')
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .execute();
    // At most one POST per token at a time, whoever asks and in whichever process: everybody else joins.
    await db.schema
      .createIndex('sync_runs_one_leader')
      .unique()
      .on('sync_runs')
      .columns(['tenant_id', 'token_id'])
      .where(sql.ref('phase'), '!=', sql.lit('ended'))
      .where(sql.ref('joined'), '=', sql.lit(0))
      .execute();
    await db.schema
      .createIndex('sync_runs_by_token')
      .on('sync_runs')
      .columns(['tenant_id', 'token_id', 'ended_at'])
      .execute();
  },
};
