import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Config } from '../config.ts';
import { migrations } from './migrations.ts';
import type { Database } from './schema.ts';
import { createSqliteDialect } from './sqlite.ts';

export type Db = Kysely<Database>;

/**
 * Opens the database and brings it to the newest step. Throws an error that names DATABASE_URL when it cannot be opened or a
 * step fails; nothing is half done. Processes may open one file at the same moment.
 */
export async function openDatabase(database: Config['database']): Promise<Db> {
  if (database.kind === 'postgres') {
    throw new Error('DATABASE_URL names PostgreSQL, which this version cannot use yet; give sqlite: and a path');
  }
  try {
    return await openSqlite(database.path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`DATABASE_URL cannot be used: ${why}`, { cause: error });
  }
}

async function openSqlite(path: string): Promise<Db> {
  const db = new Kysely<Database>({ dialect: createSqliteDialect(path) });
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  if (!error) return db;
  await db.destroy();
  throw error;
}
