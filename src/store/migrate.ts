import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations.ts';
import type { Database } from './schema.ts';

/**
 * Brings the schema to the newest step, all pending steps or none, under the database's own lock: processes may start at the same
 * moment. Refuses a database that a newer version has used.
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  if (error === undefined) return;
  const newer = (await listAppliedSteps(db)).find((name) => !Object.hasOwn(migrations, name));
  if (newer === undefined) throw error;
  throw new Error(
    `a newer version of the bot has used it (this one does not know its step ${newer}); start that version, or restore a backup`,
  );
}

async function listAppliedSteps(db: Kysely<Database>): Promise<string[]> {
  const applied = db.withTables<{ kysely_migration: { name: string } }>().selectFrom('kysely_migration').select('name');
  return applied.execute().then(
    (rows) => rows.map(({ name }) => name),
    () => [],
  );
}
