import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const teams: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('conversations').addColumn('team_id', 'text').execute();
    await db.schema
      .createIndex('conversations_by_team')
      .on('conversations')
      .column('team_id')
      .where(sql.ref('team_id'), 'is not', null)
      .execute();
  },
};
