import type {
  AlertDeliveryRow,
  AlertMessageRow,
  AlertRow,
  AlertSubscriptionRow,
  ConversationRow,
  TokenSnapshotRow,
  WatchedTenantRow,
} from './alert-rows.ts';
import type { AuditEntryRow, AuditHeadRow } from './audit-rows.ts';

/** Rows as they stand in the database. Times are epoch milliseconds; `…Json` columns hold plain data. */
export interface Database {
  processed_activities: ProcessedActivityRow;
  turns_in_hand: TurnInHandRow;
  press_records: PressRecordRow;
  sign_in_requests: SignInRequestRow;
  sync_runs: SyncRunRow;
  renewal_marks: RenewalMarkRow;
  sync_batches: SyncBatchRow;
  sync_batch_items: SyncBatchItemRow;
  installations: InstallationRow;
  watched_tenants: WatchedTenantRow;
  token_snapshots: TokenSnapshotRow;
  alerts: AlertRow;
  alert_subscriptions: AlertSubscriptionRow;
  alert_deliveries: AlertDeliveryRow;
  alert_messages: AlertMessageRow;
  conversations: ConversationRow;
  sealed_secrets: SealedSecretRow;
  audit_entries: AuditEntryRow;
  audit_head: AuditHeadRow;
}

/** Encrypted before it comes here; what it was is not to be seen from the row. */
export interface SealedSecretRow {
  name: string;
  /** Of the key it was sealed with. */
  key_id: string;
  owner_id: string;
  sealed: string;
  expires_at: number;
}

/** One row per inbound activity, so that Teams' repeats have no second effect. */
export interface ProcessedActivityRow {
  key: string;
  at: number;
}

/** One row per turn that somebody waits for, while it is worked on. */
export interface TurnInHandRow {
  key: string;
  begun_at: number;
  /** From when on it may be told that it was cut short; null: who waits learns it from Teams. */
  told_from: number | null;
  claimed_by: string | null;
  claimed_until: number | null;
  owed_json: string;
}

export interface PressRecordRow {
  id: string;
  kind: string;
  /** Null: anybody in the conversation may press. */
  owner_id: string | null;
  conversation_id: string;
  payload_json: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

export interface SignInRequestRow {
  id: string;
  owner_id: string;
  /** Without the thread. */
  conversation_id: string;
  owner_json: string;
  conversation_json: string;
  locale: string;
  purpose: string;
  claims: string | null;
  resume: string;
  is_retry: number;
  card_id: string | null;
  message_id: string | null;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  state_hash: string | null;
  code_verifier: string | null;
}

export interface SyncRunRow {
  id: string;
  tenant_id: string;
  token_id: string;
  /** `posting`, `running`, `ended`. */
  phase: string;
  /** 1: follows a sync that somebody else began. */
  joined: number;
  requester_json: string;
  conversation_json: string;
  locale: string;
  message_id: string | null;
  /** The card that the run writes on, once it was sent. */
  activity_id: string | null;
  /** The batch whose one card tells of the run, in place of a card of its own. */
  batch_id: string | null;
  before_json: string;
  after_json: string | null;
  seen_in_progress: number;
  /** 1: the POST had no clear answer, so the sync may not have begun at all. */
  uncertain: number;
  outcome: string | null;
  /** Why Graph refused it, after its card stood already. */
  refusal: string | null;
  started_at: number;
  ended_at: number | null;
  /** Null while its end is still to be told. */
  told_at: number | null;
  took_ms: number | null;
  /** When the sync that the run joined was asked for, if that was here. */
  joined_since: number | null;
  usual_ms: number | null;
  /** Apps and their licences before the POST; null once they were compared. */
  licenses_before_json: string | null;
  licenses_json: string | null;
  /** Which process has it, and until when it need not say so again. */
  claimed_by?: string | null;
  claimed_until?: number | null;
}

/** One row per place where the bot is installed and has introduced itself. */
export interface InstallationRow {
  tenant_id: string;
  conversation_id: string;
  at: number;
}

export interface SyncBatchRow {
  id: string;
  tenant_id: string;
  requester_json: string;
  conversation_json: string;
  locale: string;
  message_id: string | null;
  activity_id: string | null;
  correlation_id: string;
  /** Why the rest was not asked any more. */
  stopped_json: string | null;
  started_at: number;
  ended_at: number | null;
  /** Null while its last card is still to be written. */
  told_at: number | null;
  /** Which process has it, and until when it need not say so again. */
  claimed_by?: string | null;
  claimed_until?: number | null;
}

/** One token of a batch, in the order of the plan. */
export interface SyncBatchItemRow {
  batch_id: string;
  position: number;
  token_id: string;
  name: string;
  joined: number;
  /** Null while it waits or runs. */
  outcome: string | null;
  detail: string | null;
}

/** One per token: what it was when somebody last asked how to renew it. */
export interface RenewalMarkRow {
  tenant_id: string;
  token_id: string;
  marked_at: number;
  expiration: string | null;
  apple_id: string | null;
  organization_name: string | null;
}
