import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { chunked } from '../lib/json.ts';
import { claimDue, type Lease } from './leases.ts';
import type { Db } from './schema.ts';
import { endUnreadableBatches } from './sync-batches.ts';
import { endUnreadableRuns } from './sync-runs.ts';

/** Ids of what a process really works on. */
export interface HeldWork {
  readonly runs: readonly string[];
  readonly batches: readonly string[];
}

export interface RunClaims {
  /**
   * Takes syncs that go on, or whose end is untold, and that no living process has. Resolves to their ids. One that cannot be read
   * is ended instead: nobody could go on with it, and it would be taken for ever.
   */
  claimRuns(most: number): Promise<string[]>;
  /** The same for batches; the syncs of a batch go with it, those of one that cannot be read by themselves. */
  claimBatches(most: number): Promise<string[]>;
  /** Holds these of this process for another lease. What it had and names no more is free again when its lease has passed. */
  renewLeases(working: HeldWork): Promise<void>;
  /** Gives everything back, for another process to take at once. */
  release(): Promise<void>;
}

/** Work that outlives its process goes on in another within a lease. */
export function createRunClaims(db: Db, { owner, leaseMs, now }: Lease): RunClaims {
  const claim = (table: 'sync_runs' | 'sync_batches', due: RawBuilder<SqlBool>, most: number) =>
    claimDue(db, { table, key: 'id', owner, now: now(), leaseMs }, { due, order: sql`started_at`, most });

  return {
    async claimRuns(most) {
      const ids = await claim('sync_runs', isOwnWork, most);
      return without(ids, await endUnreadableRuns(db, ids, now()));
    },
    async claimBatches(most) {
      const ids = await claim('sync_batches', isUnreported, most);
      return without(ids, await endUnreadableBatches(db, ids, now()));
    },
    async renewLeases({ runs, batches }) {
      const claimed_until = now() + leaseMs;
      for (const [table, held] of [
        ['sync_runs', runs],
        ['sync_batches', batches],
      ] as const) {
        for (const ids of chunked(held)) {
          const query = db.updateTable(table).set({ claimed_until }).where('claimed_by', '=', owner);
          await query.where('id', 'in', ids).execute();
        }
      }
    },
    async release() {
      for (const table of ['sync_runs', 'sync_batches']) {
        await sql`
          update ${sql.table(table)} set claimed_by = null, claimed_until = null
          where claimed_by = ${owner}`.execute(db);
      }
    },
  };
}

export const without = (ids: readonly string[], others: readonly string[]) => ids.filter((id) => !others.includes(id));

export const isUnreported = sql<SqlBool>`reported_at is null`;

/**
 * It goes on, or its end is to be told by itself. A run of a batch goes with that, unless the batch is over or gone. What is told has
 * ended, so that the index of the untold serves.
 */
export const isOwnWork = sql<SqlBool>`
  ${isUnreported} and (phase <> 'ended' or batch_id is null) and (batch_id is null or batch_id not in (select id from sync_batches where reported_at is null))`;
