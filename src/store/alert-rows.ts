/** One per allowed tenant: when it is looked at next, by whom, and how the last looks went. */
export interface WatchedTenantRow {
  tenant_id: string;
  due_at: number;
  claimed_by: string | null;
  claimed_until: number | null;
  /** End of the last pass, good or bad; then of the last good one. */
  passed_at: number | null;
  good_at: number | null;
  /** In a row, up to now. */
  failed_passes: number;
  failure_json: string | null;
  licenses_at: number | null;
}

/** What a pass saw last of a token. */
export interface TokenSnapshotRow {
  tenant_id: string;
  token_id: string;
  token_json: string;
  first_seen_at: number;
  seen_at: number;
  /** The token's own time of the newest sync that was seen completed. */
  completed_at: number | null;
  /** Null unless the last pass saw a sync in progress. */
  in_progress_since: number | null;
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
  /** Everything of the alert that no query asks for. */
  state_json: string;
}

/** One per conversation. */
export interface AlertSubscriptionRow {
  id: string;
  /** The tenant whose tokens it is about. */
  tenant_id: string;
  /** Without the thread. */
  conversation_id: string;
  owner_json: string;
  locale: string;
  covers_json: string;
  events_json: string;
  quiet_json: string | null;
  time_zone: string;
  /** When the next weekly digest is due; null without one. */
  weekly_at: number | null;
  created_at: number;
  /** Teams takes nothing there any more, and why. */
  suspended_at: number | null;
  suspended_for: string | null;
  /** The bot was removed from there; kept so that it can be offered again. */
  removed_at: number | null;
  claimed_by: string | null;
  claimed_until: number | null;
}

/** One thing to tell one subscription. */
export interface AlertDeliveryRow {
  id: string;
  subscription_id: string;
  /** What makes it one: never stored twice. */
  key: string;
  /** Order within its subscription. */
  position: number;
  body_json: string;
  /** Not 0: it waits for the end of quiet hours, to be told with all others in one digest; 2 once messages were edited for it. */
  held: number;
  due_at: number;
  attempts: number;
  /** Null while it waits; `sent`, `dropped`. */
  outcome: string | null;
  done_at: number | null;
}

/** Which message shows which alert in a subscription's conversation. */
export interface AlertMessageRow {
  subscription_id: string;
  alert_id: string;
  message_id: string;
  /** Where replies to it go. */
  thread_id: string;
  /** 1: a digest that shows other alerts, too. */
  shared: number;
  /** What the digest was for. */
  why: string | null;
  at: number;
}

/** Where the bot was spoken to last, so that it can speak there by itself. */
export interface ConversationRow {
  /** Without the thread. */
  conversation_id: string;
  tenant_id: string;
  kind: string;
  reference_json: string;
  /** `aadObjectId` of the one person of a personal chat. */
  person_id: string | null;
  /** Of a channel: its team, which the bot leaves as a whole. */
  team_id: string | null;
  seen_at: number;
}
