import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { DatabaseError, Pool, type PoolConfig, types } from 'pg';
import type { StoreLog } from './schema.ts';

/** Nothing the bot asks takes long: what has no answer by then will most likely have none. */
const limits: PoolConfig = {
  max: 10,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 4_000,
  query_timeout: 5_000,
  idle_in_transaction_session_timeout: 10_000,
  idleTimeoutMillis: 30_000,
};

/**
 * Connections to PostgreSQL, opened when they are needed: a server that went away and came back needs nothing done here. What the
 * address says itself (TLS, application_name and the like) wins. A connection that fails while it is idle is dropped and logged.
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
          // What the server itself says leaves the connection usable; anything else, such as no answer in time, does not.
          if (!(error instanceof DatabaseError)) broken = error instanceof Error ? error : new Error(String(error));
          throw error;
        }
      };
      return {
        // Kysely's type also knows of cursors, which it is not given any.
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

/** PostgreSQL takes every character but one in a text. */
const storable = (value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value);
