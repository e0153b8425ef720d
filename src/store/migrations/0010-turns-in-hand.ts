import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const turnsInHand: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('turns_in_hand')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('begun_at', 'bigint', (column) => column.notNull())
      .addColumn('told_from', 'bigint')
      .addColumn('claimed_by', 'text')
      .addColumn('claimed_until', 'bigint')
      .addColumn('owed_json', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('turns_in_hand_claimed_until').on('turns_in_hand').column('claimed_until').execute();
  },
};
