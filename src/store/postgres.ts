import type { Duplex } from 'node:stream';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { Client, DatabaseError, Pool, type PoolConfig, types } from 'pg';
import { BusyError } from '../domain/turn.ts';
import type { PoolUse, StoreLog } from './schema.ts';

/** No query of the bot takes long: one without an answer by then will most likely have none. */
const limits: PoolConfig = {
  max: 10,
  connectionTimeoutMillis: 3_000,
  statement_timeout: 4_000,
  query_timeout: 5_000,
  idle_in_transaction_session_timeout: 10_000,
  idleTimeoutMillis: 30_000,
};

interface PoolOptions extends PoolConfig {
  readonly onWait?: OnWait;
  /** Asked for each new connection; without it the address has the password. */
  readonly getPassword?: GetPassword;
}

export type GetPassword = () => Promise<string>;

/**
 * Connections to PostgreSQL, opened when they are needed, so that a server may go away and come back. Parameters of the address (TLS,
 * application_name and the like) win. A connection that fails while it is idle is dropped and logged.
 */
export function createPostgresPool(
  url: string,
  log: StoreLog,
  { onWait, getPassword, ...changes }: PoolOptions = {},
): BusyAwarePool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'vpp-sync',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
    ...(getPassword && { Client: clientWith(getPassword) }),
    ...limits,
    ...changes,
  });
  // Without a listener each of these would end the process.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'a connection to the database was lost'));
  pool.on('connect', (client) => client.on('error', () => undefined));

  const slots = createSlots(pool.options.max ?? 10, onWait);
  let answeredAt = Number.NEGATIVE_INFINITY;

  async function connect() {
    try {
      return await pool.connect();
    } catch (error) {
      slots.giveBack();
      throw error;
    }
  }

  return {
    options: pool.options,
    end: () => pool.end(),
    readUse: slots.readUse,
    isBusy: () => slots.readUse().waiting > 0 && performance.now() - answeredAt < busyWithinMs,
    async connect() {
      await slots.take();
      const client = await connect();
      let broken: Error | undefined;
      const query = async (text: string, values: readonly unknown[]) => {
        if (broken) throw broken;
        try {
          const result = await client.query(text, values.map(storable));
          answeredAt = performance.now();
          return result;
        } catch (error) {
          // After an error of the server the connection is usable; after anything else, such as no answer in time, it is not.
          if (!(error instanceof DatabaseError)) broken = error instanceof Error ? error : new Error(String(error));
          throw error;
        }
      };
      return {
        // Kysely's type allows cursors too, which it is not given.
        query: query as unknown as PostgresPoolClient['query'],
        release(destroy?: boolean) {
          client.release(destroy === true || broken !== undefined);
          slots.giveBack();
        },
      };
    },
  };
}

/** `pg` lets the address's absent password win over a function in its options, and leaves a connection open that gets no password. */
function clientWith(getPassword: GetPassword): typeof Client {
  return class extends Client {
    constructor(...options: ConstructorParameters<typeof Client>) {
      super(...options);
      const password = () =>
        getPassword().catch((error: unknown) => {
          (this as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();
          throw error;
        });
      Object.assign(this, { password });
    }
  };
}

/** Called with the milliseconds that each query or transaction waited for one of the pool's connections: 0 where one was free. */
export type OnWait = (ms: number) => void;

/** A pool that says when work waits for it although the database answers. */
export interface BusyAwarePool extends PostgresPool {
  isBusy(): boolean;
  readUse(): PoolUse;
}

const busyWithinMs = 2_000;
/** In a burst each query waits for those before it: longer than for a server that does not answer, and shorter than people do. */
const queueMs = 10_000;

/** So many at once; all others wait in their order, `queueMs` at most, then reject with a BusyError. */
export function createSlots(most: number, onWait: OnWait = () => undefined) {
  const queue = new Set<() => void>();
  let free = most;
  return {
    readUse: (): PoolUse => ({ most, used: most - free, waiting: queue.size }),
    async take(): Promise<void> {
      if (free > 0) {
        free -= 1;
        onWait(0);
        return;
      }
      const from = performance.now();
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          queue.delete(go);
          reject(new BusyError(`All ${most} connections to the database were in use for ${queueMs / 1000} s`));
        }, queueMs);
        function go(): void {
          clearTimeout(timer);
          resolve();
        }
        queue.add(go);
      }).finally(() => onWait(performance.now() - from));
    },
    giveBack(): void {
      const [next] = queue;
      if (!next) {
        free += 1;
        return;
      }
      queue.delete(next);
      next();
    },
  };
}

const int8 = types.builtins.INT8;

/** Times and counts come as numbers, as they do from SQLite; `pg` gives 64 bits as text. */
const getTypeParser = ((oid: number, format: 'text' | 'binary') =>
  oid === int8 ? Number : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser;

/** PostgreSQL accepts every character but NUL in a text. */
const storable = (value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value);
