import { inParts } from '../lib/json.ts';
import { listUnreadable } from './list-unreadable.ts';
import type { Db } from './open-database.ts';

/** Ends those of these runs that cannot be read, untold: nobody can follow them, or tell their end. Resolves to their ids. */
export async function endUnreadableRuns(db: Db, ids: readonly string[], endedAt: number): Promise<string[]> {
  const unreadable = await listUnreadable(db, 'sync_runs', ids);
  for (const part of inParts(unreadable)) {
    await db
      .updateTable('sync_runs')
      .set(({ fn, val }) => ({
        phase: 'ended',
        outcome: fn.coalesce('outcome', val('lost')),
        ended_at: fn.coalesce('ended_at', val(endedAt)),
        told_at: endedAt,
      }))
      .where('id', 'in', part)
      .where(({ or, eb }) => or([eb('phase', '!=', 'ended'), eb('told_at', 'is', null)]))
      .execute();
  }
  return unreadable;
}

/** Ends a run that leads for the token but cannot be read, so that it keeps nobody from syncing. True when there was one. */
export async function endUnreadableLeader(
  db: Db,
  { tenantId, tokenId, startedAt }: { readonly tenantId: string; readonly tokenId: string; readonly startedAt: number },
): Promise<boolean> {
  const leaders = await db
    .selectFrom('sync_runs')
    .select('id')
    .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0 }))
    .where('phase', '!=', 'ended')
    .execute();
  const ended = await endUnreadableRuns(
    db,
    leaders.map(({ id }) => id),
    startedAt,
  );
  return ended.length > 0;
}
