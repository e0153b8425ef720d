import { closeSync, type fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely';
import { createSharedWork, pauseInTime, wait } from '../lib/async.ts';
import { createBoundedMap } from '../lib/limits.ts';

/**
 * Tables whose rows need to survive the process, and not a power cut: what they hold is of use for seconds, or is found again by
 * asking anew. docs/reliability.md says what is lost with them.
 */
const passing: ReadonlySet<string> = new Set([
  'processed_activities',
  'open_turns',
  'card_records',
  'sign_in_requests',
  'conversations',
]);

const written = /\b(?:insert into|update|delete from) "(\w+)"/i;
/** A lease expires anyway, so a power cut may lose its claim. */
const claims = /\bset claimed_(?:by|until) = /i;

function isLasting(sql: string): boolean {
  const table = written.exec(sql)?.[1];
  return table !== undefined && !passing.has(table) && !claims.test(sql);
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
  readonly isLasting: boolean;
}

/** More than the bot has; those with lists of values in them have a text for each length. */
const mostPrepared = 300;

/** A query waits this long for another process that writes. */
const longestWaitMs = 5_000;
const tryEveryMs = 20;

/**
 * Runs Kysely's queries on one connection, a transaction or a single query at a time. What must survive a power cut is on the disk when
 * its query or transaction resolves; whoever asks for that at the same moment shares one write to the disk, and holds up nobody.
 * While another process writes it tries again, and leaves this process free. Once the file has been busy for 5 s, queries fail at once
 * until one succeeds, so that those in the queue do not wait one after another.
 */
export class SqliteFileDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #flush: Flush;
  readonly #onClose: () => void;
  readonly #prepared = createBoundedMap<Prepared>(mostPrepared);
  #busySince: number | undefined;
  #released: Promise<void> = Promise.resolve();

  constructor(database: DatabaseSync, flush: Flush, onClose: () => void) {
    this.#database = database;
    this.#flush = flush;
    this.#onClose = onClose;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SqliteConnection> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#released;
    this.#released = promise;
    await before;
    return new SqliteConnection((query) => this.#executeWaiting(query), resolve);
  }

  /** A transaction locks the file from its beginning, so that what it reads is still true when it writes. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(connection: SqliteConnection): Promise<void> {
    connection.release();
    if (connection.mustLast) await this.#flush.toDisk();
  }

  async destroy(): Promise<void> {
    await this.#flush.close();
    this.#database.close();
    this.#onClose();
  }

  async #executeWaiting(query: CompiledQuery): Promise<Executed> {
    // Queries never wait for anything outside this process, so many of them would hold up everybody.
    await pauseInTime();
    for (;;) {
      try {
        const result = this.#execute(query);
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

  #execute({ sql, parameters }: CompiledQuery): Executed {
    const { statement, returnsRows, isLasting } = this.#prepare(sql);
    const values = parameters as SQLInputValue[];
    if (returnsRows) return { isLasting, result: { rows: statement.all(...values) } };
    const { changes, lastInsertRowid } = statement.run(...values);
    const result = { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] };
    return { isLasting: isLasting && Number(changes) > 0, result };
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0, isLasting: isLasting(sql) };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

interface Executed {
  readonly result: QueryResult<unknown>;
  readonly isLasting: boolean;
}

/** The one connection, in the hands of one user until it is released. */
class SqliteConnection implements DatabaseConnection {
  readonly #execute: (query: CompiledQuery) => Promise<Executed>;
  readonly release: () => void;
  /** True when something was written that must survive a power cut. */
  mustLast = false;

  constructor(execute: (query: CompiledQuery) => Promise<Executed>, release: () => void) {
    this.#execute = execute;
    this.release = release;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { result, isLasting } = await this.#execute(query);
    this.mustLast ||= isLasting;
    return result as QueryResult<Row>;
  }

  // biome-ignore lint/correctness/useYield: nothing is streamed
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('Queries are not streamed');
  }
}

/** SQLITE_BUSY or SQLITE_LOCKED: the query has done nothing. https://www.sqlite.org/rescode.html */
export function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 5 || code === 6;
}

export interface Flush {
  /** Resolves when everything committed before the call is on the disk. */
  toDisk(): Promise<void>;
  /** Waits for those who wait for the disk. */
  close(): Promise<void>;
}

/**
 * SQLite in WAL mode appends every commit to one file, so that syncing it keeps all commits until then, in their order
 * (https://www.sqlite.org/wal.html). Done here and not by SQLite, which would block the process at each commit.
 */
export function createFlush(path: string, sync: typeof fdatasync): Flush {
  const log = `${path}-wal`;
  let file: number | undefined;

  function open(): number {
    // The new file's name must be on the disk too.
    const folder = openSync(dirname(log), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    return openSync(log, 'r+');
  }

  // A sync that is under way may have begun before the last commit.
  const syncs = createSharedWork(
    () =>
      new Promise<void>((resolve, reject) => {
        file ??= open();
        sync(file, (error) => (error ? reject(error) : resolve()));
      }),
  );

  return {
    toDisk: syncs.run,
    async close() {
      await syncs.idle();
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** A database in memory is gone with its process. */
export const noFlush: Flush = { toDisk: async () => undefined, close: async () => undefined };
