import { sql } from 'kysely';
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
  readonly ended?: {
    readonly outcome: string;
    readonly reason?: string;
    readonly at: number;
    /** As on its receipt; absent where that gives none. */
    readonly tookMs?: number;
  };
  /** Present for the syncs of one `sync all`: which, and how they ended, of the tokens asked about. */
  readonly batchId?: string;
  readonly batch?: PastBatch;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface PastBatch {
  readonly tokens: number;
  readonly completed: number;
  readonly running: number;
  readonly others: number;
}

export interface AuditHistory {
  /**
   * Lists deeds with these tokens and no others, the newest first, at most `most` after the first `skip`; and counts them all, among the newest 1,000 attempts with one
   * token, or the newest 3,000 in the tenant. The syncs of one batch are one, unless
   * that batch is asked for. Left out is what did nothing, such as a refused batch.
   */
  list(asked: {
    readonly tenantId: string;
    readonly tokenIds: readonly string[];
    /** Lists only the syncs of this batch, one entry for each. */
    readonly batchId?: string;
    readonly skip?: number;
    readonly most: number;
  }): Promise<{ readonly attempts: readonly PastAttempt[]; readonly total: number }>;
}

/** Older deeds are in the audit's export: a history over all of it would hold everybody up. */
const mostOfOneToken = 1_000;
const mostOfTenant = 3_000;

export function createAuditHistory(db: Db): AuditHistory {
  /** The newest attempts, each of the two by an index of its own. */
  function selectNewest(tenantId: string, tokenIds: readonly string[]) {
    const newest = db
      .selectFrom('audit_entries')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      // Literally, because a parameter would keep SQLite from the partial indexes.
      .where('stage', '=', sql.lit('asked'))
      .orderBy('seq', 'desc');
    const [first] = tokenIds;
    return first !== undefined && tokenIds.length === 1
      ? newest.where('token_id', '=', first).limit(mostOfOneToken)
      : newest.where('token_id', 'is not', null).limit(mostOfTenant);
  }

  const selectAsked = (tenantId: string, tokenIds: readonly string[], batchId: string | undefined) => {
    const asked = db
      .selectFrom(selectNewest(tenantId, tokenIds).as('asked'))
      .leftJoin('audit_entries as ended', (join) =>
        join.onRef('ended.run_id', '=', 'asked.run_id').on('ended.stage', '=', 'ended'),
      )
      // A run's end is in its row a moment before it is in the audit.
      .leftJoin('sync_runs as run', 'run.id', 'asked.run_id')
      .where((where) => where.and({ 'asked.tenant_id': tenantId, 'asked.stage': 'asked' }))
      .where('asked.token_id', 'in', tokenIds)
      .where(({ not, and, eb, fn, val }) =>
        not(
          and([
            eb('asked.action', '=', 'syncAll'),
            eb(fn.coalesce('ended.outcome', 'asked.outcome'), '=', val('refused')),
          ]),
        ),
      )
      // An attempt that another process anticipated is listed as the join that followed it.
      .where(({ or, eb }) => or([eb('ended.outcome', 'is', null), eb('ended.outcome', '!=', 'overtaken')]));
    return batchId === undefined ? asked : asked.where('run.batch_id', '=', batchId);
  };

  async function listBatch(batchId: string, tokenIds: readonly string[]): Promise<PastBatch> {
    const rows = await db
      .selectFrom('sync_runs')
      .select(({ fn }) => ['outcome', fn.countAll().as('count')])
      .where('batch_id', '=', batchId)
      .where('token_id', 'in', tokenIds)
      .groupBy('outcome')
      .execute();
    const count = (test: (outcome: string | null) => boolean) =>
      rows.filter(({ outcome }) => test(outcome)).reduce((sum, row) => sum + Number(row.count), 0);
    const completed = count((outcome) => outcome === 'completed');
    const running = count((outcome) => outcome === null);
    const tokens = count((outcome) => outcome !== 'refused');
    return { tokens, completed, running, others: tokens - completed - running };
  }

  return {
    async list({ tenantId, tokenIds, batchId, skip = 0, most }) {
      if (tokenIds.length === 0) return { attempts: [], total: 0 };
      const asked = selectAsked(tenantId, tokenIds, batchId);
      const batches = new Set<string>();
      const attempts: PastAttempt[] = [];
      let before = Number.MAX_SAFE_INTEGER;
      let passed = 0;
      while (attempts.length < most) {
        let query = asked.where('asked.seq', '<', before);
        if (batches.size > 0) {
          const listed = [...batches];
          query = query.where(({ or, eb }) =>
            or([eb('run.batch_id', 'is', null), eb('run.batch_id', 'not in', listed)]),
          );
        }
        const row = await query
          .select(['asked.seq', 'asked.action', 'asked.token_id', 'asked.person_name', 'asked.outcome'])
          .select(['asked.reason', 'asked.at', 'run.batch_id', 'run.started_at', 'run.took_ms'])
          .select(['ended.outcome as end', 'ended.reason as end_reason', 'ended.at as end_at'])
          .select(['run.outcome as run_end', 'run.ended_at as run_end_at'])
          .orderBy('asked.seq', 'desc')
          .limit(skip + most - passed)
          .execute();
        if (row.length === 0) break;
        for (const each of row) {
          before = each.seq;
          const ofBatch = batchId === undefined ? each.batch_id : null;
          if (ofBatch !== null && batches.has(ofBatch)) continue;
          if (ofBatch !== null) batches.add(ofBatch);
          passed += 1;
          if (passed <= skip) continue;
          const batch = ofBatch === null ? undefined : await listBatch(ofBatch, tokenIds);
          const isSeveral = ofBatch !== null && batch !== undefined && batch.tokens > 1;
          attempts.push({ ...toAttempt(each), ...(isSeveral && { batch, batchId: ofBatch }) });
        }
      }
      const { total } = await asked
        .select(
          (batchId === undefined
            ? sql<number>`count(distinct coalesce(run.batch_id, cast(asked.seq as text)))`
            : sql<number>`count(*)`
          ).as('total'),
        )
        .executeTakeFirstOrThrow();
      return { attempts, total: Number(total) };
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
  readonly started_at: number | null;
  readonly took_ms: number | null;
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
        ...tookOf(row, end),
      },
    }),
    at: row.at,
  };
}

/** The receipt's own number: of a sync that was not seen to its end, how long it was followed. A run that was erased leaves the audit's times. */
function tookOf(row: Row, end: string): { readonly tookMs?: number } {
  if (row.started_at === null) return { tookMs: Math.max(0, Number(row.end_at) - row.at) };
  if (end === 'completed' || end === 'failed') return row.took_ms === null ? {} : { tookMs: row.took_ms };
  return { tookMs: Math.max(0, Number(row.run_end_at ?? row.end_at) - row.started_at) };
}
