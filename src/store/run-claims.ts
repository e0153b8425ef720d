import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { claimDue } from './claim.ts';
import type { Db } from './open-database.ts';

/** Which process follows a sync, or tells a batch, and until when it need not say so again. */
export interface Lease {
  /** Of this process alone, new at every start. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly now: () => number;
}

/** What a new row of this process begins with. */
export const claimedBy = (lease: Lease | undefined) =>
  lease && { claimed_by: lease.owner, claimed_until: lease.now() + lease.leaseMs };

export interface RunClaims {
  /** Takes syncs that go on, or whose end is untold, and that no living process has. Resolves to their ids. */
  claimRuns(most: number): Promise<string[]>;
  /** The same for batches; the syncs of a batch go with it. */
  claimBatches(most: number): Promise<string[]>;
  /** Holds everything of this process that is not over for another lease. */
  keep(): Promise<void>;
  /** Gives everything back, for another process to take at once. */
  release(): Promise<void>;
}

/** Work that outlives its process goes on in another within a lease. */
export function createRunClaims(db: Db, { owner, leaseMs, now }: Lease): RunClaims {
  const claim = (table: 'sync_runs' | 'sync_batches', due: RawBuilder<SqlBool>, most: number) =>
    claimDue(db, { table, key: 'id', owner, now: now(), leaseMs }, { due, order: sql`started_at`, most });

  return {
    claimRuns: (most) => claim('sync_runs', isOwnWork, most),
    claimBatches: (most) => claim('sync_batches', isUntold, most),
    async keep() {
      const until = now() + leaseMs;
      await sql`update sync_runs set claimed_until = ${until} where claimed_by = ${owner} and ${isOpen}`.execute(db);
      await sql`update sync_batches set claimed_until = ${until} where claimed_by = ${owner} and ${isUntold}`.execute(
        db,
      );
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

const isUntold = sql<SqlBool>`told_at is null`;
/** An end is told by the run itself only where no batch does. */
const isOpen = sql<SqlBool>`(phase <> 'ended' or (told_at is null and batch_id is null))`;
/** A run of a batch goes with it, unless the batch is over or gone. */
const isOwnWork = sql<SqlBool>`
  ${isOpen} and (batch_id is null or batch_id not in (select id from sync_batches where told_at is null))`;
