import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { EndedSyncs, SyncCounts } from '../domain/alert-repositories.ts';
import type { LicensesBefore, LicensesCompared, Uncompared } from '../domain/licenses.ts';
import type { SyncOutcome, SyncRun, SyncRuns } from '../domain/sync-run.ts';
import { conversationRoot } from '../domain/turn.ts';
import { chunked } from '../lib/json.ts';
import { claimedBy, type Lease } from './leases.ts';
import {
  conversationShape,
  createRowReader,
  json,
  licenseCountsShape,
  localeShape,
  newestChecked,
  personShape,
  tokenShape,
  wordsOf,
} from './read-rows.ts';
import { keptMs } from './retention.ts';
import type { Db, SyncRunRow } from './schema.ts';

/** With a lease, this process holds new runs from the start. */
export function createSyncRuns(db: Db, lease?: Lease): SyncRuns {
  const read = createRowReader(db, {
    table: 'sync_runs',
    shape: columns,
    details: ['licenses_before_json', 'licenses_json'],
    fromRow: toRun,
  });
  const update = (id: string) => db.updateTable('sync_runs').where('id', '=', id).where('phase', '!=', 'ended');
  const findLeaderRow = (tenantId: string, tokenId: string) =>
    db
      .selectFrom('sync_runs')
      .selectAll()
      .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0 }))
      .where('phase', '!=', 'ended')
      .executeTakeFirst();

  /** A leader that cannot be read would keep everybody from syncing its token. True when there was one. */
  async function giveUpUnreadableLeader({ tenantId, tokenId, startedAt }: SyncRun): Promise<boolean> {
    const leader = await findLeaderRow(tenantId, tokenId);
    if (!leader || read.find(leader)) return false;
    await giveUpRuns(db, [leader.id], startedAt);
    return true;
  }

  return {
    async add(run) {
      const insert = async () => {
        const query = db.insertInto('sync_runs').values({ ...toRow(run), ...claimedBy(lease) });
        const result = await query.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
        return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
      };
      if (await insert()) return true;
      return !run.joined && (await giveUpUnreadableLeader(run)) && insert();
    },
    async find(id) {
      const row = await db.selectFrom('sync_runs').selectAll().where('id', '=', id).executeTakeFirst();
      return read.find(row);
    },
    async list(ids) {
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('sync_runs').selectAll().where('id', 'in', ids).execute();
      return read.list(rows);
    },
    async findLeader(tenantId, tokenId) {
      return read.find(await findLeaderRow(tenantId, tokenId));
    },
    async findLastEnded(tenantId, tokenId, outcome) {
      const rows = await db
        .selectFrom('sync_runs')
        .selectAll()
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0, outcome }))
        .where('phase', '=', 'ended')
        .orderBy('ended_at', 'desc')
        .limit(newestChecked)
        .execute();
      return read.list(rows)[0];
    },
    async listTimesTaken(tenantId, tokenId, most) {
      const rows = await db
        .selectFrom('sync_runs')
        .select('took_ms')
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId, joined: 0, outcome: 'completed' }))
        .where('took_ms', 'is not', null)
        .$narrowType<{ took_ms: number }>()
        .orderBy('ended_at', 'desc')
        .limit(most)
        .execute();
      return rows.map((row) => row.took_ms);
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
      return rows.some((row) => json(conversationShape).safeParse(row.conversation_json).data?.id === conversation.id);
    },
    async listWithCards(tenantId, tokenId, endedAfter) {
      const rows = await db
        .selectFrom('sync_runs')
        .selectAll()
        .where((where) => where.and({ tenant_id: tenantId, token_id: tokenId }))
        .where('batch_id', 'is', null)
        .where((where) => where.or([where('phase', '!=', 'ended'), where('ended_at', '>=', endedAfter)]))
        .orderBy('started_at', 'desc')
        .execute();
      return read.list(rows);
    },
    async findOnCard(tenantId, conversationId, activityId) {
      const rows = await db
        .selectFrom('sync_runs')
        .selectAll()
        .where((where) => where.and({ tenant_id: tenantId, activity_id: activityId }))
        .where('batch_id', 'is', null)
        .where((where) => where.or([where('outcome', 'is', null), where('outcome', '!=', 'refused')]))
        .orderBy('started_at', 'desc')
        .execute();
      const root = conversationRoot(conversationId);
      return read.list(rows).find(({ conversation }) => conversationRoot(conversation.id) === root);
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
      return read.list(rows);
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
    async end(id, { outcome, endedAt, after, tookMs, reportedAt, refusal }) {
      const result = await update(id)
        .set({
          phase: 'ended',
          outcome,
          ended_at: endedAt,
          after_json: toJson(after),
          took_ms: tookMs ?? null,
          refusal: refusal ?? null,
          reported_at: reportedAt ?? null,
        })
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    async markReported(id, reportedAt) {
      const query = db.updateTable('sync_runs').set({ reported_at: reportedAt }).where('id', '=', id);
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

function toRow(run: SyncRun): SyncRunRow {
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

const uncompared = wordsOf<Uncompared>({
  forbidden: true,
  missingScope: true,
  slow: true,
  unavailable: true,
  noAccount: true,
  ambiguous: true,
  joined: true,
  signInEnded: true,
  stopped: true,
});

const app = licenseCountsShape.extend({ id: z.string(), name: z.string() });

const licensesBefore: z.ZodType<LicensesBefore> = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('read'), exact: z.boolean(), apps: z.array(app) }),
  z.looseObject({ kind: z.literal('unread'), why: uncompared }),
]);

