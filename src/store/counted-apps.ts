import type { Selectable } from 'kysely';
import { z } from 'zod';
import { type CountedApp, type CountedApps, type CountHistory, dayOf, freshDays } from '../domain/license-runway.ts';
import { chunked } from '../lib/json.ts';
import { createRowReader, json } from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { CountedAppRow, Db } from './schema.ts';

/** Rows as wide as these take some 20 µs each to write. */
const writtenAtOnce = 100;
const mostRunningOut = 100;

const columns = ['tenant_id', 'app_id', 'token_id', 'name', 'day', 'used', 'total', 'runs_out_on'] as const;

/**
 * One row per app with all its counts: a tenant may have hundreds of thousands of apps, whose trends must be read and written in one
 * pass, and a row for each day would be 35 times as many.
 */
export function createCountedApps(db: Db): CountedApps {
  const read = createRowReader(db, {
    table: 'counted_apps',
    shape: z.object({ history_json: json(z.array(z.tuple([z.int(), z.number(), z.number()]))) }),
    fromRow: ({ app_id }, { history_json }): readonly [string, CountHistory] => [
      app_id,
      history_json.map(([day, used, total]) => ({ day, used, total })),
    ],
  });

  return {
    async list(tenantId, ids) {
      const found: CountedApp[] = [];
      for (const part of chunked(ids)) {
        const query = db.selectFrom('counted_apps').select(columns).where('tenant_id', '=', tenantId);
        found.push(...(await query.where('app_id', 'in', part).execute()).map(toCountedApp));
      }
      return found;
    },
    async listHistories(tenantId, ids) {
      const found = new Map<string, CountHistory>();
      for (const part of chunked(ids)) {
        const query = db.selectFrom('counted_apps').selectAll().where('tenant_id', '=', tenantId);
        for (const [id, history] of await read.listInTime(await query.where('app_id', 'in', part).execute())) {
          found.set(id, history);
        }
      }
      return found;
    },
    async putAll(tenantId, counted) {
      for (const part of chunked(counted, writtenAtOnce)) {
        const rows = part.map(
          ({ app, history }): CountedAppRow => ({
            tenant_id: tenantId,
            app_id: app.id,
            token_id: app.tokenId,
            // PostgreSQL has no such character in its texts.
            name: app.name.replaceAll('\0', ''),
            day: app.day,
            used: app.used,
            total: app.total,
            runs_out_on: app.runsOutOn ?? null,
            history_json: JSON.stringify(history.map(({ day, used, total }) => [day, used, total])),
          }),
        );
        await db
          .insertInto('counted_apps')
          .values(rows)
          .onConflict((conflict) =>
            conflict.columns(['tenant_id', 'app_id']).doUpdateSet(({ ref }) => ({
              token_id: ref('excluded.token_id'),
              name: ref('excluded.name'),
              day: ref('excluded.day'),
              used: ref('excluded.used'),
              total: ref('excluded.total'),
              runs_out_on: ref('excluded.runs_out_on'),
              history_json: ref('excluded.history_json'),
            })),
          )
          .execute();
      }
    },
    async listRunningOut(tenantId, today, withinDays, tokenIds) {
      if (tokenIds?.length === 0) return [];
      let query = db
        .selectFrom('counted_apps')
        .select(columns)
        .where('tenant_id', '=', tenantId)
        .where('runs_out_on', '<=', today + withinDays)
        .where('day', '>=', today - freshDays);
      if (tokenIds) query = query.where('token_id', 'in', tokenIds);
      return (await query.orderBy('runs_out_on').orderBy('app_id').limit(mostRunningOut).execute()).map(toCountedApp);
    },
    async prune(now) {
      await db
        .deleteFrom('counted_apps')
        .where('day', '<', dayOf(now - keptMs.countedApps))
        .execute();
    },
  };
}

const toCountedApp = (row: Selectable<Omit<CountedAppRow, 'history_json'>>): CountedApp => ({
  id: row.app_id,
  tokenId: row.token_id,
  name: row.name,
  day: row.day,
  used: row.used,
  total: row.total,
  ...(row.runs_out_on !== null && { runsOutOn: row.runs_out_on }),
});
