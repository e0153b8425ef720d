import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const alerts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('watched_tenants')
      .addColumn('tenant_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('claimed_by', 'text')
      .addColumn('claimed_until', 'bigint')
      .addColumn('passed_at', 'bigint')
      .addColumn('good_at', 'bigint')
      .addColumn('failed_passes', 'integer', (column) => column.notNull())
      .addColumn('failure_json', 'text')
      .addColumn('licenses_at', 'bigint')
      .execute();

    await db.schema
      .createTable('token_snapshots')
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('token_id', 'text', (column) => column.notNull())
      .addColumn('token_json', 'text', (column) => column.notNull())
      .addColumn('first_seen_at', 'bigint', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addColumn('completed_at', 'bigint')
      .addColumn('in_progress_since', 'bigint')
      .addPrimaryKeyConstraint('token_snapshots_pk', ['tenant_id', 'token_id'])
      .execute();

    await db.schema
      .createTable('alerts')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('token_id', 'text', (column) => column.notNull())
      .addColumn('condition', 'text', (column) => column.notNull())
      .addColumn('stage', 'text', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('opened_at', 'bigint', (column) => column.notNull())
      .addColumn('notified_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('ending', 'text')
      .addColumn('state_json', 'text', (column) => column.notNull())
      .execute();
    // At most one open alert per condition of a token, in whichever process it is opened.
    await db.schema
      .createIndex('alerts_one_open')
      .unique()
      .on('alerts')
      .columns(['tenant_id', 'token_id', 'condition'])
      .where(sql.ref('ended_at'), 'is', null)
      .execute();
    await db.schema.createIndex('alerts_by_end').on('alerts').columns(['tenant_id', 'ended_at']).execute();

    await db.schema
      .createTable('alert_subscriptions')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull().unique())
      .addColumn('owner_json', 'text', (column) => column.notNull())
      .addColumn('locale', 'text', (column) => column.notNull())
      .addColumn('covers_json', 'text', (column) => column.notNull())
      .addColumn('events_json', 'text', (column) => column.notNull())
      .addColumn('quiet_json', 'text')
      .addColumn('time_zone', 'text', (column) => column.notNull())
      .addColumn('weekly_at', 'bigint')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('suspended_at', 'bigint')
      .addColumn('suspended_for', 'text')
      .addColumn('removed_at', 'bigint')
      .addColumn('claimed_by', 'text')
      .addColumn('claimed_until', 'bigint')
      .execute();

    await db.schema
      .createTable('alert_deliveries')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('subscription_id', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull().unique())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('body_json', 'text', (column) => column.notNull())
      .addColumn('held', 'integer', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('outcome', 'text')
      .addColumn('done_at', 'bigint')
      .execute();
    await db.schema
      .createIndex('alert_deliveries_waiting')
      .on('alert_deliveries')
      .columns(['subscription_id', 'due_at'])
      .where(sql.ref('outcome'), 'is', null)
      .execute();
    await db.schema.createIndex('alert_deliveries_done_at').on('alert_deliveries').column('done_at').execute();

    await db.schema
      .createTable('alert_messages')
      .addColumn('subscription_id', 'text', (column) => column.notNull())
      .addColumn('alert_id', 'text', (column) => column.notNull())
      .addColumn('message_id', 'text', (column) => column.notNull())
      .addColumn('thread_id', 'text', (column) => column.notNull())
      .addColumn('shared', 'integer', (column) => column.notNull())
      .addColumn('why', 'text')
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('alert_messages_pk', ['subscription_id', 'alert_id', 'message_id'])
      .execute();

    await db.schema
      .createTable('conversations')
      .addColumn('conversation_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('reference_json', 'text', (column) => column.notNull())
      .addColumn('person_id', 'text')
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('conversations_by_person').on('conversations').column('person_id').execute();
  },
};