const appChange = z.looseObject({
  id: z.string(),
  name: z.string(),
  what: z.literal('app'),
  before: licenseCountsShape.exactOptional(),
  after: licenseCountsShape.exactOptional(),
});

const licensesCompared: z.ZodType<LicensesCompared> = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('compared'),
    approximate: z.boolean(),
    apps: z.array(appChange),
    runsOut: z.array(z.looseObject({ name: z.string(), daysLeft: z.number() })).exactOptional(),
  }),
  z.looseObject({ kind: z.literal('notCompared'), why: uncompared.exactOptional() }),
]);

const columns = z.object({
  phase: wordsOf<SyncRun['phase']>({ posting: true, running: true, ended: true }),
  requester_json: json(personShape),
  conversation_json: json(conversationShape),
  locale: localeShape,
  before_json: json(tokenShape),
  after_json: json(tokenShape).nullable(),
  // A refused run never began.
  outcome: wordsOf<SyncOutcome | 'refused'>({
    completed: true,
    failed: true,
    stuck: true,
    noResult: true,
    deleted: true,
    notStarted: true,
    lost: true,
    refused: true,
    refusedLate: true,
  }).nullable(),
  licenses_before_json: json(licensesBefore).nullable(),
  licenses_json: json(licensesCompared).nullable(),
});

function toRun(row: Selectable<SyncRunRow>, read: z.output<typeof columns>): SyncRun {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    tokenId: row.token_id,
    phase: read.phase,
    joined: row.joined === 1,
    requester: read.requester_json,
    conversation: read.conversation_json,
    locale: read.locale,
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.activity_id !== null && { activityId: row.activity_id }),
    ...(row.batch_id !== null && { batchId: row.batch_id }),
    before: read.before_json,
    ...(read.after_json !== null && { after: read.after_json }),
    seenInProgress: row.seen_in_progress === 1,
    uncertain: row.uncertain === 1,
    ...(read.outcome !== null && { outcome: read.outcome }),
    ...(row.refusal !== null && { refusal: row.refusal }),
    startedAt: row.started_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.reported_at !== null && { reportedAt: row.reported_at }),
    ...(row.took_ms !== null && { tookMs: row.took_ms }),
    ...(row.usual_ms !== null && { usualMs: row.usual_ms }),
    ...(row.joined_since !== null && { joinedSince: row.joined_since }),
    ...(read.licenses_before_json !== null && { licensesBefore: read.licenses_before_json }),
    ...(read.licenses_json !== null && { licenses: read.licenses_json }),
  };
}

const toJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** Ends runs that cannot be read, and counts them as reported: nobody can follow them, or report their end. */
export async function giveUpRuns(db: Db, ids: readonly string[], at: number): Promise<void> {
  for (const part of chunked(ids)) {
    await db
      .updateTable('sync_runs')
      .set(({ fn, val }) => ({
        phase: 'ended',
        outcome: fn.coalesce('outcome', val('lost')),
        ended_at: fn.coalesce('ended_at', val(at)),
        reported_at: at,
      }))
      .where('id', 'in', part)
      .where('reported_at', 'is', null)
      .execute();
  }
}

/** An outcome that is not named here, such as a refusal, was no sync. */
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
