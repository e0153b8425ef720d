import type { TokenSnapshots } from '../domain/alert-repositories.ts';
import { inParts } from '../lib/json.ts';
import type { TokenSnapshotRow } from './alert-rows.ts';
import type { Db } from './open-database.ts';

export function createTokenSnapshots(db: Db): TokenSnapshots {
  return {
    async listOfTenant(tenantId) {
      const rows = await db.selectFrom('token_snapshots').selectAll().where('tenant_id', '=', tenantId).execute();
      return rows.map((row) => ({
        tenantId: row.tenant_id,
        token: JSON.parse(row.token_json),
        firstSeenAt: Number(row.first_seen_at),
        seenAt: Number(row.seen_at),
        ...(row.completed_at !== null && { completedAt: Number(row.completed_at) }),
        ...(row.in_progress_since !== null && { inProgressSince: Number(row.in_progress_since) }),
      }));
    },
    async putAll(snapshots) {
      const rows = snapshots.map(
        (snapshot): TokenSnapshotRow => ({
          tenant_id: snapshot.tenantId,
          token_id: snapshot.token.id,
          token_json: JSON.stringify(snapshot.token),
          first_seen_at: snapshot.firstSeenAt,
          seen_at: snapshot.seenAt,
          completed_at: snapshot.completedAt ?? null,
          in_progress_since: snapshot.inProgressSince ?? null,
        }),
      );
      for (const part of inParts(rows)) {
        await db
          .insertInto('token_snapshots')
          .values(part)
          .onConflict((conflict) =>
            conflict.columns(['tenant_id', 'token_id']).doUpdateSet(({ ref }) => ({
              token_json: ref('excluded.token_json'),
              first_seen_at: ref('excluded.first_seen_at'),
              seen_at: ref('excluded.seen_at'),
              completed_at: ref('excluded.completed_at'),
              in_progress_since: ref('excluded.in_progress_since'),
            })),
          )
          .execute();
      }
    },
    async remove(tenantId, tokenIds) {
      for (const part of inParts(tokenIds)) {
        await db
          .deleteFrom('token_snapshots')
          .where('tenant_id', '=', tenantId)
          .where('token_id', 'in', part)
          .execute();
      }
    },
  };
}
