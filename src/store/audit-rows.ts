/** One attempt, or what became of one. Written once, never changed; erased from the oldest on, when its time has come. */
export interface AuditEntryRow {
  /** From 1, without gaps. */
  seq: number;
  at: number;
  /** Whose Intune it was about. */
  tenant_id: string | null;
  person_id: string | null;
  person_name: string | null;
  /** Of the conversation, which a guest's own is not. */
  conversation_tenant_id: string | null;
  conversation_id: string | null;
  conversation_kind: string | null;
  action: string;
  /** `message`, `press`, `signIn` (what went on by itself after one) or `bot`. */
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

/** The one row that knows how long the chain is, what its last entry was, and after which erased entry it now begins. */
export interface AuditHeadRow {
  id: number;
  seq: number;
  hash: string;
  anchor_seq: number;
  anchor_hash: string;
  /** Time of the newest erased entry. */
  anchor_at: number | null;
  /** Which key the seal was made with; null before the first entry. */
  key_id: string | null;
  /** Over the row, with a key that is not in the database. */
  seal: string | null;
}
