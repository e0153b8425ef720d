import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
} from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { StoreLog } from './schema.ts';
import { createFlush, isBusy, noFlush, SqliteFileDriver } from './sqlite-driver.ts';

/** The file holds no token, but who asked for what. */
const ownerOnly = 0o600;

/**
 * Kysely's SQLite dialect over Node's own SQLite: one file with a write-ahead log; a query waits a while for another writer; deleted
 * content is overwritten. A missing folder is made, and a new file is readable by its owner alone; an existing file that others may read
 * and a file that another process uses are logged. Throws for a symbolic link. `:memory:` is a new database each time.
 */
export function createSqliteDialect(path: string, log: StoreLog, sync = fdatasync): Dialect {
  const isInMemory = path === ':memory:';
  const release = isInMemory ? () => undefined : prepareFile(path, log);
  const database = new DatabaseSync(path);
  try {
    // First, because the others already wait when two processes open the file at once.
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;');
    // Commits are synced by the driver.
    database.exec('PRAGMA synchronous = NORMAL;');
    database.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;');
    // SQLite blocks this process while it waits; from here on the driver waits instead.
    database.exec('PRAGMA busy_timeout = 10;');
  } catch (error) {
    database.close();
    release();
    throw error;
  }
  const flush = isInMemory ? noFlush : createFlush(path, sync);
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new SqliteFileDriver(database, flush, release),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** Throws when this process could not write the file, or make it; changes nothing. */
export function inspectSqliteFile(path: string): 'new' | 'used' {
  if (path === ':memory:') return 'new';
  const isThere = existsSync(path);
  let writable = isThere ? path : dirname(path);
  while (!existsSync(writable) && dirname(writable) !== writable) writable = dirname(writable);
  accessSync(writable, constants.R_OK | constants.W_OK);
  if (!isThere && !lstatSync(writable).isDirectory()) throw new Error(`${writable} is no folder`);
  return isThere ? 'used' : 'new';
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

class TransactionalAdapter extends SqliteAdapter {
  /** SQLite can roll back a change of the schema, which Kysely's own adapter does not use. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
  /** The driver itself lets one user at a time have its connection, and the next one while the first waits for the disk. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}
