import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Config } from '../config.ts';
import { migrations } from './migrations.ts';
import type { Database } from './schema.ts';
import { createSqliteDialect } from './sqlite.ts';

export type Db = Kysely<Database>;

/** Opens the database and brings it to the newest step. Throws when it cannot be opened or a step fails; nothing is half done. */
export async function openDatabase(database: Config['database']): Promise<Db> {
  if (database.kind === 'postgres') {
    throw new Error('DATABASE_URL names PostgreSQL, which this version cannot use yet; give sqlite: and a path');
  }
  const db = new Kysely<Database>({ dialect: createSqliteDialect(database.path) });
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  if (error) {
    await db.destroy();
    throw error;
  }
  return db;
}
