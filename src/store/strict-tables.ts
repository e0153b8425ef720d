import type { DatabaseSync } from 'node:sqlite';
import { type CreateTableNode, type DataTypeNode, SqliteQueryCompiler } from 'kysely';
import type { StoreLog } from './store-log.ts';

/** Writes every table as a `STRICT` one, in which SQLite keeps to a column's type, and types by the names STRICT knows. */
export class StrictQueryCompiler extends SqliteQueryCompiler {
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node);
    this.append(' strict');
  }
  protected override visitDataType(node: DataTypeNode): void {
    this.append(strictType(node.dataType));
  }
}

const strictType = (type: string) => type.replace(/\bbigint\b/gi, 'integer').replace(/\bvarchar\(\d+\)/gi, 'text');

/**
 * Makes the tables of a store strict that an earlier version made otherwise: each is copied and put in its own place, all or
 * nothing. One whose rows do not keep to its types stays as it is, and that is logged. A file that is no store is left alone.
 */
export function makeTablesStrict(database: DatabaseSync, log: StoreLog): void {
  for (const table of isStore(database) ? listLooseTables(database) : []) {
    database.exec('begin immediate');
    try {
      // Another process may have been faster.
      if (listLooseTables(database).includes(table)) copyStrictly(database, table);
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      log.warn({ err: error, table }, 'a table could not be made strict; it stays as it is');
    }
  }
}

function isStore(database: DatabaseSync): boolean {
  const hasSteps = database.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get();
  return hasSteps !== undefined && database.prepare('select 1 from kysely_migration').get() !== undefined;
}

function listLooseTables(database: DatabaseSync): string[] {
  const loose = database.prepare(
    "select name from pragma_table_list where schema = 'main' and type = 'table' and strict = 0 and name not like 'sqlite\\_%' escape '\\'",
  );
  return loose.all().map(({ name }) => String(name));
}

/** The steps of https://www.sqlite.org/lang_altertable.html#otheralter. No table of ours is referred to by another. */
function copyStrictly(database: DatabaseSync, table: string): void {
  const written = database.prepare('select type, sql from sqlite_schema where tbl_name = ? and sql is not null');
  const statements = written.all(table).map(({ type, sql }) => ({ type: String(type), sql: String(sql) }));
  const [of, copy] = [`"${table}"`, `"${table}_strict"`];
  const create = statements.find(({ type }) => type === 'table')?.sql ?? '';
  database.exec(`${strictType(create).replace(of, copy)} strict`);
  database.exec(`insert into ${copy} select * from ${of}`);
  database.exec(`drop table ${of}`);
  database.exec(`alter table ${copy} rename to ${of}`);
  for (const { type, sql } of statements) if (type === 'index') database.exec(sql);
}
