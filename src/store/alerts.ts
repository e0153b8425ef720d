import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { Alert, AlertEnding, AlertState, Condition, Stage } from '../domain/alert.ts';
import type { Alerts, TokenSnapshots, WatchedTenant, WatchedTenants } from '../domain/alert-repositories.ts';
import { chunked } from '../lib/json.ts';
import { dayMs } from '../lib/time.ts';
import { type Claim, claimDue, keepClaim, skewMs } from './leases.ts';
import { listUnreadable } from './rows.ts';
import { type AlertRow, type Db, newestChecked, type TokenSnapshotRow, type WatchedTenantRow } from './schema.ts';

const keptMs = 180 * dayMs;

export function createAlerts(db: Db): Alerts {
  const listWhereOpen = (tenantId: string) =>
    db.selectFrom('alerts').selectAll().where('tenant_id', '=', tenantId).where('ended_at', 'is', null);

  async function update(alert: Alert): Promise<boolean> {
    const { id, ...changed } = toRow(alert);
    let query = db
      .updateTable('alerts')
      .set(changed)
      .where('id', '=', id)
      .where('revision', '=', alert.revision - 1);
    if (alert.endedAt === undefined) {
      // The index would refuse a second open one, too, but on PostgreSQL that ends the whole transaction.
      const { tenant_id, token_id, condition } = changed;
      const others = db
        .selectFrom('alerts')
        .select('id')
        .where((where) => where.and({ tenant_id, token_id, condition }))
        .where('ended_at', 'is', null)
        .where('id', '!=', id);
      query = query.where(({ not, exists }) => not(exists(others)));
    }
    const result = await query.executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  async function insert(alert: Alert): Promise<boolean> {
    const result = await db
      .insertInto('alerts')
      .values(toRow(alert))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
  }

  return {
    async listOfTenant(tenantId, endedAfter) {
      const open = await listWhereOpen(tenantId).execute();
      const ended = await db
        .selectFrom('alerts')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('ended_at', '>=', endedAfter)
        .execute();
      return [...open, ...ended].map(toAlert);
    },
    async find(id) {
      const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toAlert(row);
    },
    async list(ids) {
      const found: Alert[] = [];
      for (const part of chunked(ids)) {
        const rows = await db.selectFrom('alerts').selectAll().where('id', 'in', part).execute();
        found.push(...rows.map(toAlert));
      }
      return found;
    },
    async listOpen(tenantId) {
      return (await listWhereOpen(tenantId).execute()).map(toAlert);
    },
    async hasOpen(tenantId, condition) {
      const open = listWhereOpen(tenantId).where('condition', '=', condition);
      return (await open.limit(newestChecked).executeTakeFirst()) !== undefined;
    },
    async put(alert) {
      const store = async () => (await update(alert)) || (await insert(alert));
      return (await store()) || (alert.endedAt === undefined && (await endUnreadableAlerts(db, alert)) && store());
    },
    async prune(now) {
      const old = db
        .selectFrom('alerts')
        .select('id')
        .where('ended_at', '<', now - keptMs);
      await db.deleteFrom('alert_messages').where('alert_id', 'in', old).execute();
      await db
        .deleteFrom('alerts')
        .where('ended_at', '<', now - keptMs)
        .execute();
    },
  };
}

function toRow(alert: Alert): AlertRow {
  const { suppressedUntil, returnedAt, acknowledged, snoozed, token, detail } = alert;
  return {
    id: alert.id,
    tenant_id: alert.tenantId,
    token_id: alert.tokenId,
    condition: alert.condition,
    stage: alert.stage,
    revision: alert.revision,
    opened_at: alert.openedAt,
    notified_at: alert.notifiedAt,
    ended_at: alert.endedAt ?? null,
    ending: alert.ending ?? null,
    state_json: JSON.stringify({ suppressedUntil, returnedAt, acknowledged, snoozed, token, detail }),
  };
}

const toAlert = (row: Selectable<AlertRow>): Alert => ({
  id: row.id,
  tenantId: row.tenant_id,
  tokenId: row.token_id,
  condition: row.condition as Condition,
  stage: row.stage as Stage,
  revision: Number(row.revision),
  openedAt: Number(row.opened_at),
  notifiedAt: Number(row.notified_at),
  ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
  ...(row.ending !== null && { ending: row.ending as AlertEnding }),
  ...(JSON.parse(row.state_json) as AlertState),
});

/**
 * Ends an open alert that cannot be read and stands in the way of this one: there is one open per token and condition. True when
 * there was one.
 */
async function endUnreadableAlerts(db: Db, { tenantId, tokenId, condition, notifiedAt }: Alert): Promise<boolean> {
  const open = await db
    .selectFrom('alerts')
    .select('id')
    .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, condition }))
    .where('ended_at', 'is', null)
    .execute();
  const unreadable = await listUnreadable(
    db,
    'alerts',
    open.map(({ id }) => id),
  );
  if (unreadable.length === 0) return false;
  const ended = { ended_at: notifiedAt, ending: 'superseded' };
  await db.updateTable('alerts').set(ended).where('id', 'in', unreadable).where('ended_at', 'is', null).execute();
  return true;
}

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
    renewLease: (tenantId, owner, now, leaseMs) => keepClaim(db, claimOf(owner, now, leaseMs), tenantId),
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

export function createTokenSnapshots(db: Db): TokenSnapshots {
  return {
    async listOfTenant(tenantId) {
      const rows = await db.selectFrom('token_snapshots').selectAll().where('tenant_id', '=', tenantId).execute();
      return rows.map((row) => ({
        tenantId: row.tenant_id,
        token: JSON.parse(row.token_json),
        firstSeenAt: Number(row.first_seen_at),
        seenAt: Number(row.seen_at),
        ...(row.completed_at !== null && { completedAt: Number(row.completed_at) }),
        ...(row.in_progress_since !== null && { inProgressSince: Number(row.in_progress_since) }),
      }));
    },
    async putAll(snapshots) {
      const rows = snapshots.map(
        (snapshot): TokenSnapshotRow => ({
          tenant_id: snapshot.tenantId,
          token_id: snapshot.token.id,
          token_json: JSON.stringify(snapshot.token),
          first_seen_at: snapshot.firstSeenAt,
          seen_at: snapshot.seenAt,
          completed_at: snapshot.completedAt ?? null,
          in_progress_since: snapshot.inProgressSince ?? null,
        }),
      );
      for (const part of chunked(rows)) {
        await db
          .insertInto('token_snapshots')
          .values(part)
          .onConflict((conflict) =>
            conflict.columns(['tenant_id', 'token_id']).doUpdateSet(({ ref }) => ({
              token_json: ref('excluded.token_json'),
              first_seen_at: ref('excluded.first_seen_at'),
              seen_at: ref('excluded.seen_at'),
              completed_at: ref('excluded.completed_at'),
              in_progress_since: ref('excluded.in_progress_since'),
            })),
          )
          .execute();
      }
    },
    async remove(tenantId, tokenIds) {
      for (const part of chunked(tokenIds)) {
        await db
          .deleteFrom('token_snapshots')
          .where('tenant_id', '=', tenantId)
          .where('token_id', 'in', part)
          .execute();
      }
    },
  };
}
