import type { EndedSyncs, SyncCounts } from '../domain/alert-repositories.ts';
import { inParts } from '../lib/json.ts';
import type { Db } from './open-database.ts';

/** What is not named here, such as a refusal, was no sync. */
const endings: ReadonlyMap<string, keyof EndedSyncs> = new Map([
  ['completed', 'completed'],
  ['failed', 'failed'],
  ['stuck', 'stuck'],
  ['noResult', 'noResult'],
  ['lost', 'noResult'],
]);

export function createSyncCounts(db: Db): SyncCounts {
  return {
    async countEnded(tenantId, tokenIds, since) {
      const counted = { completed: 0, failed: 0, stuck: 0, noResult: 0 };
      for (const part of tokenIds === 'all' ? [undefined] : inParts(tokenIds)) {
        let query = db
          .selectFrom('sync_runs')
          .select(({ fn }) => ['outcome', fn.countAll().as('count')])
          .where((where) => where.and({ tenant_id: tenantId, phase: 'ended', joined: 0 }))
          .where('ended_at', '>=', since);
        if (part) query = query.where('token_id', 'in', part);
        for (const { outcome, count } of await query.groupBy('outcome').execute()) {
          const ending = endings.get(outcome ?? '');
          if (ending) counted[ending] += Number(count);
        }
      }
      return counted;
    },
  };
}
