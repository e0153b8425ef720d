/** An attempt, or its result. Written once, never changed; erased from the oldest on after 400 days. */
export interface AuditEntryRow {
  /** From 1, without gaps. */
  seq: number;
  at: number;
  /** The tenant whose Intune it was about. */
  tenant_id: string | null;
  person_id: string | null;
  person_name: string | null;
  /** The conversation's tenant, which a guest's own is not. */
  conversation_tenant_id: string | null;
  conversation_id: string | null;
  conversation_kind: string | null;
  action: string;
  /** `message`, `press`, `signIn` (a command that went on after one) or `bot`. */
  via: string;
  /** `asked`, `answered` by Graph, or `ended`. */
  stage: string;
  outcome: string;
  reason: string | null;
  token_id: string | null;
  token_name: string | null;
  /** The same in every entry of one sync. */
  run_id: string | null;
  request_id: string | null;
  client_request_id: string | null;
  correlation_id: string | null;
  /** Over all of the above and the hash of the entry before, in hexadecimal. */
  hash: string;
}

/** One row: the newest entry of the chain, and the last erased one, after which it now begins. */
export interface AuditHeadRow {
  id: number;
  seq: number;
  hash: string;
  anchor_seq: number;
  anchor_hash: string;
  /** Time of the newest erased entry. */
  anchor_at: number | null;
  /** Which key both seals were made with; null before the first entry. */
  key_id: string | null;
  /** Over number and hash of the newest entry, with a key that is not in the database. */
  seal: string | null;
  /** The same over the last erased entry. */
  anchor_seal: string | null;
}
