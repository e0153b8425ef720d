import { PostgresAdapter, type RawBuilder, type SqlBool, sql } from 'kysely';
import { inParts } from '../lib/json.ts';
import type { Db } from './database.ts';
import { endUnreadableBatches } from './sync-batches.ts';
import { endUnreadableRuns } from './sync-runs.ts';

/** Tables whose rows are work that one process does at a time: each has `claimed_by` and `claimed_until`. */
type ClaimedTable = 'watched_tenants' | 'alert_subscriptions' | 'sync_runs' | 'sync_batches' | 'turns_in_hand';

export interface Claim {
  readonly table: ClaimedTable;
  /** Name of the primary key's one column. */
  readonly key: string;
  /** Of this process alone, new at every start. */
  readonly owner: string;
  readonly now: number;
  readonly leaseMs: number;
}

/**
 * Takes up to `most` rows that are due and that nobody holds, the first in `order` first, and resolves to their keys. Each is this
 * owner's until the lease has passed; a row that somebody holds, this owner included, is passed over. A process that dies
 * gives nothing back: its rows are free again when their leases have passed.
 */
export async function claimDue(
  db: Db,
  { table, key, owner, now, leaseMs }: Claim,
  work: { readonly due: RawBuilder<SqlBool>; readonly order: RawBuilder<unknown>; readonly most: number },
): Promise<string[]> {
  const passOver = hasRowLocks(db) ? sql` for update skip locked` : sql``;
  const free = sql`(claimed_until is null or claimed_until <= ${now} or claimed_until > ${now + leaseMs + skewMs})`;
  const chosen = sql`
    select ${sql.ref(key)} from ${sql.table(table)} where ${free} and ${work.due}
    order by ${work.order} limit ${sql.lit(work.most)}${passOver}`;
  // Materialized: chosen once, whatever the planner thinks; a choice that is made anew for each row finds other rows.
  const { rows } = await sql<{ key: string }>`
    with chosen as materialized (${chosen})
    update ${sql.table(table)} set claimed_by = ${owner}, claimed_until = ${now + leaseMs}
    where ${sql.ref(key)} in (select * from chosen) returning ${sql.ref(key)} as key`.execute(db);
  return rows.map((row) => row.key);
}

/** Holds a row for another lease. False when it is somebody else's by now: then its work must not go on here. */
export async function keepClaim(db: Db, { table, key, owner, now, leaseMs }: Claim, id: string): Promise<boolean> {
  const { rows } = await sql`
    update ${sql.table(table)} set claimed_until = ${now + leaseMs}
    where ${sql.ref(key)} = ${id} and claimed_by = ${owner} returning 1`.execute(db);
  return rows.length === 1;
}

/** Gives a row back, for anybody to take at once. Does nothing when it is somebody else's. */
export async function releaseClaim(db: Db, { table, key, owner }: Claim, id: string): Promise<void> {
  await sql`
    update ${sql.table(table)} set claimed_by = null, claimed_until = null
    where ${sql.ref(key)} = ${id} and claimed_by = ${owner}`.execute(db);
}

/** Clocks of processes that share a store may differ by this much. A lease that ends later was taken by a clock that was set back since. */
export const skewMs = 60_000;

const hasRowLocks = (db: Db) => db.getExecutor().adapter instanceof PostgresAdapter;

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

/** Ids of what a process really works on. */
export interface WorkInHand {
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
  keep(working: WorkInHand): Promise<void>;
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
      const ids = await claim('sync_batches', isUntold, most);
      return without(ids, await endUnreadableBatches(db, ids, now()));
    },
    async keep({ runs, batches }) {
      const claimed_until = now() + leaseMs;
      for (const [table, held] of [
        ['sync_runs', runs],
        ['sync_batches', batches],
      ] as const) {
        for (const ids of inParts(held)) {
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

const without = (ids: readonly string[], others: readonly string[]) => ids.filter((id) => !others.includes(id));

const isUntold = sql<SqlBool>`told_at is null`;
/**
 * It goes on, or its end is to be told by itself. A run of a batch goes with that, unless the batch is over or gone. What is told has
 * ended, so that the index of the untold serves.
 */
const isOwnWork = sql<SqlBool>`
  ${isUntold} and (phase <> 'ended' or batch_id is null) and (batch_id is null or batch_id not in (select id from sync_batches where told_at is null))`;

/** All or nothing: in the transaction that the database already is, else in one of its own. */
export const inTransaction = <T>(db: Db, work: (within: Db) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : db.transaction().execute(work);
