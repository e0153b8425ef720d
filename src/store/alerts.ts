import type { Selectable } from 'kysely';
import type { Alert, AlertEnding, Condition, Stage } from '../domain/alert.ts';
import type { Alerts } from '../domain/alert-repositories.ts';
import { inParts } from '../lib/json.ts';
import type { AlertRow } from './alert-rows.ts';
import { endUnreadableAlerts } from './end-unreadable-alerts.ts';
import { newestLooked } from './newest-looked.ts';
import type { Db } from './open-database.ts';

const keptMs = 180 * 24 * 60 * 60 * 1000;

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
      for (const part of inParts(ids)) {
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
      return (await open.limit(newestLooked).executeTakeFirst()) !== undefined;
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

/** What no query asks for. */
export type AlertState = Pick<Alert, 'hushedUntil' | 'returnedAt' | 'acknowledged' | 'snoozed' | 'token' | 'detail'>;

function toRow(alert: Alert): AlertRow {
  const { hushedUntil, returnedAt, acknowledged, snoozed, token, detail } = alert;
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
    state_json: JSON.stringify({ hushedUntil, returnedAt, acknowledged, snoozed, token, detail }),
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
