import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { DatabaseError, Pool, type PoolConfig, types } from 'pg';
import type { StoreLog } from './schema.ts';

/** No query of the bot takes long: one without an answer by then will most likely have none. */
const limits: PoolConfig = {
  max: 10,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 4_000,
  query_timeout: 5_000,
  idle_in_transaction_session_timeout: 10_000,
  idleTimeoutMillis: 30_000,
};

/**
 * Connections to PostgreSQL, opened when they are needed, so that a server may go away and come back. Parameters of the address (TLS,
 * application_name and the like) win. A connection that fails while it is idle is dropped and logged.
 */
export function createPostgresPool(url: string, log: StoreLog, changes: PoolConfig = {}): PostgresPool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'vpp-sync',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
    ...limits,
    ...changes,
  });
  // Without a listener each of these would end the process.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'a connection to the database was lost'));
  pool.on('connect', (client) => client.on('error', () => undefined));

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      let broken: Error | undefined;
      const query = async (text: string, values: readonly unknown[]) => {
        if (broken) throw broken;
        try {
          return await client.query(text, values.map(storable));
        } catch (error) {
          // After an error of the server the connection is usable; after anything else, such as no answer in time, it is not.
          if (!(error instanceof DatabaseError)) broken = error instanceof Error ? error : new Error(String(error));
          throw error;
        }
      };
      return {
        // Kysely's type allows cursors too, which it is not given.
        query: query as unknown as PostgresPoolClient['query'],
        release: (destroy?: boolean) => client.release(destroy === true || broken !== undefined),
      };
    },
  };
}

const int8 = types.builtins.INT8;

/** Times and counts come as numbers, as they do from SQLite; `pg` gives 64 bits as text. */
const getTypeParser = ((oid: number, format: 'text' | 'binary') =>
  oid === int8 ? Number : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser;

/** PostgreSQL accepts every character but NUL in a text. */
const storable = (value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value);
