import type { Db } from './open-database.ts';
import { keptMs } from './retention.ts';

export interface ProcessedActivities {
  /** True for exactly one caller per key within 24 hours, across processes and restarts. */
  claim(key: string, now: number): Promise<boolean>;
  prune(now: number): Promise<void>;
}

export function createProcessedActivities(db: Db): ProcessedActivities {
  return {
    async claim(key, now) {
      const result = await db
        .insertInto('processed_activities')
        .values({ key, at: now })
        .onConflict((conflict) =>
          conflict
            .column('key')
            .doUpdateSet({ at: now })
            .where('processed_activities.at', '<', now - keptMs.processedActivities),
        )
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
    },
    async prune(now) {
      await db
        .deleteFrom('processed_activities')
        .where('at', '<', now - keptMs.processedActivities)
        .execute();
    },
  };
}
