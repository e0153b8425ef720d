import { sql } from 'kysely';
import { z } from 'zod';
import type { TokenSnapshot } from '../domain/alert.ts';
import type { ExpiryCount, TokenSnapshots } from '../domain/alert-repositories.ts';
import type { ConnectorKind } from '../domain/connector.ts';
import { chunked } from '../lib/json.ts';
import { findInstant } from '../lib/time.ts';
import { createRowReader, json, tokenShape } from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { Db, TokenSnapshotRow } from './schema.ts';

/** Rows as wide as these take some 30 µs each to write. */
const snapshotsAtOnce = 100;

/** In SQL what `kindOf` says. */
const kindColumn =
  sql<ConnectorKind>`case when token_id = 'push' then 'push' when token_id like 'ade:%' then 'ade' else 'vpp' end`.as(
    'kind',
  );

export function createTokenSnapshots(db: Db): TokenSnapshots {
  const read = createRowReader(db, {
    table: 'token_snapshots',
    shape: z.object({ token_json: json(tokenShape) }),
    fromRow: (row, { token_json }): TokenSnapshot => ({
      tenantId: row.tenant_id,
      token: token_json,
      firstSeenAt: row.first_seen_at,
      seenAt: row.seen_at,
      ...(row.completed_at !== null && { completedAt: row.completed_at }),
      ...(row.in_progress_since !== null && { inProgressSince: row.in_progress_since }),
      ...(row.missing_since !== null && { missingSince: row.missing_since }),
      ...(row.deleted_at !== null && { deletedAt: row.deleted_at }),
    }),
  });
  const listWhere = async (tenantId: string, operator: 'is' | 'is not') => {
    const query = db.selectFrom('token_snapshots').selectAll().where('tenant_id', '=', tenantId);
    return read.listInTime(await query.where('deleted_at', operator, null).execute());
  };

  return {
    listOfTenant: (tenantId) => listWhere(tenantId, 'is'),
    listDeleted: (tenantId) => listWhere(tenantId, 'is not'),
    async putAll(snapshots) {
      const rows = snapshots.map(
        (snapshot): TokenSnapshotRow => ({
          tenant_id: snapshot.tenantId,
          token_id: snapshot.token.id,
          token_json: JSON.stringify(snapshot.token),
          expires_at: findInstant(snapshot.token.expirationDateTime) ?? null,
          first_seen_at: snapshot.firstSeenAt,
          seen_at: snapshot.seenAt,
          completed_at: snapshot.completedAt ?? null,
          in_progress_since: snapshot.inProgressSince ?? null,
          missing_since: snapshot.missingSince ?? null,
          deleted_at: snapshot.deletedAt ?? null,
        }),
      );
      for (const part of chunked(rows, snapshotsAtOnce)) {
        await db
          .insertInto('token_snapshots')
          .values(part)
          .onConflict((conflict) =>
            conflict.columns(['tenant_id', 'token_id']).doUpdateSet(({ ref }) => ({
              token_json: ref('excluded.token_json'),
              expires_at: ref('excluded.expires_at'),
              first_seen_at: ref('excluded.first_seen_at'),
              seen_at: ref('excluded.seen_at'),
              completed_at: ref('excluded.completed_at'),
              in_progress_since: ref('excluded.in_progress_since'),
              missing_since: ref('excluded.missing_since'),
              deleted_at: ref('excluded.deleted_at'),
            })),
          )
          .execute();
      }
    },
    async countByExpiry(tenantIds) {
      const counts: ExpiryCount[] = [];
      for (const part of chunked(tenantIds)) {
        const rows = await db
          .selectFrom('token_snapshots')
          .select(({ fn }) => [kindColumn, 'expires_at as expiresAt', fn.countAll().as('count')])
          .where('tenant_id', 'in', part)
          .where('expires_at', 'is not', null)
          .where('deleted_at', 'is', null)
          .groupBy(['kind', 'expires_at'])
          .execute();
        counts.push(...rows.map((row) => ({ ...row, expiresAt: Number(row.expiresAt), count: Number(row.count) })));
      }
      return counts;
    },
    async prune(now) {
      await db
        .deleteFrom('token_snapshots')
        .where(({ fn }) => fn.coalesce('deleted_at', 'missing_since'), '<', now - keptMs.deletedTokens)
        .execute();
    },
  };
}
