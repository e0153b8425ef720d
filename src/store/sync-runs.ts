import type { LicensesBefore, LicensesCompared } from '../domain/licenses.ts';
import type { ConversationReference, Locale, Person } from '../domain/turn.ts';
import { endUnreadableLeader } from './end-unreadable-runs.ts';
import { newestLooked } from './newest-looked.ts';
import type { Db } from './open-database.ts';
import { keptMs } from './retention.ts';
import { claimedBy, type Lease } from './run-claims.ts';
import { toJson, toRow, toRunOf } from './sync-run-rows.ts';

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
  /** Why Graph refused it late, when its card stood already. */
  readonly refusal?: string;
  /** Epoch milliseconds: of the request, then of the POST. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When its receipt stood on its card, or was given up. Of a run in a batch: when it ended, for its batch tells it. */
  readonly toldAt?: number;
  /** When the sync that it joined was asked for; absent when somebody began that elsewhere. */
  readonly joinedSince?: number;
  /** How long the sync took; absent when its beginning is not known or its end was not watched. */
  readonly tookMs?: number;
  /** How long this token's syncs usually take, as it was known at the start. */
  readonly usualMs?: number;
  /** Until they were compared. */
  readonly licensesBefore?: LicensesBefore;
  readonly licenses?: LicensesCompared;
}

export interface RunEnd<Snapshot> {
  readonly outcome: string;
  readonly endedAt: number;
  readonly after?: Snapshot;
  readonly tookMs?: number;
  readonly refusal?: string;
  /** When nothing is left to tell of it. */
  readonly toldAt?: number;
}

export interface SyncRuns<Snapshot> {
  /** Stores a new run. False when it would lead and another run already leads for the token. */
  add(run: SyncRun<Snapshot>): Promise<boolean>;
  find(id: string): Promise<SyncRun<Snapshot> | undefined>;
  list(ids: readonly string[]): Promise<SyncRun<Snapshot>[]>;
  findLeader(tenantId: string, tokenId: string): Promise<SyncRun<Snapshot> | undefined>;
  /** The newest ended run of a token that led and had this outcome. */
  findLastEnded(tenantId: string, tokenId: string, outcome: string): Promise<SyncRun<Snapshot> | undefined>;
  /** How long the newest led syncs of a token that completed took, at most `most`. */
  listTimesTaken(tenantId: string, tokenId: string, most: number): Promise<number[]>;
  /** Whether a later run, unless it was refused, writes on the card of this one. */
  isOvertaken(run: SyncRun<Snapshot>): Promise<boolean>;
  /** The tenant's tokens that a run leads for, until it ends. */
  listLedTokenIds(tenantId: string): Promise<string[]>;
  /** The tenant's tokens that a leading run completed after `after`. */
  listTokenIdsCompletedAfter(tenantId: string, after: number): Promise<string[]>;
  /** Every run of a batch, ended ones too. */
  listOfBatch(batchId: string): Promise<SyncRun<Snapshot>[]>;
  markRunning(
    id: string,
    posted: { readonly startedAt: number; readonly uncertain: boolean; readonly licensesBefore?: LicensesBefore },
  ): Promise<void>;
  markSeenInProgress(id: string): Promise<void>;
  setCard(id: string, activityId: string): Promise<void>;
  /** Keeps what was found, and no longer what there was before. */
  setLicenses(id: string, compared: LicensesCompared): Promise<void>;
  /** Ends the run. True for the one caller who ended it. */
  end(id: string, ended: RunEnd<Snapshot>): Promise<boolean>;
  /** True for the one caller who marked it first. */
  markTold(id: string, toldAt: number): Promise<boolean>;
  /** Erases runs that began more than 180 days ago. */
  prune(now: number): Promise<void>;
}

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
        .limit(newestLooked)
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
    async isOvertaken({ id, tenantId, activityId, conversation, startedAt }) {
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
    async end(id, { outcome, endedAt, after, tookMs, toldAt, refusal }) {
      const result = await update(id)
        .set({
          phase: 'ended',
          outcome,
          ended_at: endedAt,
          after_json: toJson(after),
          took_ms: tookMs ?? null,
          refusal: refusal ?? null,
          told_at: toldAt ?? null,
        })
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async markTold(id, toldAt) {
      const query = db.updateTable('sync_runs').set({ told_at: toldAt }).where('id', '=', id);
      const result = await query.where('told_at', 'is', null).executeTakeFirst();
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
