import { CompiledQuery, type DatabaseConnection, type SqliteDatabase, SqliteDriver } from 'kysely';
import { wait } from '../lib/async.ts';

/** How long a query waits for another process that writes. */
const patienceMs = 5_000;
const tryEveryMs = 20;

/**
 * Tries again while another process writes, and leaves this process free meanwhile. When the file has been busy for 5 s, queries
 * fail at once until one of them succeeds: those that queue up do not wait one after another.
 */
export class PatientSqliteDriver extends SqliteDriver {
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
