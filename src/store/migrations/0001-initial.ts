import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../schema.ts';

/** Every table of version 0.1.0. What each row holds: `../schema.ts` and docs/data.md. */
export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const ddl of listDdl()) await executeDdl(db, ddl);
  },
};

const listDdl = () => [turns, signIns, syncRuns, syncBatches, monitoring, subscriptions, conversations, audit];

/**
 * A database remembers this name. It ends with a fingerprint of the statements, so that one whose tables another build made is not taken
 * for this build's. Layout does not count. Once released, the statements stay as they are.
 */
export function nameInitial(ddl: readonly string[] = listDdl()): string {
  const statements = ddl.join(';').replaceAll(/\s+/g, ' ');
  return `0001-initial-${createHash('sha256').update(statements).digest('hex').slice(0, 8)}`;
}

const turns = `
  create table processed_activities (
    key text not null primary key,
    at bigint not null
  );
  create index processed_activities_at on processed_activities (at);

  create table open_turns (
    key text not null primary key,
    started_at bigint not null,
    notify_from bigint,
    claimed_by text,
    claimed_until bigint,
    reply_json text not null,
    owner_id text,
    sealed_reply text,
    give_up_at bigint
  );
  create index open_turns_claimed_until on open_turns (claimed_until);
  create index open_turns_kept on open_turns (owner_id) where sealed_reply is not null;

  create table card_records (
    id text not null primary key,
    kind text not null,
    owner_id text,
    conversation_id text not null,
    payload_json text not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    card_id text,
    is_targeted integer not null
  );
  create index card_records_expires_at on card_records (expires_at);
  create index card_records_owner on card_records (owner_id, conversation_id) where owner_id is not null;
  create index card_records_card on card_records (card_id) where card_id is not null`;

const signIns = `
  create table sign_in_requests (
    id text not null primary key,
    owner_id text not null,
    conversation_id text not null,
    owner_json text not null,
    conversation_json text not null,
    locale text not null,
    purpose text not null,
    claims text,
    resume text not null,
    is_retry integer not null,
    card_id text,
    message_id text,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    failure_json text
  );
  create index sign_in_requests_expires_at on sign_in_requests (expires_at);
  create index sign_in_requests_open on sign_in_requests (owner_id, conversation_id) where used_at is null;

  create table used_sign_in_states (
    hash text not null primary key,
    expires_at bigint not null
  );
  create index used_sign_in_states_expires_at on used_sign_in_states (expires_at);

  create table sealed_secrets (
    name text not null,
    key_id text not null,
    owner_id text not null,
    sealed text not null,
    expires_at bigint not null,
    primary key (name, key_id)
  );
  create index sealed_secrets_by_owner on sealed_secrets (owner_id);
  create index sealed_secrets_expires_at on sealed_secrets (expires_at);

  create table sign_outs (
    owner_id text not null primary key,
    generation bigint not null,
    at bigint not null
  )`;

// sync_runs_one_leader: at most one POST per token at a time, whoever asks and in whichever process; everybody else joins.
const syncRuns = `
  create table sync_runs (
    id text not null primary key,
    tenant_id text not null,
    token_id text not null,
    phase text not null,
    joined integer not null,
    joined_since bigint,
    requester_json text not null,
    conversation_json text not null,
    locale text not null,
    message_id text,
    activity_id text,
    batch_id text,
    before_json text not null,
    after_json text,
    seen_in_progress integer not null,
    uncertain integer not null,
    outcome text,
    refusal text,
    started_at bigint not null,
    ended_at bigint,
    reported_at bigint,
    took_ms bigint,
    usual_ms bigint,
    licenses_before_json text,
    licenses_json text,
    claimed_by text,
    claimed_until bigint
  );
  create unique index sync_runs_one_leader on sync_runs (tenant_id, token_id) where phase <> 'ended' and joined = 0;
  create index sync_runs_by_token on sync_runs (tenant_id, token_id, ended_at);
  create index sync_runs_by_end on sync_runs (tenant_id, ended_at);
  create index sync_runs_started_at on sync_runs (started_at);
  create index sync_runs_by_batch on sync_runs (batch_id) where batch_id is not null;
  create index sync_runs_by_card on sync_runs (tenant_id, activity_id) where activity_id is not null;
  create index sync_runs_unreported on sync_runs (claimed_until) where reported_at is null`;

