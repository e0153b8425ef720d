import type { Db } from './schema.ts';

export interface RecentChanges {
  /**
   * True when something is known, to any process, that a reading of the tenant's tokens at `at` may not show yet: a sync of the bot has
   * begun or ended since or goes on, or monitoring has seen an alert begin or end since.
   */
  areKnown(tenantId: string, at: number): Promise<boolean>;
}

export function createRecentChanges(db: Db): RecentChanges {
  return {
    async areKnown(tenantId, at) {
      const run = db
        .selectFrom('sync_runs')
        .select('id')
        .where('tenant_id', '=', tenantId)
        .where((where) => where.or([where('ended_at', 'is', null), where('ended_at', '>=', at)]))
        .limit(1);
      const alert = db
        .selectFrom('alerts')
        .select('id')
        .where('tenant_id', '=', tenantId)
        .where((where) =>
          // An alert that began since and is over ended since too, so the index on `ended_at` finds both.
          where.or([
            where('ended_at', '>=', at),
            where.and([where('ended_at', 'is', null), where('opened_at', '>=', at)]),
          ]),
        )
        .limit(1);
      // One after the other, because in most turns neither is there and SQLite answers at once.
      return (await run.executeTakeFirst()) !== undefined || (await alert.executeTakeFirst()) !== undefined;
    },
  };
}
