import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const refusals: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('sync_runs').addColumn('refusal', 'text').execute();
  },
};
