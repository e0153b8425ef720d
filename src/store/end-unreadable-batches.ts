import { listUnreadable } from './list-unreadable.ts';
import type { Db } from './open-database.ts';

/** Ends those of these batches that cannot be read, untold: their card is lost, their syncs are not. Resolves to their ids. */
export async function endUnreadableBatches(db: Db, ids: readonly string[], endedAt: number): Promise<string[]> {
  const unreadable = await listUnreadable(db, 'sync_batches', ids);
  if (unreadable.length === 0) return [];
  await db
    .updateTable('sync_batches')
    .set(({ fn, val }) => ({ ended_at: fn.coalesce('ended_at', val(endedAt)), told_at: endedAt }))
    .where('id', 'in', unreadable)
    .where('told_at', 'is', null)
    .execute();
  return unreadable;
}
