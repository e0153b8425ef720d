import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const sealedSecrets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('sealed_secrets')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('sealed_secrets_pk', ['name', 'key_id'])
      .execute();
    await db.schema.createIndex('sealed_secrets_by_owner').on('sealed_secrets').column('owner_id').execute();
    await db.schema.createIndex('sealed_secrets_expires_at').on('sealed_secrets').column('expires_at').execute();
  },
};
