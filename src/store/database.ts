import { type Dialect, Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Config } from '../config.ts';
import { initial, nameInitial } from './migrations/0001-initial.ts';
import type { GetPassword, OnWait } from './postgres.ts';
import { createRowLog } from './read-rows.ts';
import type { Database, Db, StoreLog } from './schema.ts';
import { createSqliteDialect, inspectSqliteFile } from './sqlite.ts';

export interface OpenOptions {
  readonly log?: StoreLog;
  readonly onWait?: OnWait;
  /** For a PostgreSQL whose address has no password. */
  readonly getPassword?: GetPassword | undefined;
}

/**
 * Opens the database and applies pending migrations, all or none. Throws an error that names DATABASE_URL, and shows no password, when it
 * cannot be opened or a migration fails. Processes may open one database at the same moment.
 */
export async function openDatabase(
  database: Config['database'],
  { log = silent, ...options }: OpenOptions = {},
): Promise<Db> {
  try {
    return database.kind === 'postgres'
      ? await openPostgres(database.url, log, options)
      : await openSqlite(database.path, log);
  } catch (error) {
    throw refusalOf(database, error);
  }
}

function refusalOf(database: Config['database'], error: unknown): Error {
  const why = reasonOf(error).replaceAll(/\s+/g, ' ');
  if (database.kind === 'sqlite') return new Error(`DATABASE_URL cannot be used: ${why}`, { cause: error });
  // No cause: a library's error may hold the password.
  return new Error(`DATABASE_URL cannot be used: ${withoutPassword(why, database.url)}`);
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

/** Migrations may take longer than any query of the bot, and wait for another process that applies them. */
const migrationLimits = { max: 1, statement_timeout: 120_000, query_timeout: 130_000 };

async function openPostgres(url: string, log: StoreLog, { onWait, getPassword }: OpenOptions): Promise<Db> {
  // Most installations use SQLite, and need not load this.
  const { createPostgresPool } = await import('./postgres.ts');
  const signIn = getPassword && { getPassword };
  const migrationPool = createPostgresPool(url, log, { ...migrationLimits, ...signIn });
  const migrating = withDialect(new PostgresDialect({ pool: migrationPool }), log);
  try {
    await migrate(migrating);
  } finally {
    await migrating.destroy();
  }
  const pool = createPostgresPool(url, log, { ...(onWait && { onWait }), ...signIn });
  return Object.assign(withDialect(new PostgresDialect({ pool }), log), {
    isBusy: pool.isBusy,
    readUse: pool.readUse,
  });
}

const withDialect = (dialect: Dialect, log: StoreLog): Db =>
  Object.assign(new Kysely<Database>({ dialect }), { rowLog: createRowLog(log) });

function reasonOf(error: unknown): string {
  // A name with several addresses fails with one error for each, and with no message of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/**
 * Looks at a database without changing it: is it there, and who has used it. Throws as `openDatabase` does. A file is not opened, because
 * whoever looks may be another user than the bot's.
 */
export async function inspectDatabase(
  database: Config['database'],
  { getPassword }: Pick<OpenOptions, 'getPassword'> = {},
): Promise<'new' | 'used'> {
  try {
    if (database.kind === 'sqlite') return inspectSqliteFile(database.path);
    const { createPostgresPool } = await import('./postgres.ts');
    const pool = createPostgresPool(database.url, silent, { max: 1, ...(getPassword && { getPassword }) });
    const db = withDialect(new PostgresDialect({ pool }), silent);
    try {
      const [right] = (
        await sql<{ may: boolean }>`select has_schema_privilege(current_schema(), 'create') as may`.execute(db)
      ).rows;
      if (!right?.may) throw new Error('its role may create no tables in the schema');
      const applied = await listAppliedMigrations(db);
      if (applied.length > 0) refuseUnknown(applied);
      return applied.length > 0 ? 'used' : 'new';
    } finally {
      await db.destroy();
    }
  } catch (error) {
    throw refusalOf(database, error);
  }
}

const silent: StoreLog = { warn: () => undefined };

/** Forward only: a released migration is never edited, the next one corrects it. Keys sort in the order they are applied. */
const initialName = nameInitial();
export const migrations: Readonly<Record<string, Migration>> = { [initialName]: initial };

/**
 * Applies all pending migrations or none, under the database's own lock: processes may start at the same moment. Refuses a database
 * of a newer version, and one of an earlier build with other tables.
 */
async function migrate(db: Db): Promise<void> {
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  if (error === undefined) return;
  refuseUnknown(await listAppliedMigrations(db));
  throw error;
}

function refuseUnknown(applied: readonly string[]): void {
  const unknown = applied.find((name) => !Object.hasOwn(migrations, name));
  if (unknown === undefined) return;
  if (!applied.includes(initialName)) {
    throw new Error('an earlier build made it, with other tables; name a new database');
  }
  throw new Error(
    `a newer version of the bot has used it (this one does not know its migration ${unknown}); start that version, or restore a backup`,
  );
}

async function listAppliedMigrations(db: Db): Promise<string[]> {
  const applied = db.withTables<{ kysely_migration: { name: string } }>().selectFrom('kysely_migration').select('name');
  return applied.execute().then(
    (rows) => rows.map(({ name }) => name),
    () => [],
  );
}

/** Removes the address's password from a text, URL-encoded or not. */
function withoutPassword(text: string, url: string): string {
  const parsed = URL.parse(url);
  const passwords = [parsed?.password ?? '', ...(parsed?.searchParams.getAll('password') ?? [])];
  const written = passwords.flatMap((each) => [each, tryDecoding(each)]).filter((each) => each !== '');
  return [url, ...written].reduce((left, each) => left.replaceAll(each, '…'), text);
}

function tryDecoding(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