const syncBatches = `
  create table sync_batches (
    id text not null primary key,
    tenant_id text not null,
    requester_json text not null,
    conversation_json text not null,
    locale text not null,
    message_id text,
    activity_id text,
    correlation_id text not null,
    stopped_json text,
    started_at bigint not null,
    ended_at bigint,
    reported_at bigint,
    claimed_by text,
    claimed_until bigint
  );
  create index sync_batches_started_at on sync_batches (started_at);
  create index sync_batches_unreported on sync_batches (claimed_until) where reported_at is null;

  create table sync_batch_items (
    batch_id text not null,
    position integer not null,
    token_id text not null,
    name text not null,
    joined integer not null,
    outcome text,
    detail text,
    primary key (batch_id, token_id)
  )`;

// alerts_one_open: at most one open alert per condition of a token, in whichever process it is opened.
const monitoring = `
  create table watched_tenants (
    tenant_id text not null primary key,
    due_at bigint not null,
    claimed_by text,
    claimed_until bigint,
    passed_at bigint,
    good_at bigint,
    failed_passes integer not null,
    failure_json text,
    licenses_at bigint,
    queued_json text
  );

  create table token_snapshots (
    tenant_id text not null,
    token_id text not null,
    token_json text not null,
    expires_at bigint,
    first_seen_at bigint not null,
    seen_at bigint not null,
    completed_at bigint,
    in_progress_since bigint,
    missing_since bigint,
    deleted_at bigint,
    primary key (tenant_id, token_id)
  );

  create table counted_apps (
    tenant_id text not null,
    app_id text not null,
    token_id text not null,
    name text not null,
    day bigint not null,
    used bigint not null,
    total bigint not null,
    runs_out_on bigint,
    history_json text not null,
    primary key (tenant_id, app_id)
  );
  create index counted_apps_day on counted_apps (day);
  create index counted_apps_running_out on counted_apps (tenant_id, runs_out_on) where runs_out_on is not null;

  create table renewals (
    tenant_id text not null,
    token_id text not null,
    started_at bigint not null,
    person_json text not null,
    conversation_json text not null,
    locale text not null,
    expiration text,
    apple_id text,
    organization_name text,
    announced text,
    primary key (tenant_id, token_id)
  );

  create table renewal_notices (
    id text not null primary key,
    kind text not null,
    tenant_id text not null,
    token_id text not null,
    owner_id text not null,
    person_json text not null,
    conversation_json text not null,
    token_json text not null,
    locale text not null,
    due_at bigint not null,
    attempts bigint not null
  );
  create unique index renewal_notices_one on renewal_notices (owner_id, token_id, kind);
  create index renewal_notices_due on renewal_notices (due_at);

  create table alerts (
    id text not null primary key,
    tenant_id text not null,
    token_id text not null,
    condition text not null,
    stage text not null,
    revision integer not null,
    opened_at bigint not null,
    notified_at bigint not null,
    ended_at bigint,
    ending text,
    state_json text not null
  );
  create unique index alerts_one_open on alerts (tenant_id, token_id, condition) where ended_at is null;
  create index alerts_by_end on alerts (tenant_id, ended_at)`;

