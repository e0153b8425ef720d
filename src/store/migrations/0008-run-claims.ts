import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const runClaims: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const table of ['sync_runs', 'sync_batches'] as const) {
      await db.schema.alterTable(table).addColumn('claimed_by', 'text').execute();
      await db.schema.alterTable(table).addColumn('claimed_until', 'bigint').execute();
    }
    await db.schema
      .createIndex('sync_runs_going_on')
      .on('sync_runs')
      .column('claimed_until')
      .where(sql.ref('phase'), '!=', 'ended')
      .execute();
    await db.schema
      .createIndex('sync_batches_untold')
      .on('sync_batches')
      .column('claimed_until')
      .where(sql.ref('told_at'), 'is', null)
      .execute();
  },
};
