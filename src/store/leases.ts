import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type Db, isPostgres } from './schema.ts';

/** Tables whose rows are work that one process does at a time: each has `claimed_by` and `claimed_until`. */
type ClaimedTable = 'watched_tenants' | 'alert_subscriptions' | 'sync_runs' | 'sync_batches' | 'open_turns';

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
  const passOver = isPostgres(db) ? sql` for update skip locked` : sql``;
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

/** All or nothing: in the transaction that the database already is, else in one of its own. */
export const inTransaction = <T>(db: Db, work: (within: Db) => Promise<T>): Promise<T> =>
  db.isTransaction
    ? work(db)
    : db.transaction().execute((transaction) => work(Object.assign(transaction, { rowLog: db.rowLog })));