// alert_deliveries_due finds what is due next anywhere, alert_deliveries_waiting what waits for one conversation.
const subscriptions = `
  create table alert_subscriptions (
    id text not null primary key,
    tenant_id text not null,
    conversation_id text not null unique,
    owner_json text not null,
    locale text not null,
    scope_json text not null,
    events_json text not null,
    quiet_json text,
    time_zone text not null,
    weekly_at bigint,
    created_at bigint not null,
    suspended_at bigint,
    suspended_reason text,
    removed_at bigint,
    claimed_by text,
    claimed_until bigint
  );
  create index alert_subscriptions_by_tenant on alert_subscriptions (tenant_id, id);
  create index alert_subscriptions_weekly_at on alert_subscriptions (weekly_at) where weekly_at is not null;

  create table alert_deliveries (
    id text not null primary key,
    subscription_id text not null,
    key text not null unique,
    position bigint not null,
    body_json text not null,
    held integer not null,
    due_at bigint not null,
    attempts integer not null,
    outcome text,
    done_at bigint
  );
  create index alert_deliveries_due on alert_deliveries (due_at, subscription_id) where outcome is null;
  create index alert_deliveries_waiting on alert_deliveries (subscription_id, due_at) where outcome is null;
  create index alert_deliveries_held on alert_deliveries (subscription_id) where outcome is null and held = 1;
  create index alert_deliveries_done_at on alert_deliveries (done_at);

  create table alert_messages (
    subscription_id text not null,
    alert_id text not null,
    message_id text not null,
    thread_id text not null,
    shared integer not null,
    digest_reason text,
    at bigint not null,
    primary key (subscription_id, alert_id, message_id)
  );
  create index alert_messages_by_alert on alert_messages (alert_id)`;

const conversations = `
  create table conversations (
    conversation_id text not null primary key,
    tenant_id text not null,
    kind text not null,
    reference_json text not null,
    person_id text,
    team_id text,
    seen_at bigint not null
  );
  create index conversations_by_person on conversations (person_id) where person_id is not null;
  create index conversations_by_team on conversations (team_id) where team_id is not null;

  create table installations (
    tenant_id text not null,
    conversation_id text not null,
    team_id text,
    at bigint not null,
    primary key (tenant_id, conversation_id)
  )`;

// audit_entries_one_end: a sync ends once, whoever reports it first. The two indexes before it serve histories, newest first:
// of one token, and of most of a tenant's.
const audit = `
  create table audit_entries (
    seq bigint not null primary key,
    at bigint not null,
    tenant_id text,
    person_id text,
    person_name text,
    conversation_tenant_id text,
    conversation_id text,
    conversation_kind text,
    action text not null,
    via text not null,
    stage text not null,
    outcome text not null,
    reason text,
    token_id text,
    token_name text,
    run_id text,
    request_id text,
    client_request_id text,
    correlation_id text,
    hash text not null
  );
  create index audit_entries_at on audit_entries (at);
  create index audit_entries_by_run on audit_entries (run_id) where run_id is not null;
  create index audit_entries_by_token on audit_entries (tenant_id, token_id, seq) where stage = 'asked';
  create index audit_entries_by_tenant on audit_entries (tenant_id, seq) where stage = 'asked' and token_id is not null;
  create unique index audit_entries_one_end on audit_entries (run_id) where stage = 'ended';

  create table audit_head (
    id integer not null primary key,
    seq bigint not null,
    hash text not null,
    anchor_seq bigint not null,
    anchor_hash text not null,
    anchor_at bigint,
    key_id text,
    seal text,
    anchor_seal text
  );
  insert into audit_head (id, seq, hash, anchor_seq, anchor_hash)
  values (1, 0, '${'0'.repeat(64)}', 0, '${'0'.repeat(64)}')`;

/**
 * Runs statements of a migration, written once for both engines and separated by semicolons. On SQLite tables are STRICT, so that a
 * column keeps to its type, and a `bigint` is its `integer`.
 */
export async function executeDdl(db: Kysely<unknown>, statements: string): Promise<void> {
  for (const statement of statements.split(';').map((each) => each.trim())) {
    const strict = statement.startsWith('create table') ? `${statement} strict` : statement;
    await sql.raw(isPostgres(db) ? statement : strict.replaceAll(' bigint', ' integer')).execute(db);
  }
}
