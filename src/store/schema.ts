import { type Kysely, PostgresAdapter } from 'kysely';
import type { AuditEntryRow, AuditHeadRow } from './audit-rows.ts';

/** A database, or a transaction in it. */
export type Db = Kysely<Database> & {
  readonly rowLog: RowLog;
  /** True while work waits for a connection although the database answers. Absent in a transaction, and where nothing ever waits. */
  readonly isBusy?: () => boolean;
  /** Absent as above. */
  readonly readUse?: () => PoolUse;
};

/** Connections of a pool: how many there may be, how many are in use, and how much work waits for one. */
export interface PoolUse {
  readonly most: number;
  readonly used: number;
  readonly waiting: number;
}

/** Logs unreadable rows of one database, each once. */
export interface RowLog {
  warnRow(fields: object): void;
  warnDetail(fields: object): void;
}

export const isPostgres = (db: Pick<Db, 'getExecutor'>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

export type StoreLog = { warn(fields: object, message: string): void };

/** Rows by table. Times are epoch milliseconds; `…_json` columns hold JSON. */
export interface Database {
  processed_activities: ProcessedActivityRow;
  open_turns: OpenTurnRow;
  card_records: CardRecordRow;
  sign_in_requests: SignInRequestRow;
  used_sign_in_states: { hash: string; expires_at: number };
  sync_runs: SyncRunRow;
  renewals: RenewalRow;
  renewal_notices: RenewalNoticeRow;
  sync_batches: SyncBatchRow;
  sync_batch_items: SyncBatchItemRow;
  installations: InstallationRow;
  watched_tenants: WatchedTenantRow;
  token_snapshots: TokenSnapshotRow;
  counted_apps: CountedAppRow;
  alerts: AlertRow;
  alert_subscriptions: AlertSubscriptionRow;
  alert_deliveries: AlertDeliveryRow;
  alert_messages: AlertMessageRow;
  conversations: ConversationRow;
  sealed_secrets: SealedSecretRow;
  sign_outs: SignOutRow;
  audit_entries: AuditEntryRow;
  audit_head: AuditHeadRow;
}

/** Encrypted before it is stored. */
interface SealedSecretRow {
  name: string;
  /** The key that it was sealed with. */
  key_id: string;
  owner_id: string;
  sealed: string;
  expires_at: number;
}

/** One row per person whose sign-in was ended. */
interface SignOutRow {
  owner_id: string;
  /** Counts their sign-outs; a sign-in sealed in an earlier generation no longer opens. */
  generation: number;
  /** When they last signed out. */
  at: number;
}

/** One row per inbound activity, so that a repeat by Teams has no second effect. */
interface ProcessedActivityRow {
  key: string;
  at: number;
}

/** One row per turn that somebody waits for, while it is worked on; and one per reply that Teams did not accept yet. */
interface OpenTurnRow {
  key: string;
  started_at: number;
  /** From when on its person may be notified that it was interrupted, or a kept reply is sent; null: once it is marked answered. */
  notify_from: number | null;
  claimed_by: string | null;
  claimed_until: number | null;
  reply_json: string;
  /** The three below are null but for a kept reply. */
  owner_id: string | null;
  /** The reply, encrypted before it is stored. */
  sealed_reply: string | null;
  give_up_at: number | null;
}

export interface CardRecordRow {
  id: string;
  kind: string;
  /** Null: anybody in the conversation may press. */
  owner_id: string | null;
  conversation_id: string;
  payload_json: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  card_id: string | null;
  is_targeted: number;
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
  /** An ExchangeFailure. */
  failure_json: string | null;
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
  /** The batch whose card reports the run, in place of a card of its own. */
  batch_id: string | null;
  before_json: string;
  after_json: string | null;
  seen_in_progress: number;
  /** 1: the POST had no clear answer, so the sync may not have begun at all. */
  uncertain: number;
  outcome: string | null;
  /** Why Graph refused it, after its card was posted. */
  refusal: string | null;
  started_at: number;
  ended_at: number | null;
  /** Null until its end is reported. */
  reported_at: number | null;
  took_ms: number | null;
  /** When the sync that the run joined was requested, if the bot did that. */
  joined_since: number | null;
  usual_ms: number | null;
  /** Apps and their licenses before the POST; null once they were compared. */
  licenses_before_json: string | null;
  licenses_json: string | null;
  /** The process that works on it, and when its lease expires. */
  claimed_by?: string | null;
  claimed_until?: number | null;
}

/** One row per conversation or team that the bot is installed in and has welcomed. */
interface InstallationRow {
  tenant_id: string;
  conversation_id: string;
  /** Of a channel. */
  team_id: string | null;
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
  /** Why the rest was not requested. */
  stopped_json: string | null;
  started_at: number;
  ended_at: number | null;
  /** Null until its card shows the end. */
  reported_at: number | null;
  /** The process that works on it, and when its lease expires. */
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

/** One row per token: its state when somebody last asked how to renew it. */
interface RenewalRow {
  tenant_id: string;
  token_id: string;
  started_at: number;
  person_json: string;
  conversation_json: string;
  locale: string;
  expiration: string | null;
  apple_id: string | null;
  organization_name: string | null;
  announced: string | null;
}

interface RenewalNoticeRow {
  id: string;
  kind: string;
  tenant_id: string;
  token_id: string;
  owner_id: string;
  person_json: string;
  conversation_json: string;
  token_json: string;
  locale: string;
  due_at: number;
  attempts: number;
}

/** One row per allowed tenant: the next pass over it, and the result of the last ones. */
export interface WatchedTenantRow {
  tenant_id: string;
  due_at: number;
  claimed_by: string | null;
  claimed_until: number | null;
  /** End of the last pass, good or bad; then of the last good one. */
  passed_at: number | null;
  good_at: number | null;
  failed_passes: number;
  failure_json: string | null;
  licenses_at: number | null;
  /** Events of the last pass whose deliveries are still to be stored; null when all are. */
  queued_json: string | null;
}

/** A token as the last pass saw it. */
export interface TokenSnapshotRow {
  tenant_id: string;
  token_id: string;
  token_json: string;
  expires_at: number | null;
  first_seen_at: number;
  seen_at: number;
  /** The token's own time of the newest completed sync. */
  completed_at: number | null;
  /** Null unless the last pass saw a sync in progress. */
  in_progress_since: number | null;
  /** Null while lists have it. */
  missing_since: number | null;
  /** Null unless it was deleted from Intune. */
  deleted_at: number | null;
}

/** An app's licenses as the last pass counted them, and its counts of the days before. Days are counted from 1 January 1970, UTC. */
export interface CountedAppRow {
  tenant_id: string;
  app_id: string;
  token_id: string;
  name: string;
  day: number;
  used: number;
  total: number;
  /** Null unless its licenses run out soon at the present pace. */
  runs_out_on: number | null;
  /** `[day, used, total]` of each day. */
  history_json: string;
}

export interface AlertRow {
  id: string;
  tenant_id: string;
  /** Empty: the alert is about monitoring the tenant itself. */
  token_id: string;
  condition: string;
  stage: string;
  /** Counts every change of the alert. */
  revision: number;
  opened_at: number;
  notified_at: number;
  ended_at: number | null;
  ending: string | null;
  /** The fields of the alert that no query uses. */
  state_json: string;
}

/** One row per conversation. */
export interface AlertSubscriptionRow {
  id: string;
  /** The tenant whose tokens it is about. */
  tenant_id: string;
  /** Without the thread. */
  conversation_id: string;
  owner_json: string;
  locale: string;
  scope_json: string;
  events_json: string;
  quiet_json: string | null;
  time_zone: string;
  /** When the next weekly digest is due; null without one. */
  weekly_at: number | null;
  created_at: number;
  /** When Teams began to accept no more messages there, and why. */
  suspended_at: number | null;
  suspended_reason: string | null;
  /** When the bot was removed from there; the row is kept so that alerts can be offered again. */
  removed_at: number | null;
  claimed_by: string | null;
  claimed_until: number | null;
}

/** One thing that a subscription is to be notified of. */
export interface AlertDeliveryRow {
  id: string;
  subscription_id: string;
  /** Names the event and the subscription: never stored twice. */
  key: string;
  /** The order within its subscription. */
  position: number;
  body_json: string;
  /** Not 0: it waits for the end of quiet hours, for one digest with all others; 2 once messages were edited for it. */
  held: number;
  due_at: number;
  attempts: number;
  /** Null while it waits; `sent`, `dropped`. */
  outcome: string | null;
  done_at: number | null;
}

/** A message that shows an alert in a subscription's conversation. */
export interface AlertMessageRow {
  subscription_id: string;
  alert_id: string;
  message_id: string;
  /** The thread for replies to it. */
  thread_id: string;
  /** 1: a digest that shows other alerts, too. */
  shared: number;
  /** The reason for the digest. */
  digest_reason: string | null;
  at: number;
}

/** A conversation that the bot can post to unasked. */
export interface ConversationRow {
  /** Without the thread. */
  conversation_id: string;
  tenant_id: string;
  kind: string;
  reference_json: string;
  /** `aadObjectId` of the one person of a personal chat. */
  person_id: string | null;
  /** The team of a channel; the bot leaves a team as a whole. */
  team_id: string | null;
  seen_at: number;
}
