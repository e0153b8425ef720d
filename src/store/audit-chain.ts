import { createHash } from 'node:crypto';
import type { AuditEntryRow, AuditHeadRow } from './audit-rows.ts';

/** What stands before the first entry. */
export const genesisHash = '0'.repeat(64);

const entryFormat = 'vpp-sync audit entry 1';
const headFormat = 'vpp-sync audit head 1';

/** Every column that an entry's hash covers, in the order it covers them. */
export const hashedColumns = [
  ...['seq', 'at', 'tenant_id', 'person_id', 'person_name', 'conversation_tenant_id', 'conversation_id'],
  ...['conversation_kind', 'action', 'via', 'stage', 'outcome', 'reason', 'token_id', 'token_name', 'run_id'],
  ...['request_id', 'client_request_id', 'correlation_id'],
] as readonly (keyof Omit<AuditEntryRow, 'hash'>)[];

export type UnhashedEntry = Omit<AuditEntryRow, 'hash'>;

/**
 * SHA-256, in hexadecimal, over the JSON array of the format's name, the previous hash and every column in order: numbers as
 * numbers, absent as null, without spaces. No two entries have the same encoding.
 */
export function hashOfEntry(previousHash: string, entry: UnhashedEntry): string {
  const values = hashedColumns.map((column) => entry[column]);
  return createHash('sha256')
    .update(JSON.stringify([entryFormat, previousHash, ...values]))
    .digest('hex');
}

export type SealedHead = Omit<AuditHeadRow, 'id' | 'key_id' | 'seal'>;

/** What a seal is made over. */
export const sealedText = (head: SealedHead): string =>
  JSON.stringify([headFormat, head.seq, head.hash, head.anchor_seq, head.anchor_hash, head.anchor_at]);

/** An entry by its place and its hash. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** Why a chain is broken at an entry: it, or what is before it, is not as it was written; it is gone; it was never counted; the head itself. */
export type ChainFault = 'changed' | 'missing' | 'uncounted' | 'head';
export type BrokenLink = { readonly seq: number; readonly fault: ChainFault };

/** Follows entries, in order, from the one before them. Resolves to the last that holds, and where it breaks if it does. */
export function followLinks(before: Link, entries: readonly AuditEntryRow[]): { last: Link; broken?: BrokenLink } {
  let last = before;
  for (const entry of entries) {
    const seq = last.seq + 1;
    if (entry.seq > seq) return { last, broken: { seq, fault: 'missing' } };
    if (entry.seq !== seq || hashOfEntry(last.hash, entry) !== entry.hash)
      return { last, broken: { seq, fault: 'changed' } };
    last = { seq, hash: entry.hash };
  }
  return { last };
}
