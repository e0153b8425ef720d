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

/** The file holds no token, but who asked for what. */
const ownerOnly = 0o600;

/**
 * Kysely's SQLite dialect over Node's own SQLite: one file with a write-ahead log; a query waits a while for another writer; deleted
 * content is overwritten. A missing folder is made, and the file is readable by its owner alone. `:memory:` is a new database each time.
 */
export function createSqliteDialect(path: string): SqliteDialect {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a', ownerOnly));
  }
  const database = new DatabaseSync(path);
  try {
    // First, because the others already wait when two processes open the file at once.
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;');
    // SQLite blocks this process while it waits; from here on the driver waits instead.
    database.exec('PRAGMA busy_timeout = 10;');
  } catch (error) {
    database.close();
    throw error;
  }
  return new OwnDialect(toKyselyDatabase(database));
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
    return new WaitingSqliteDriver(this.#database);
  }
}

/** SQLite can roll back a change of the schema, which Kysely's own adapter does not use. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function toKyselyDatabase(database: DatabaseSync): SqliteDatabase {
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

/** A query waits this long for another process that writes. */
const longestWaitMs = 5_000;
const tryEveryMs = 20;

/**
 * Tries again while another process writes, and leaves this process free meanwhile. Once the file has been busy for 5 s, queries fail at
 * once until one succeeds, so that those in the queue do not wait one after another.
 */
class WaitingSqliteDriver extends SqliteDriver {
  #busySince: number | undefined;

  constructor(database: SqliteDatabase) {
    super({ database });
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: (query) => this.#executeWaiting(() => connection.executeQuery(query)),
      streamQuery: (query, rowsAtOnce) => connection.streamQuery(query, rowsAtOnce),
    };
  }

  /** A transaction locks the file from its beginning, so that what it reads is still true when it writes. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async #executeWaiting<Result>(query: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        const result = await query();
        this.#busySince = undefined;
        return result;
      } catch (error) {
        if (!isBusy(error)) throw error;
        this.#busySince ??= performance.now();
        if (performance.now() - this.#busySince > longestWaitMs) throw error;
        await wait(tryEveryMs);
      }
    }
  }
}

/** SQLITE_BUSY or SQLITE_LOCKED: the query has done nothing. https://www.sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 5 || code === 6;
}
