import { createHash } from 'node:crypto';
import type { AuditEntryRow, AuditHeadRow } from './audit-rows.ts';

// Pure rules of the audit's chain and its seals. docs/audit.md says what they prove and what they cannot.

/** An entry by its number and its hash. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** In place of the hash before the first entry. */
export const genesisHash = '0'.repeat(64);

type UnhashedEntry = Omit<AuditEntryRow, 'hash'>;
/** An entry before it has its place in the chain. */
export type NewAuditEntry = Omit<UnhashedEntry, 'seq'>;

/** Every column that an entry's hash covers, in the order it covers them. */
export const hashedColumns = [
  'seq',
  'at',
  'tenant_id',
  'person_id',
  'person_name',
  'conversation_tenant_id',
  'conversation_id',
  'conversation_kind',
  'action',
  'via',
  'stage',
  'outcome',
  'reason',
  'token_id',
  'token_name',
  'run_id',
  'request_id',
  'client_request_id',
  'correlation_id',
] as const satisfies readonly (keyof UnhashedEntry)[];

/**
 * SHA-256, in hexadecimal, over the JSON array of the format's name, the previous hash and every column in order: numbers as
 * numbers, absent as null, without spaces. No two entries have the same encoding.
 */
export function hashOfEntry(previousHash: string, entry: UnhashedEntry): string {
  const values = hashedColumns.map((column) => entry[column]);
  return createHash('sha256')
    .update(JSON.stringify(['vpp-sync audit entry 1', previousHash, ...values]))
    .digest('hex');
}

/**
 * `changed`: an entry, or one before it, is not as it was written. `missing`: it is gone. `uncounted`: the head does not know it.
 * `head`: the head itself is not as it was written.
 */
type ChainFault = 'changed' | 'missing' | 'uncounted' | 'head';
export type BrokenLink = { readonly seq: number; readonly fault: ChainFault };

/** Follows entries, in order, from the link before them, to the last that holds, and to where the chain breaks if it does. */
export function followLinks(before: Link, entries: readonly AuditEntryRow[]): { last: Link; broken?: BrokenLink } {
  let last = before;
  for (const entry of entries) {
    const seq = last.seq + 1;
    if (entry.seq > seq) return { last, broken: { seq, fault: 'missing' } };
    if (entry.seq !== seq || hashOfEntry(last.hash, entry) !== entry.hash) {
      return { last, broken: { seq, fault: 'changed' } };
    }
    last = { seq, hash: entry.hash };
  }
  return { last };
}

/** Makes seals with a key that is not in the database. */
export interface AuditSeal {
  /** Names the key without revealing it. */
  readonly keyId: string;
  sealOf(text: string): string;
}

/** `others` are keys that the bot had before, or that its other processes have: their seals are verified, and none is made. */
export interface AuditSeals {
  readonly own: AuditSeal;
  readonly others: readonly AuditSeal[];
}

/** A link as it was sealed; both are null until something is. */
export interface SealedLink extends Link {
  readonly keyId: string | null;
  readonly seal: string | null;
}

/**
 * `own`: made with the bot's own key. `other`: made with another key at hand. `unknown`: it names a key that is not at hand, so nobody
 * can prove that it ever was a key of the bot. `wrong`: it does not fit, or names no key.
 */
export type SealState = 'own' | 'other' | 'unknown' | 'wrong';

export const sealedText = ({ seq, hash }: Link): string => JSON.stringify(['vpp-sync audit head 1', seq, hash]);

export const sealedAnchorText = ({ anchor_seq, anchor_hash, anchor_at }: Anchor): string =>
  JSON.stringify(['vpp-sync audit anchor 1', anchor_seq, anchor_hash, anchor_at]);

export function sealStateOf(
  text: string,
  { keyId, seal }: Pick<SealedLink, 'keyId' | 'seal'>,
  seals: AuditSeals,
): SealState {
  if (keyId === null) return 'wrong';
  const made = [seals.own, ...seals.others].find((each) => each.keyId === keyId);
  if (!made) return 'unknown';
  if (seal !== made.sealOf(text)) return 'wrong';
  return made === seals.own ? 'own' : 'other';
}

/** The last erased entry, from which the kept ones follow. */
export type Anchor = Pick<AuditHeadRow, 'anchor_seq' | 'anchor_hash' | 'anchor_at'>;

export interface AuditHead extends SealedLink, Anchor {
  readonly sealed: SealState;
}

export function toHead(row: AuditHeadRow, seals: AuditSeals): AuditHead {
  const { seq, hash, anchor_seq, anchor_hash, anchor_at, key_id: keyId, seal, anchor_seal } = row;
  const head = { seq, hash, keyId, seal, anchor_seq, anchor_hash, anchor_at };
  // An audit that was emptied looks like one that was never begun: only an earlier export shows the difference.
  const isNew = seq === 0 && anchor_seq === 0 && hash === genesisHash && anchor_hash === genesisHash && seal === null;
  if (isNew) return { ...head, sealed: 'own' };
  const isAnchorWrong = sealStateOf(sealedAnchorText(row), { keyId, seal: anchor_seal }, seals) === 'wrong';
  return { ...head, sealed: isAnchorWrong ? 'wrong' : sealStateOf(sealedText(row), { keyId, seal }, seals) };
}

/**
 * Entries that one key sealed. Where the bot finds the head sealed with another key than its own it begins a new segment, whose first
 * entry holds the seal of the one before: so a seal is there for every segment, and can be verified for as long as its key is at hand.
 */
export interface AuditSegment {
  readonly first: number;
  readonly last: Link;
  readonly keyId: string | null;
  readonly sealed: SealState;
  /** When the next one began; absent of the newest. */
  readonly endedAt?: number;
}

const keyChanged = 'keyChanged';
const headChanged = 'headChanged';

/** The first entry of a new segment, or of what follows a head that somebody else wrote. */
export function noticeOf({ sealed, keyId, seal }: AuditHead, at: number): NewAuditEntry {
  const isWrong = sealed === 'wrong';
  return {
    at,
    tenant_id: null,
    person_id: null,
    person_name: null,
    conversation_tenant_id: null,
    conversation_id: null,
    conversation_kind: null,
    action: 'audit',
    via: 'bot',
    stage: 'asked',
    outcome: isWrong ? headChanged : keyChanged,
    reason: isWrong ? null : `${keyId} ${seal}`,
    token_id: null,
    token_name: null,
    run_id: null,
    request_id: null,
    client_request_id: null,
    correlation_id: null,
  };
}

/** The entry says that somebody else wrote the head that it follows. Nobody can take it out again without breaking the chain. */
export const isHeadChanged = ({ action, outcome }: AuditEntryRow): boolean =>
  action === 'audit' && outcome === headChanged;

/** The seal of the segment that ends before this entry; undefined when none does. */
export function findClosingSeal({
  action,
  outcome,
  reason,
}: AuditEntryRow): Pick<SealedLink, 'keyId' | 'seal'> | undefined {
  if (action !== 'audit' || outcome !== keyChanged) return undefined;
  const [keyId = null, seal = null] = reason?.split(' ') ?? [];
  return { keyId, seal };
}
