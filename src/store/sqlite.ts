import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { platform } from 'node:os';
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
import { pauseInTime, wait } from '../lib/async.ts';
import type { StoreLog } from './schema.ts';

/** The file holds no token, but who asked for what. */
const ownerOnly = 0o600;

/**
 * Kysely's SQLite dialect over Node's own SQLite: one file with a write-ahead log; a query waits a while for another writer; deleted
 * content is overwritten. A missing folder is made, and a new file is readable by its owner alone; an existing file that others may read
 * and a file that another process uses are logged. Throws for a symbolic link. `:memory:` is a new database each time.
 */
export function createSqliteDialect(path: string, log: StoreLog): SqliteDialect {
  const release = path === ':memory:' ? () => undefined : prepareFile(path, log);
  const database = new DatabaseSync(path);
  try {
    // First, because the others already wait when two processes open the file at once.
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;');
    // SQLite blocks this process while it waits; from here on the driver waits instead.
    database.exec('PRAGMA busy_timeout = 10;');
  } catch (error) {
    database.close();
    release();
    throw error;
  }
  return new OwnDialect(toKyselyDatabase(database, release));
}

/** Makes the file where there is none. Resolves to what gives the mark of its user back. */
function prepareFile(path: string, log: StoreLog): () => void {
  mkdirSync(dirname(path), { recursive: true });
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error('it is a symbolic link, which could lead to any file; name the file itself');
  }
  const file = openSync(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, ownerOnly);
  const { mode } = fstatSync(file);
  closeSync(file);
  if (platform() !== 'win32' && (mode & 0o077) !== 0) {
    log.warn(
      { path, mode: (mode & 0o777).toString(8) },
      'others may read the database file; make it its owner’s alone (chmod 600)',
    );
  }
  return markAsUsed(path, log);
}

/** The lock of a second, empty database ends with its process, however that ends. */
function markAsUsed(path: string, log: StoreLog): () => void {
  closeSync(openSync(`${path}-user`, 'a', ownerOnly));
  const mark = new DatabaseSync(`${path}-user`);
  try {
    mark.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
  } catch (error) {
    if (!isBusy(error)) log.warn({ err: error }, 'the database file cannot be marked as used');
    else log.warn({ path }, 'another process uses this database file; several processes belong on PostgreSQL');
  }
  return () => mark.close();
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

function toKyselyDatabase(database: DatabaseSync, onClose: () => void): SqliteDatabase {
  return {
    close() {
      database.close();
      onClose();
    },
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
    // Queries never wait for anything outside this process, so many of them would hold up everybody.
    await pauseInTime();
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
