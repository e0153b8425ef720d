import type { Selectable } from 'kysely';
import type { EndedSyncs, SyncCounts } from '../domain/alert-repositories.ts';
import type { SyncRun, SyncRuns } from '../domain/sync-run.ts';
import type { ConversationReference, Locale } from '../domain/turn.ts';
import { chunked } from '../lib/json.ts';
import { claimedBy, type Lease } from './leases.ts';
import { listUnreadable } from './rows.ts';
import { type Db, keptMs, newestChecked, type SyncRunRow } from './schema.ts';

/** With a lease a new run is this process's from the beginning. */
export function createSyncRuns<Snapshot>(db: Db, lease?: Lease): SyncRuns<Snapshot> {
  const toRun = toRunOf<Snapshot>;
  const update = (id: string) => db.updateTable('sync_runs').where('id', '=', id).where('phase', '!=', 'ended');
  return {
    async add(run) {
      const insert = async () => {
        const query = db.insertInto('sync_runs').values({ ...toRow(run), ...claimedBy(lease) });
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
    async list(ids) {
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('sync_runs').selectAll().where('id', 'in', ids).execute();
      return rows.map(toRun);
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
        .limit(newestChecked)
        .executeTakeFirst();
      return row && toRun(row);
    },
    async listTimesTaken(tenantId, tokenId, most) {
      const rows = await db
        .selectFrom('sync_runs')
        .select('took_ms')
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0, outcome: 'completed' }))
        .where('took_ms', 'is not', null)
        .orderBy('ended_at', 'desc')
        .limit(most)
        .execute();
      return rows.map((row) => Number(row.took_ms));
    },
    async isSuperseded({ id, tenantId, activityId, conversation, startedAt }) {
      if (activityId === undefined) return false;
      const rows = await db
        .selectFrom('sync_runs')
        .select('conversation_json')
        .where((where) => where.and({ tenant_id: tenantId, activity_id: activityId }))
        .where('id', '!=', id)
        .where('started_at', '>', startedAt)
        .where((where) => where.or([where('outcome', 'is', null), where('outcome', '!=', 'refused')]))
        .execute();
      return rows.some((row) => (JSON.parse(row.conversation_json) as ConversationReference).id === conversation.id);
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
        .set({
          phase: 'running',
          started_at: posted.startedAt,
          uncertain: posted.uncertain ? 1 : 0,
          ...(posted.licensesBefore && { licenses_before_json: toJson(posted.licensesBefore) }),
        })
        .execute();
    },
    async markSeenInProgress(id) {
      await update(id).set({ seen_in_progress: 1 }).execute();
    },
    async setCard(id, activityId) {
      await db.updateTable('sync_runs').set({ activity_id: activityId }).where('id', '=', id).execute();
    },
    async setLicenses(id, compared) {
      await db
        .updateTable('sync_runs')
        .set({ licenses_json: toJson(compared), licenses_before_json: null })
        .where('id', '=', id)
        .execute();
    },
    async end(id, { outcome, endedAt, after, tookMs, reportedAt: toldAt, refusal }) {
      const result = await update(id)
        .set({
          phase: 'ended',
          outcome,
          ended_at: endedAt,
          after_json: toJson(after),
          took_ms: tookMs ?? null,
          refusal: refusal ?? null,
          reported_at: toldAt ?? null,
        })
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async markReported(id, toldAt) {
      const query = db.updateTable('sync_runs').set({ reported_at: toldAt }).where('id', '=', id);
      const result = await query.where('reported_at', 'is', null).executeTakeFirst();
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
    after_json: toJson(run.after),
    seen_in_progress: run.seenInProgress ? 1 : 0,
    uncertain: run.uncertain ? 1 : 0,
    outcome: run.outcome ?? null,
    refusal: run.refusal ?? null,
    started_at: run.startedAt,
    ended_at: run.endedAt ?? null,
    reported_at: run.reportedAt ?? null,
    took_ms: run.tookMs ?? null,
    usual_ms: run.usualMs ?? null,
    joined_since: run.joinedSince ?? null,
    licenses_before_json: toJson(run.licensesBefore),
    licenses_json: toJson(run.licenses),
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
    ...(row.refusal !== null && { refusal: row.refusal }),
    startedAt: Number(row.started_at),
    ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
    ...(row.reported_at !== null && { reportedAt: Number(row.reported_at) }),
    ...(row.took_ms !== null && { tookMs: Number(row.took_ms) }),
    ...(row.usual_ms !== null && { usualMs: Number(row.usual_ms) }),
    ...(row.joined_since !== null && { joinedSince: Number(row.joined_since) }),
    ...(row.licenses_before_json !== null && { licensesBefore: JSON.parse(row.licenses_before_json) }),
    ...(row.licenses_json !== null && { licenses: JSON.parse(row.licenses_json) }),
  };
}

const toJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** Ends those of these runs that cannot be read, untold: nobody can follow them, or tell their end. Resolves to their ids. */
export async function endUnreadableRuns(db: Db, ids: readonly string[], endedAt: number): Promise<string[]> {
  const unreadable = await listUnreadable(db, 'sync_runs', ids);
  for (const part of chunked(unreadable)) {
    await db
      .updateTable('sync_runs')
      .set(({ fn, val }) => ({
        phase: 'ended',
        outcome: fn.coalesce('outcome', val('lost')),
        ended_at: fn.coalesce('ended_at', val(endedAt)),
        reported_at: endedAt,
      }))
      .where('id', 'in', part)
      .where(({ or, eb }) => or([eb('phase', '!=', 'ended'), eb('reported_at', 'is', null)]))
      .execute();
  }
  return unreadable;
}

/** Ends a run that leads for the token but cannot be read, so that it keeps nobody from syncing. True when there was one. */
async function endUnreadableLeader(
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

/** What is not named here, such as a refusal, was no sync. */
const endings: ReadonlyMap<string, keyof EndedSyncs> = new Map([
  ['completed', 'completed'],
  ['failed', 'failed'],
  ['stuck', 'stuck'],
  ['noResult', 'noResult'],
  ['lost', 'noResult'],
]);

export function createSyncCounts(db: Db): SyncCounts {
  return {
    async countEnded(tenantId, tokenIds, since) {
      const counted = { completed: 0, failed: 0, stuck: 0, noResult: 0 };
      for (const part of tokenIds === 'all' ? [undefined] : chunked(tokenIds)) {
        let query = db
          .selectFrom('sync_runs')
          .select(({ fn }) => ['outcome', fn.countAll().as('count')])
          .where((where) => where.and({ tenant_id: tenantId, phase: 'ended', joined: 0 }))
          .where('ended_at', '>=', since);
        if (part) query = query.where('token_id', 'in', part);
        for (const { outcome, count } of await query.groupBy('outcome').execute()) {
          const ending = endings.get(outcome ?? '');
          if (ending) counted[ending] += Number(count);
        }
      }
      return counted;
    },
  };
}
