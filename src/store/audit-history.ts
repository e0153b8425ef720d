import type { Db } from './schema.ts';

/** One attempt with a token and its result, in words of the audit; a word that this version does not know is passed on as it is. */
export interface PastAttempt {
  readonly action: string;
  readonly tokenId: string;
  readonly requesterName: string;
  /** The immediate result: `started`, `joined`, `done`, or why not. */
  readonly outcome: string;
  readonly reason?: string;
  /** The end of the sync that it started or joined; absent while that is running, and for attempts that are no sync. */
  readonly ended?: { readonly outcome: string; readonly reason?: string; readonly at: number };
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface AuditHistory {
  /** Lists the newest attempts with these tokens and no others, at most `most`, and counts all of them. */
  list(asked: {
    readonly tenantId: string;
    readonly tokenIds: readonly string[];
    readonly most: number;
  }): Promise<{ readonly attempts: readonly PastAttempt[]; readonly total: number }>;
}

export function createAuditHistory(db: Db): AuditHistory {
  return {
    async list({ tenantId, tokenIds, most }) {
      if (tokenIds.length === 0) return { attempts: [], total: 0 };
      const asked = db
        .selectFrom('audit_entries as asked')
        // An attempt that another process anticipated is listed as the join that followed it.
        .leftJoin('audit_entries as ended', (join) =>
          join.onRef('ended.run_id', '=', 'asked.run_id').on('ended.stage', '=', 'ended'),
        )
        .where((where) => where.and({ 'asked.tenant_id': tenantId, 'asked.stage': 'asked' }))
        .where('asked.token_id', 'in', tokenIds)
        .where(({ or, eb }) => or([eb('ended.outcome', 'is', null), eb('ended.outcome', '!=', 'overtaken')]));
      const rows = await asked
        // A run's end is in its row a moment before it is in the audit.
        .leftJoin('sync_runs as run', 'run.id', 'asked.run_id')
        .select(['asked.action', 'asked.token_id', 'asked.person_name', 'asked.outcome', 'asked.reason', 'asked.at'])
        .select(['ended.outcome as end', 'ended.reason as end_reason', 'ended.at as end_at'])
        .select(['run.outcome as run_end', 'run.ended_at as run_end_at'])
        .orderBy('asked.seq', 'desc')
        .limit(most)
        .execute();
      const { total } = await asked.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow();
      return { attempts: rows.map(toAttempt), total: Number(total) };
    },
  };
}

interface Row {
  readonly action: string;
  readonly token_id: string | null;
  readonly person_name: string | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly at: number;
  readonly end: string | null;
  readonly end_reason: string | null;
  readonly end_at: number | null;
  readonly run_end: string | null;
  readonly run_end_at: number | null;
}

function toAttempt(row: Row): PastAttempt {
  const end = row.end ?? row.run_end;
  return {
    action: row.action,
    tokenId: row.token_id ?? '',
    requesterName: row.person_name ?? '',
    outcome: row.outcome,
    ...(row.reason !== null && { reason: row.reason }),
    ...(end !== null && {
      ended: {
        outcome: end,
        ...(row.end_reason !== null && { reason: row.end_reason }),
        // The run's own time comes first: the audit may have been written later.
        at: Number(row.run_end_at ?? row.end_at),
      },
    }),
    at: row.at,
  };
}
