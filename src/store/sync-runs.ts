import type { Selectable } from 'kysely';
import type { ConversationReference, Locale, Person } from '../turn.ts';
import { endUnreadableLeader } from './end-unreadable-leader.ts';
import type { Db } from './open-database.ts';
import { keptMs } from './retention.ts';
import type { SyncRunRow } from './schema.ts';

/**
 * One request to sync one token, from before its POST to its receipt. `Snapshot` is the token as it was seen, in plain data.
 * A run that is not `joined` leads: at most one leads per token until it ended.
 */
export interface SyncRun<Snapshot> {
  readonly id: string;
  readonly tenantId: string;
  readonly tokenId: string;
  readonly phase: 'posting' | 'running' | 'ended';
  readonly joined: boolean;
  readonly requester: Person;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly messageId?: string;
  /** The card it writes on; absent until the card was sent. */
  readonly activityId?: string;
  /** The batch whose one card tells of it, in place of a card of its own. */
  readonly batchId?: string;
  readonly before: Snapshot;
  readonly after?: Snapshot;
  readonly seenInProgress: boolean;
  /** The POST had no clear answer: the sync may not have begun. */
  readonly uncertain: boolean;
  readonly outcome?: string;
  /** Epoch milliseconds: of the request, then of the POST's answer. */
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface SyncRuns<Snapshot> {
  /** Stores a new run. False when it would lead and another run already leads for the token. */
  add(run: SyncRun<Snapshot>): Promise<boolean>;
  find(id: string): Promise<SyncRun<Snapshot> | undefined>;
  findLeader(tenantId: string, tokenId: string): Promise<SyncRun<Snapshot> | undefined>;
  /** The newest ended run of a token that led and had this outcome. */
  findLastEnded(tenantId: string, tokenId: string, outcome: string): Promise<SyncRun<Snapshot> | undefined>;
  listUnfinished(): Promise<SyncRun<Snapshot>[]>;
  /** The tenant's tokens that a run leads for, until it ends. */
  listLedTokenIds(tenantId: string): Promise<string[]>;
  /** The tenant's tokens that a leading run completed after `after`. */
  listTokenIdsCompletedAfter(tenantId: string, after: number): Promise<string[]>;
  /** Every run of a batch, ended ones too. */
  listOfBatch(batchId: string): Promise<SyncRun<Snapshot>[]>;
  markRunning(id: string, posted: { readonly startedAt: number; readonly uncertain: boolean }): Promise<void>;
  markSeenInProgress(id: string): Promise<void>;
  setCard(id: string, activityId: string): Promise<void>;
  /** Ends the run. True for the one caller who ended it. */
  end(
    id: string,
    ended: { readonly outcome: string; readonly endedAt: number; readonly after?: Snapshot },
  ): Promise<boolean>;
  /** Erases runs that began more than 180 days ago. */
  prune(now: number): Promise<void>;
}

export function createSyncRuns<Snapshot>(db: Db): SyncRuns<Snapshot> {
  const toRun = toRunOf<Snapshot>;
  const update = (id: string) => db.updateTable('sync_runs').where('id', '=', id).where('phase', '!=', 'ended');
  return {
    async add(run) {
      const insert = async () => {
        const query = db.insertInto('sync_runs').values(toRow(run));
        const result = await query.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
        return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
      };
      if (await insert()) return true;
      return !run.joined && (await endUnreadableLeader(db, run)) && insert();
    },
    async find(id) {
      const row = await db.selectFrom('sync_runs').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRun(row);
    },
    async findLeader(tenantId, tokenId) {
      const row = await db
        .selectFrom('sync_runs')
        .selectAll()
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0 }))
        .where('phase', '!=', 'ended')
        .executeTakeFirst();
      return row && toRun(row);
    },
    async findLastEnded(tenantId, tokenId, outcome) {
      const row = await db
        .selectFrom('sync_runs')
        .selectAll()
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0, outcome }))
        .where('phase', '=', 'ended')
        .orderBy('ended_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toRun(row);
    },
    async listUnfinished() {
      const rows = await db.selectFrom('sync_runs').selectAll().where('phase', '!=', 'ended').execute();
      return rows.map(toRun);
    },
    async listLedTokenIds(tenantId) {
      const query = db.selectFrom('sync_runs').select('token_id').where('tenant_id', '=', tenantId);
      const rows = await query.where('joined', '=', 0).where('phase', '!=', 'ended').execute();
      return rows.map((row) => row.token_id);
    },
    async listTokenIdsCompletedAfter(tenantId, after) {
      const rows = await db
        .selectFrom('sync_runs')
        .select('token_id')
        .distinct()
        .where((where) => where.and({ tenant_id: tenantId, joined: 0, phase: 'ended', outcome: 'completed' }))
        .where('ended_at', '>', after)
        .execute();
      return rows.map((row) => row.token_id);
    },
    async listOfBatch(batchId) {
      const rows = await db.selectFrom('sync_runs').selectAll().where('batch_id', '=', batchId).execute();
      return rows.map(toRun);
    },
    async markRunning(id, posted) {
      await update(id)
        .set({ phase: 'running', started_at: posted.startedAt, uncertain: posted.uncertain ? 1 : 0 })
        .execute();
    },
    async markSeenInProgress(id) {
      await update(id).set({ seen_in_progress: 1 }).execute();
    },
    async setCard(id, activityId) {
      await db.updateTable('sync_runs').set({ activity_id: activityId }).where('id', '=', id).execute();
    },
    async end(id, ended) {
      const result = await update(id)
        .set({
          phase: 'ended',
          outcome: ended.outcome,
          ended_at: ended.endedAt,
          after_json: ended.after === undefined ? null : JSON.stringify(ended.after),
        })
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async prune(now) {
      await db
        .deleteFrom('sync_runs')
        .where('started_at', '<', now - keptMs.syncRuns)
        .execute();
    },
  };
}

function toRow<Snapshot>(run: SyncRun<Snapshot>): SyncRunRow {
  return {
    id: run.id,
    tenant_id: run.tenantId,
    token_id: run.tokenId,
    phase: run.phase,
    joined: run.joined ? 1 : 0,
    requester_json: JSON.stringify(run.requester),
    conversation_json: JSON.stringify(run.conversation),
    locale: run.locale,
    message_id: run.messageId ?? null,
    activity_id: run.activityId ?? null,
    batch_id: run.batchId ?? null,
    before_json: JSON.stringify(run.before),
    after_json: run.after === undefined ? null : JSON.stringify(run.after),
    seen_in_progress: run.seenInProgress ? 1 : 0,
    uncertain: run.uncertain ? 1 : 0,
    outcome: run.outcome ?? null,
    started_at: run.startedAt,
    ended_at: run.endedAt ?? null,
  };
}

function toRunOf<Snapshot>(row: Selectable<SyncRunRow>): SyncRun<Snapshot> {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    tokenId: row.token_id,
    phase: row.phase as SyncRun<Snapshot>['phase'],
    joined: row.joined === 1,
    requester: JSON.parse(row.requester_json),
    conversation: JSON.parse(row.conversation_json),
    locale: row.locale as Locale,
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.activity_id !== null && { activityId: row.activity_id }),
    ...(row.batch_id !== null && { batchId: row.batch_id }),
    before: JSON.parse(row.before_json),
    ...(row.after_json !== null && { after: JSON.parse(row.after_json) }),
    seenInProgress: row.seen_in_progress === 1,
    uncertain: row.uncertain === 1,
    ...(row.outcome !== null && { outcome: row.outcome }),
    startedAt: Number(row.started_at),
    ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
  };
}
