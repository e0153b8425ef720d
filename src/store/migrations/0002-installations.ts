import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const installations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('installations')
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('installations_place', ['tenant_id', 'conversation_id'])
      .execute();
    await db.schema.createIndex('sync_runs_by_time').on('sync_runs').columns(['tenant_id', 'started_at']).execute();
  },
};
