import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { SyncBatch } from '../domain/sync-batch.ts';
import type { SyncRun } from '../domain/sync-run.ts';
import { claimDue, type Lease, renewLeases } from './leases.ts';
import type { Db } from './schema.ts';
import { createSyncBatches, giveUpBatches } from './sync-batches.ts';
import { createSyncRuns, giveUpRuns } from './sync-runs.ts';

/** Ids of the syncs and batches that a process works on. */
export interface HeldWork {
  readonly runs: readonly string[];
  readonly batches: readonly string[];
}

export interface RunClaims {
  /**
   * Claims syncs that are running, or whose end is not reported, and that no living process holds. One that cannot be read is ended instead:
   * nobody could follow it, and it would be claimed for ever.
   */
  claimRuns(most: number): Promise<SyncRun[]>;
  /** The same for batches. The syncs of a batch go with it; those of one that cannot be read are claimed by themselves. */
  claimBatches(most: number): Promise<SyncBatch[]>;
  /** Holds these for another lease. What this process held and does not name is free when its lease expires. */
  renewLeases(working: HeldWork): Promise<void>;
  /** Releases everything this process holds, for another to claim at once. */
  release(): Promise<void>;
}

/** Lets another process take over the syncs and batches of one that died, within a lease. */
export function createRunClaims(db: Db, { owner, leaseMs, now }: Lease): RunClaims {
  const claimOf = (table: 'sync_runs' | 'sync_batches') => ({ table, key: 'id', owner, now: now(), leaseMs });
  const claim = (table: 'sync_runs' | 'sync_batches', due: RawBuilder<SqlBool>, most: number) =>
    claimDue(db, claimOf(table), { due, order: sql`started_at`, most });

  return {
    async claimRuns(most) {
      const ids = await claim('sync_runs', isOwnWork, most);
      const runs = await createSyncRuns(db).list(ids);
      await giveUpRuns(db, without(ids, runs), now());
      return runs;
    },
    async claimBatches(most) {
      const ids = await claim('sync_batches', isUnreported, most);
      const batches = await createSyncBatches(db).list(ids);
      await giveUpBatches(db, without(ids, batches), now());
      return batches;
    },
    async renewLeases({ runs, batches }) {
      await renewLeases(db, claimOf('sync_runs'), runs);
      await renewLeases(db, claimOf('sync_batches'), batches);
    },
    async release() {
      for (const table of ['sync_runs', 'sync_batches']) {
        await sql`
          update ${sql.table(table)} set claimed_by = null, claimed_until = null
          where claimed_by = ${owner} and ${isUnreported}`.execute(db);
      }
    },
  };
}

function without(ids: readonly string[], readable: readonly { readonly id: string }[]): string[] {
  const known = new Set(readable.map(({ id }) => id));
  return ids.filter((id) => !known.has(id));
}

const isUnreported = sql<SqlBool>`reported_at is null`;

/**
 * A running sync, or one whose end has a card of its own. A sync of a batch goes with the batch, unless that is over or gone. Every
 * reported sync has ended, so the index of unreported ones serves.
 */
const isOwnWork = sql<SqlBool>`
  ${isUnreported} and (phase <> 'ended' or batch_id is null) and (batch_id is null or batch_id not in (select id from sync_batches where reported_at is null))`;
