import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { WatchedTenant, WatchedTenants } from '../domain/alert-repositories.ts';
import type { WatchedTenantRow } from './alert-rows.ts';
import { type Claim, claimDue, keepClaim, skewMs } from './claim.ts';
import type { Db } from './open-database.ts';

/** `licenses_at` of a tenant whose licences were asked for and are being read: asked for again, it is null again. */
const beingRead = 0;

export function createWatchedTenants(db: Db): WatchedTenants {
  const claimOf = (owner: string, now: number, leaseMs: number): Claim => ({
    ...{ table: 'watched_tenants', key: 'tenant_id', owner, now, leaseMs },
  });
  async function find(tenantId: string): Promise<WatchedTenant | undefined> {
    const query = db.selectFrom('watched_tenants').selectAll().where('tenant_id', '=', tenantId);
    const row = await query.executeTakeFirst();
    return row && toTenant(row);
  }

  return {
    find,
    async watch(tenantIds, now) {
      await db.transaction().execute(async (within) => {
        await within
          .deleteFrom('watched_tenants')
          .where('tenant_id', 'not in', [...tenantIds])
          .execute();
        const rows = tenantIds.map((tenantId) => ({ tenant_id: tenantId, due_at: now, failed_passes: 0 }));
        await within
          .insertInto('watched_tenants')
          .values(rows)
          .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ due_at: now }))
          .execute();
      });
    },
    async claim(owner, now, leaseMs) {
      const work = { due: isDue(now), order: sql`due_at, tenant_id`, most: 1 };
      const [tenantId] = await claimDue(db, claimOf(owner, now, leaseMs), work);
      if (tenantId === undefined) return undefined;
      await db
        .updateTable('watched_tenants')
        .set({ licenses_at: beingRead })
        .where((where) => where.and({ tenant_id: tenantId, claimed_by: owner }))
        .where('licenses_at', 'is', null)
        .execute();
      return find(tenantId);
    },
    keep: (tenantId, owner, now, leaseMs) => keepClaim(db, claimOf(owner, now, leaseMs), tenantId),
    async finish(tenant, owner) {
      const result = await db
        .updateTable('watched_tenants')
        .set({
          due_at: tenant.dueAt,
          claimed_by: null,
          claimed_until: null,
          passed_at: tenant.passedAt ?? null,
          good_at: tenant.goodAt ?? null,
          failed_passes: tenant.failedPasses,
          failure_json: tenant.failure ? JSON.stringify(tenant.failure) : null,
          licenses_at: unlessAsked(tenant.licensesAt ?? beingRead),
        })
        .where((where) => where.and({ tenant_id: tenant.tenantId, claimed_by: owner }))
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async askForLicenses(tenantId) {
      await db.updateTable('watched_tenants').set({ licenses_at: null }).where('tenant_id', '=', tenantId).execute();
    },
    async lock(tenantId) {
      // SQLite's transactions come one after the other anyway; PostgreSQL's meet at the row that each pass begins its own with.
      await db.updateTable('watched_tenants').set({ tenant_id: tenantId }).where('tenant_id', '=', tenantId).execute();
    },
  };
}

/** A last pass that lies ahead was timed by a clock that was set back since: so was what it said of the next one. */
const isDue = (now: number): RawBuilder<SqlBool> => sql`(due_at <= ${now} or passed_at > ${now + skewMs})`;

/** Keeps what was asked for while the pass went on. PostgreSQL wants to be told the type. */
const unlessAsked = (licensesAt: number): RawBuilder<number | null> =>
  sql`case when licenses_at is null then null else cast(${licensesAt} as bigint) end`;

const toTenant = (row: Selectable<WatchedTenantRow>): WatchedTenant => ({
  tenantId: row.tenant_id,
  dueAt: Number(row.due_at),
  ...(row.passed_at !== null && { passedAt: Number(row.passed_at) }),
  ...(row.good_at !== null && { goodAt: Number(row.good_at) }),
  failedPasses: Number(row.failed_passes),
  ...(row.failure_json !== null && { failure: JSON.parse(row.failure_json) }),
  ...(Number(row.licenses_at ?? beingRead) !== beingRead && { licensesAt: Number(row.licenses_at) }),
});
