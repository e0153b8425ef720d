import type { Person } from '../turn.ts';
import type { Db } from './open-database.ts';

/** What stays known of one request to sync, whether it goes on, ended or was refused. */
export interface PastSync {
  readonly id: string;
  readonly tokenId: string;
  readonly requesterName: string;
  /** It followed a sync that ran already. */
  readonly joined: boolean;
  /** Absent while it goes on. `refused`: Graph did not take the request. Open: an outcome nobody knows is kept as it came. */
  readonly outcome?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface SyncHistory {
  /** The newest syncs of these tokens and no others, at most `most`, and how many there are in all. */
  list(asked: {
    readonly tenantId: string;
    readonly tokenIds: readonly string[];
    readonly most: number;
  }): Promise<{ readonly syncs: readonly PastSync[]; readonly total: number }>;
}

export function createSyncHistory(db: Db): SyncHistory {
  return {
    async list({ tenantId, tokenIds, most }) {
      if (tokenIds.length === 0) return { syncs: [], total: 0 };
      const asked = db.selectFrom('sync_runs').where('tenant_id', '=', tenantId).where('token_id', 'in', tokenIds);
      const rows = await asked
        .select(['id', 'token_id', 'requester_json', 'joined', 'outcome', 'started_at', 'ended_at'])
        .orderBy('started_at', 'desc')
        .orderBy('id')
        .limit(most)
        .execute();
      const { total } = await asked.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow();
      const syncs = rows.map((row) => ({
        id: row.id,
        tokenId: row.token_id,
        requesterName: (JSON.parse(row.requester_json) as Person).name,
        joined: row.joined === 1,
        ...(row.outcome !== null && { outcome: row.outcome }),
        startedAt: Number(row.started_at),
        ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
      }));
      return { syncs, total: Number(total) };
    },
  };
}
