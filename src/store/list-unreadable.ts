import { inParts } from '../lib/json.ts';
import type { Db } from './open-database.ts';

/**
 * Which of these ids no readable row has. Unreadable rows are passed over wherever they are read, so that whoever has claimed work
 * by its id alone, or meets a row that only the database's own rules see, asks here whether there is anything behind it.
 */
export async function listUnreadable(
  db: Db,
  table: 'sync_runs' | 'sync_batches' | 'alerts' | 'alert_deliveries',
  ids: readonly string[],
): Promise<string[]> {
  const unreadable = new Set(ids);
  for (const part of inParts(ids)) {
    const rows = await db.selectFrom(table).selectAll().where('id', 'in', part).execute();
    for (const { id } of rows) unreadable.delete(id);
  }
  return [...unreadable];
}
