import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const receipts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const column of ['told_at', 'took_ms', 'usual_ms'] as const) {
      await db.schema.alterTable('sync_runs').addColumn(column, 'bigint').execute();
    }
    for (const column of ['licenses_before_json', 'licenses_json'] as const) {
      await db.schema.alterTable('sync_runs').addColumn(column, 'text').execute();
    }
    await db.schema.alterTable('sync_batches').addColumn('told_at', 'bigint').execute();
    // What ended before there were these columns was told as well as it could be: it is not told again.
    await sql`update sync_runs set told_at = ended_at, took_ms = ended_at - started_at where ended_at is not null`.execute(
      db,
    );
    await sql`update sync_batches set told_at = ended_at where ended_at is not null`.execute(db);
    await db.schema
      .createIndex('sync_runs_untold')
      .on('sync_runs')
      .column('ended_at')
      .where(sql.ref('told_at'), 'is', null)
      .execute();
    await db.schema
      .createIndex('sync_runs_by_card')
      .on('sync_runs')
      .columns(['tenant_id', 'activity_id'])
      .where(sql.ref('activity_id'), 'is not', null)
      .execute();
  },
};
