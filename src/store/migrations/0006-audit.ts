import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Before the first entry. */
const genesisHash = '0'.repeat(64);

export const audit: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('audit_entries')
      .addColumn('seq', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('tenant_id', 'text')
      .addColumn('person_id', 'text')
      .addColumn('person_name', 'text')
      .addColumn('conversation_tenant_id', 'text')
      .addColumn('conversation_id', 'text')
      .addColumn('conversation_kind', 'text')
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('via', 'text', (column) => column.notNull())
      .addColumn('stage', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('token_id', 'text')
      .addColumn('token_name', 'text')
      .addColumn('run_id', 'text')
      .addColumn('request_id', 'text')
      .addColumn('client_request_id', 'text')
      .addColumn('correlation_id', 'text')
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('audit_entries_by_token')
      .on('audit_entries')
      .columns(['tenant_id', 'token_id', 'seq'])
      .where(sql.ref('stage'), '=', sql.lit('asked'))
      .execute();
    await db.schema
      .createIndex('audit_entries_by_run')
      .on('audit_entries')
      .column('run_id')
      .where(sql.ref('run_id'), 'is not', null)
      .execute();
    // A sync ends once, whoever tells of it first.
    await db.schema
      .createIndex('audit_entries_one_end')
      .unique()
      .on('audit_entries')
      .column('run_id')
      .where(sql.ref('stage'), '=', sql.lit('ended'))
      .execute();

    await db.schema
      .createTable('audit_head')
      .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('anchor_seq', 'bigint', (column) => column.notNull())
      .addColumn('anchor_hash', 'text', (column) => column.notNull())
      .addColumn('anchor_at', 'bigint')
      .addColumn('key_id', 'text')
      .addColumn('seal', 'text')
      .execute();
    await sql`
      insert into audit_head (id, seq, hash, anchor_seq, anchor_hash)
      values (1, 0, ${genesisHash}, 0, ${genesisHash})`.execute(db);
  },
};
