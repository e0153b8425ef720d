import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteDriver } from 'kysely';
import { PatientSqliteDriver } from './sqlite-driver.ts';
import type { StoreLog } from './store-log.ts';
import { makeTablesStrict, StrictQueryCompiler } from './strict-tables.ts';

/** It holds who asked for what: no token, but nobody else's business either. */
const ownerOnly = 0o600;

/**
 * Kysely's SQLite dialect over Node's own SQLite: one file, write-ahead log, strict tables, waits a while for another writer.
 * What is deleted is overwritten. The file's folder is made when it is missing, the file for its owner's eyes alone;
 * `:memory:` is a database of its own.
 */
export function createSqliteDialect(path: string, log: StoreLog): SqliteDialect {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a', ownerOnly));
  }
  const database = new DatabaseSync(path);
  try {
    // The wait comes first: the others already need it when two processes open the file at once.
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;');
    makeTablesStrict(database, log);
    // Nothing else happens in this process while SQLite itself waits; from here on the driver does it.
    database.exec('PRAGMA busy_timeout = 10;');
  } catch (error) {
    database.close();
    throw error;
  }
  return new OwnDialect(asKyselyWantsIt(database));
}

class OwnDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super({ database });
    this.#database = database;
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
  override createDriver(): SqliteDriver {
    return new PatientSqliteDriver(this.#database);
  }
  override createQueryCompiler(): StrictQueryCompiler {
    return new StrictQueryCompiler();
  }
}

/** SQLite can roll back a change of the schema; Kysely does not make use of it unless told. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function asKyselyWantsIt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      const values = (parameters: ReadonlyArray<unknown>) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)) as IterableIterator<unknown>,
      };
    },
  };
}
