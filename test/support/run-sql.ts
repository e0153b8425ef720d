import { DatabaseSync } from 'node:sqlite';
import type { Config } from '../../src/config.ts';
import { queryPostgres } from '../postgres/test-database.ts';

/** Says one sentence of SQL to a database past the bot, over a connection of its own, and resolves with the rows. */
export async function runSql<Row extends object>(database: Config['database'], sql: string): Promise<Row[]> {
  if (database.kind === 'postgres') return queryPostgres<Row>(database.url, sql);
  const other = new DatabaseSync(database.path);
  try {
    return other
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }) as Row);
  } finally {
    other.close();
  }
}

/** Names of the tables of a database, those of the migrations apart. */
export async function listTables(database: Config['database']): Promise<string[]> {
  const rows = await runSql<{ name: string }>(
    database,
    database.kind === 'postgres'
      ? "select table_name as name from information_schema.tables where table_schema = 'public'"
      : "select name from sqlite_schema where type = 'table' and name not like 'sqlite%'",
  );
  return rows.flatMap(({ name }) => (name.startsWith('kysely_') ? [] : [name])).toSorted();
}
