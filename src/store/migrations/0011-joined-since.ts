import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const joinedSince: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('sync_runs').addColumn('joined_since', 'bigint').execute();
  },
};
