import type { Selectable } from 'kysely';
import type { Locale } from '../domain/turn.ts';
import type { SyncRunRow } from './schema.ts';
import type { SyncRun } from './sync-runs.ts';

export function toRow<Snapshot>(run: SyncRun<Snapshot>): SyncRunRow {
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
    told_at: run.toldAt ?? null,
    took_ms: run.tookMs ?? null,
    usual_ms: run.usualMs ?? null,
    joined_since: run.joinedSince ?? null,
    licenses_before_json: toJson(run.licensesBefore),
    licenses_json: toJson(run.licenses),
  };
}

export function toRunOf<Snapshot>(row: Selectable<SyncRunRow>): SyncRun<Snapshot> {
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
    ...(row.told_at !== null && { toldAt: Number(row.told_at) }),
    ...(row.took_ms !== null && { tookMs: Number(row.took_ms) }),
    ...(row.usual_ms !== null && { usualMs: Number(row.usual_ms) }),
    ...(row.joined_since !== null && { joinedSince: Number(row.joined_since) }),
    ...(row.licenses_before_json !== null && { licensesBefore: JSON.parse(row.licenses_before_json) }),
    ...(row.licenses_json !== null && { licenses: JSON.parse(row.licenses_json) }),
  };
}

export const toJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
