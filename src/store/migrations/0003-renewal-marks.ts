import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const renewalMarks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('renewal_marks')
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('token_id', 'text', (column) => column.notNull())
      .addColumn('marked_at', 'bigint', (column) => column.notNull())
      .addColumn('expiration', 'text')
      .addColumn('apple_id', 'text')
      .addColumn('organization_name', 'text')
      .addPrimaryKeyConstraint('renewal_marks_pk', ['tenant_id', 'token_id'])
      .execute();
  },
};
