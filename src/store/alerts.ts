import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import {
  type Alert,
  type AlertDetail,
  type AlertEnding,
  type AlertState,
  type Condition,
  conditionStages,
  type MonitoringFailure,
  type Stage,
} from '../domain/alert.ts';
import type { Alerts, LastPass, QueuedEvent, WatchedTenant, WatchedTenants } from '../domain/alert-repositories.ts';
import { chunked } from '../lib/json.ts';
import { eventKind } from './alert-deliveries.ts';
import { type Claim, claimDue, release, renewLease, skewMs } from './leases.ts';
import { createRowReader, json, licenseCountsShape, timeShape, tokenShape, wordsOf } from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { AlertRow, Db, WatchedTenantRow } from './schema.ts';

export function createAlerts(db: Db): Alerts {
  const read = createRowReader(db, { table: 'alerts', shape: alertColumns, fromRow: toAlert });
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
      // The index would refuse a second open alert too, but on PostgreSQL that ends the whole transaction.
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

  /** There is one open alert per token and condition, so one that cannot be read would keep this one from opening. */
  async function giveUpUnreadable({ tenantId, tokenId, condition, notifiedAt }: Alert): Promise<boolean> {
    const open = await listWhereOpen(tenantId)
      .where('token_id', '=', tokenId)
      .where('condition', '=', condition)
      .execute();
    const unreadable = read.listUnreadable(open).map(({ id }) => id);
    if (unreadable.length === 0) return false;
    const ended = { ended_at: notifiedAt, ending: 'superseded' };
    await db.updateTable('alerts').set(ended).where('id', 'in', unreadable).where('ended_at', 'is', null).execute();
    return true;
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
      return read.listInTime([...open, ...ended]);
    },
    async find(id) {
      const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
      return read.find(row);
    },
    async list(ids) {
      const found: Alert[] = [];
      for (const part of chunked(ids)) {
        const rows = await db.selectFrom('alerts').selectAll().where('id', 'in', part).execute();
        found.push(...(await read.listInTime(rows)));
      }
      return found;
    },
    async listOpen(tenantId) {
      return read.listInTime(await listWhereOpen(tenantId).execute());
    },
    async hasOpen(tenantId, condition) {
      const open = await listWhereOpen(tenantId).where('condition', '=', condition).execute();
      return read.list(open).length > 0;
    },
    async put(alert) {
      // A new alert has nothing to update.
      const store = async () => (alert.revision > 1 && (await update(alert))) || (await insert(alert));
      return (await store()) || (alert.endedAt === undefined && (await giveUpUnreadable(alert)) && store());
    },
    async prune(now) {
      const old = db
        .selectFrom('alerts')
        .select('id')
        .where('ended_at', '<', now - keptMs.alerts);
      await db.deleteFrom('alert_messages').where('alert_id', 'in', old).execute();
      await db
        .deleteFrom('alerts')
        .where('ended_at', '<', now - keptMs.alerts)
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

const failureShape: z.ZodType<MonitoringFailure> = z.looseObject({
  part: wordsOf<MonitoringFailure['part']>({ tokens: true, licenses: true }),
  reason: z.string(),
  neededScopes: z.array(z.string()).exactOptional(),
  code: z.string().exactOptional(),
});

const detailShape: z.ZodType<AlertDetail> = z.looseObject({
  apps: z.array(licenseCountsShape.extend({ name: z.string(), daysLeft: z.number().exactOptional() })).exactOptional(),
  isApproximate: z.boolean().exactOptional(),
  since: timeShape.exactOptional(),
  failure: failureShape.exactOptional(),
});

const stateShape: z.ZodType<AlertState> = z.looseObject({
  suppressedUntil: timeShape.exactOptional(),
  returnedAt: timeShape.exactOptional(),
  acknowledged: z.looseObject({ by: z.string(), at: timeShape }).exactOptional(),
  snoozed: z.looseObject({ by: z.string(), at: timeShape, until: timeShape }).exactOptional(),
  token: tokenShape.exactOptional(),
  detail: detailShape,
});

const alertColumns = z
  .object({
    condition: z.enum(Object.keys(conditionStages) as Condition[]),
    stage: z.custom<Stage>(),
    ending: wordsOf<AlertEnding>({ resolved: true, deleted: true, superseded: true }).nullable(),
    state_json: json(stateShape),
  })
  .refine(({ condition, stage }) => (conditionStages[condition] as readonly Stage[]).includes(stage), {
    path: ['stage'],
  });

const toAlert = (row: Selectable<AlertRow>, read: z.output<typeof alertColumns>): Alert => ({
  id: row.id,
  tenantId: row.tenant_id,
  tokenId: row.token_id,
  condition: read.condition,
  stage: read.stage,
  revision: row.revision,
  openedAt: row.opened_at,
  notifiedAt: row.notified_at,
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(read.ending !== null && { ending: read.ending }),
  ...read.state_json,
});

/** `licenses_at` while a pass reads licenses that were asked for; asking again makes it null again. */
const beingRead = 0;

export function createWatchedTenants(db: Db): WatchedTenants {
  const claimOf = (owner: string, now: number, leaseMs: number): Claim => ({
    table: 'watched_tenants',
    key: 'tenant_id',
    owner,
    now,
    leaseMs,
  });
  const read = createRowReader(db, {
    table: 'watched_tenants',
    shape: tenantColumns,
    details: ['failure_json', 'queued_json'],
    fromRow: toTenant,
  });
  async function find(tenantId: string): Promise<WatchedTenant | undefined> {
    const query = db.selectFrom('watched_tenants').selectAll().where('tenant_id', '=', tenantId);
    return read.find(await query.executeTakeFirst());
  }

  return {
    find,
    async listGoodTimes(tenantIds) {
      const times = new Map<string, number>();
      for (const part of chunked(tenantIds)) {
        const query = db.selectFrom('watched_tenants').select(['tenant_id', 'good_at']).where('tenant_id', 'in', part);
        for (const { tenant_id, good_at } of await query.execute()) if (good_at !== null) times.set(tenant_id, good_at);
      }
      return times;
    },
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
    async claim(owner, now, leaseMs, lastPass) {
      const work = {
        due: sql<SqlBool>`${isDue(now)} and ${endedSo(lastPass)}`,
        order: sql`due_at, tenant_id`,
        most: 1,
      };
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
    renewLease: (tenantId, owner, now, leaseMs) => renewLease(db, claimOf(owner, now, leaseMs), tenantId),
    async finish(tenant, owner) {
      const isDone = tenant.queued === undefined;
      const result = await db
        .updateTable('watched_tenants')
        .set({
          ...(isDone && { due_at: tenant.dueAt, claimed_by: null, claimed_until: null }),
          queued_json: isDone ? null : JSON.stringify(tenant.queued),
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
    release: (tenantId, owner) => release(db, { table: 'watched_tenants', key: 'tenant_id', owner }, tenantId),
    async askForLicenses(tenantId) {
      await db.updateTable('watched_tenants').set({ licenses_at: null }).where('tenant_id', '=', tenantId).execute();
    },
    async lock(tenantId) {
      // SQLite runs one transaction at a time anyway; on PostgreSQL every pass writes this row first, and waits for it.
      await db.updateTable('watched_tenants').set({ tenant_id: tenantId }).where('tenant_id', '=', tenantId).execute();
    },
  };
}

/** Where the last pass lies in the future, the clock was put back since, and `due_at` is as wrong. */
const isDue = (now: number): RawBuilder<SqlBool> => sql`(due_at <= ${now} or passed_at > ${now + skewMs})`;

function endedSo(lastPass: LastPass | undefined): RawBuilder<SqlBool> {
  if (lastPass === undefined) return sql`true`;
  return lastPass === 'good' ? sql`failed_passes = 0` : sql`failed_passes > 0`;
}

/** Null where licenses were asked for during the pass. PostgreSQL cannot infer the type. */
const unlessAsked = (licensesAt: number): RawBuilder<number | null> =>
  sql`case when licenses_at is null then null else cast(${licensesAt} as bigint) end`;

const queuedShape: z.ZodType<QueuedEvent> = z.looseObject({ kind: eventKind, alertId: z.string(), revision: z.int() });

const tenantColumns = z.object({
  failure_json: json(failureShape).nullable(),
  queued_json: json(z.array(queuedShape)).nullable(),
});

const toTenant = (
  row: Selectable<WatchedTenantRow>,
  { failure_json, queued_json }: z.output<typeof tenantColumns>,
): WatchedTenant => ({
  tenantId: row.tenant_id,
  dueAt: row.due_at,
  ...(row.passed_at !== null && { passedAt: row.passed_at }),
  ...(row.good_at !== null && { goodAt: row.good_at }),
  failedPasses: row.failed_passes,
  ...(failure_json !== null && { failure: failure_json }),
  ...(queued_json !== null && { queued: queued_json }),
  ...(row.licenses_at !== null && row.licenses_at !== beingRead && { licensesAt: row.licenses_at }),
});
