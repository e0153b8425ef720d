import type { Db } from './open-database.ts';

/**
 * Ends a run that leads for the token but cannot be read: nobody follows it, so it must not keep others from syncing.
 * True when there was one.
 */
export async function endUnreadableLeader(
  db: Db,
  { tenantId, tokenId, startedAt }: { readonly tenantId: string; readonly tokenId: string; readonly startedAt: number },
): Promise<boolean> {
  const leader = await db
    .selectFrom('sync_runs')
    .select('id')
    .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0 }))
    .where('phase', '!=', 'ended')
    .executeTakeFirst();
  if (!leader) return false;
  const byId = db.selectFrom('sync_runs').selectAll().where('id', '=', leader.id);
  if (await byId.executeTakeFirst()) return false;
  await db
    .updateTable('sync_runs')
    .set({ phase: 'ended', outcome: 'lost', ended_at: startedAt, told_at: startedAt })
    .where('id', '=', leader.id)
    .where('phase', '!=', 'ended')
    .execute();
  return true;
}
