import { type Dialect, Kysely, PostgresDialect } from 'kysely';
import type { Config } from '../config.ts';
import { migrate } from './migrate.ts';
import { createPostgresPool } from './postgres-pool.ts';
import type { Database } from './schema.ts';
import { createSqliteDialect } from './sqlite.ts';
import type { StoreLog } from './store-log.ts';
import { createUnreadableRows } from './unreadable-rows.ts';
import { withoutPassword } from './without-password.ts';

export type Db = Kysely<Database>;

/**
 * Opens the database and brings it to the newest step. Throws an error that names DATABASE_URL, and shows no password, when it
 * cannot be opened or a step fails; nothing is half done. Processes may open one database at the same moment.
 */
export async function openDatabase(database: Config['database'], log: StoreLog = silent): Promise<Db> {
  try {
    return database.kind === 'postgres' ? await openPostgres(database.url, log) : await openSqlite(database.path, log);
  } catch (error) {
    const why = reasonOf(error).replaceAll(/\s+/g, ' ');
    if (database.kind === 'sqlite') throw new Error(`DATABASE_URL cannot be used: ${why}`, { cause: error });
    // No cause: what a library keeps in its errors is not ours to vouch for.
    throw new Error(`DATABASE_URL cannot be used: ${withoutPassword(why, database.url)}`);
  }
}

async function openSqlite(path: string, log: StoreLog): Promise<Db> {
  const db = withDialect(createSqliteDialect(path, log), log);
  try {
    await migrate(db);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Steps of the schema may take longer than any query of the bot, and wait for another process that applies them. */
const migrationLimits = { max: 1, statement_timeout: 120_000, query_timeout: 130_000 };

async function openPostgres(url: string, log: StoreLog): Promise<Db> {
  const migrating = withDialect(new PostgresDialect({ pool: createPostgresPool(url, log, migrationLimits) }), log);
  try {
    await migrate(migrating);
  } finally {
    await migrating.destroy();
  }
  return withDialect(new PostgresDialect({ pool: createPostgresPool(url, log) }), log);
}

const withDialect = (dialect: Dialect, log: StoreLog) =>
  new Kysely<Database>({ dialect, plugins: [createUnreadableRows(log)] });

function reasonOf(error: unknown): string {
  // A name with several addresses fails with one error for each, and with no message of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

const silent: StoreLog = { warn: () => undefined };
