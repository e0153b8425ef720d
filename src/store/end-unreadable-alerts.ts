import type { Alert } from '../domain/alert.ts';
import { listUnreadable } from './list-unreadable.ts';
import type { Db } from './open-database.ts';

/**
 * Ends an open alert that cannot be read and stands in the way of this one: there is one open per token and condition. True when
 * there was one.
 */
export async function endUnreadableAlerts(
  db: Db,
  { tenantId, tokenId, condition, notifiedAt }: Alert,
): Promise<boolean> {
  const open = await db
    .selectFrom('alerts')
    .select('id')
    .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, condition }))
    .where('ended_at', 'is', null)
    .execute();
  const unreadable = await listUnreadable(
    db,
    'alerts',
    open.map(({ id }) => id),
  );
  if (unreadable.length === 0) return false;
  const ended = { ended_at: notifiedAt, ending: 'superseded' };
  await db.updateTable('alerts').set(ended).where('id', 'in', unreadable).where('ended_at', 'is', null).execute();
  return true;
}
