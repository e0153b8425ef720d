import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import { wait } from '../lib/async.ts';

/** It holds who asked for what: no token, but nobody else's business either. */
const ownerOnly = 0o600;

/**
 * Kysely's SQLite dialect over Node's own SQLite: one file, write-ahead log, waits a while for another writer.
 * What is deleted is overwritten. The file's folder is made when it is missing, the file for its owner's eyes alone;
 * `:memory:` is a database of its own.
 */
export function createSqliteDialect(path: string): SqliteDialect {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a', ownerOnly));
  }
  const database = new DatabaseSync(path);
  try {
    // The wait comes first: the others already need it when two processes open the file at once.
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;');
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

/** How long a query waits for another process that writes. */
const patienceMs = 5_000;
const tryEveryMs = 20;

/**
 * Tries again while another process writes, and leaves this process free meanwhile. When the file has been busy for 5 s, queries
 * fail at once until one of them succeeds: those that queue up do not wait one after another.
 */
class PatientSqliteDriver extends SqliteDriver {
  #busySince: number | undefined;

  constructor(database: SqliteDatabase) {
    super({ database });
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: (query) => this.#tryPatiently(() => connection.executeQuery(query)),
      streamQuery: (query, rowsAtOnce) => connection.streamQuery(query, rowsAtOnce),
    };
  }

  /** A transaction is the writer from its beginning: what it reads is still so when it writes. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async #tryPatiently<Result>(query: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        const result = await query();
        this.#busySince = undefined;
        return result;
      } catch (error) {
        if (!isBusy(error)) throw error;
        this.#busySince ??= performance.now();
        if (performance.now() - this.#busySince > patienceMs) throw error;
        await wait(tryEveryMs);
      }
    }
  }
}

/** SQLITE_BUSY and SQLITE_LOCKED: nothing has been done. https://www.sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 5 || code === 6;
}
