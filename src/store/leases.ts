import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { chunked } from '../lib/json.ts';
import { type Db, isPostgres } from './schema.ts';

/** A process as the holder of rows that it works on. */
export interface Lease {
  /** New at every start of the process. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly now: () => number;
}

/** Tables whose rows are work that one process does at a time: each has `claimed_by` and `claimed_until`. */
interface LeasedTable {
  readonly table: 'watched_tenants' | 'alert_subscriptions' | 'sync_runs' | 'sync_batches' | 'open_turns';
  /** Name of the primary key's one column. */
  readonly key: string;
}

/** A leased table, for one owner at one moment. */
export interface Claim extends LeasedTable {
  readonly owner: string;
  readonly now: number;
  readonly leaseMs: number;
}

/** A lease that ends later than any clock of ours could have set it was claimed by a clock that was put back since. */
export const skewMs = 60_000;

/**
 * Leases up to `most` due rows to this owner, the first in `order` first, and resolves to their keys. Skips rows with a live lease,
 * including our own. A process that dies releases nothing: its rows can be claimed when their leases expire.
 */
export async function claimDue(
  db: Db,
  claim: Claim,
  work: { readonly due: RawBuilder<SqlBool>; readonly order: RawBuilder<unknown>; readonly most: number },
): Promise<string[]> {
  const { table, key, owner, now, leaseMs } = claim;
  const skipLocked = isPostgres(db) ? sql` for update skip locked` : sql``;
  const chosen = sql`
    select ${sql.ref(key)} from ${sql.table(table)} where ${isFree(claim)} and ${work.due}
    order by ${work.order} limit ${sql.lit(work.most)}${skipLocked}`;
  // Materialized, because PostgreSQL may otherwise choose rows more than once and update too many.
  const { rows } = await sql<{ key: string }>`
    with chosen as materialized (${chosen})
    update ${sql.table(table)} set claimed_by = ${owner}, claimed_until = ${now + leaseMs}
    where ${sql.ref(key)} in (select * from chosen) returning ${sql.ref(key)} as key`.execute(db);
  return rows.map((row) => row.key);
}

/** True for rows that nobody has a live lease of. */
export const isFree = ({ now, leaseMs }: Claim): RawBuilder<SqlBool> =>
  sql`(claimed_until is null or claimed_until <= ${now} or claimed_until > ${now + leaseMs + skewMs})`;

/** Renews the leases that this owner still holds, and resolves to their keys. Work on any other row must stop here. */
export async function renewLeases(
  db: Db,
  { table, key, owner, now, leaseMs }: Claim,
  ids: readonly string[],
): Promise<string[]> {
  const renewed: string[] = [];
  for (const part of chunked(ids)) {
    const { rows } = await sql<{ key: string }>`
      update ${sql.table(table)} set claimed_until = ${now + leaseMs}
      where ${sql.ref(key)} in (${sql.join(part)}) and claimed_by = ${owner} returning ${sql.ref(key)} as key`.execute(
      db,
    );
    renewed.push(...rows.map((row) => row.key));
  }
  return renewed;
}

/** False when somebody else holds the row by now. */
export const renewLease = async (db: Db, claim: Claim, id: string): Promise<boolean> =>
  (await renewLeases(db, claim, [id])).length === 1;

/** Ends this owner's lease of a row, so that it can be claimed at once. */
export async function release(
  db: Db,
  { table, key, owner }: Omit<Claim, 'now' | 'leaseMs'>,
  id: string,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set claimed_by = null, claimed_until = null
    where ${sql.ref(key)} = ${id} and claimed_by = ${owner}`.execute(db);
}

/** The columns of a new row that this process works on. */
export const claimedBy = (lease: Lease | undefined) =>
  lease && { claimed_by: lease.owner, claimed_until: lease.now() + lease.leaseMs };

/** All or nothing: in the transaction that the database already is, else in one of its own. */
export const inTransaction = <T>(db: Db, work: (within: Db) => Promise<T>): Promise<T> =>
  db.isTransaction
    ? work(db)
    : db.transaction().execute((transaction) => work(Object.assign(transaction, { rowLog: db.rowLog })));
