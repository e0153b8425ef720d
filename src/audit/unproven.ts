import type { Link } from '../store/audit-chain.ts';
import { headChanged, keyChanged } from '../store/audit-head.ts';
import type { AuditEntryRow } from '../store/audit-rows.ts';

/** Up to here the entries fit one another, but their seal was of a key that is not at hand: whoever wrote them cannot be told. */
export interface Unproven extends Link {
  /** When the bot went on from there; absent until it does. */
  readonly at?: number;
}

/**
 * Whether an operator has accepted exactly this: by the hash of its last entry, which stands for all before. Entries that are
 * rewritten afterwards have another.
 */
export const isAccepted = ({ hash }: Link, accepted: string | undefined): boolean => accepted?.toLowerCase() === hash;

/** The last that these entries, which follow `before` and hold, leave unproven. */
export function findUnproven(before: Link, entries: readonly AuditEntryRow[]): Unproven | undefined {
  const index = entries.findLastIndex((entry) => isNotice(entry, keyChanged));
  const notice = entries[index];
  if (!notice) return undefined;
  const { seq, hash } = entries[index - 1] ?? before;
  return { seq, hash, at: notice.at };
}

/** The first of these entries that says that somebody else wrote what is before it. */
export const findHeadChanged = (entries: readonly AuditEntryRow[]): AuditEntryRow | undefined =>
  entries.find((entry) => isNotice(entry, headChanged));

export const isNotice = ({ action, outcome }: AuditEntryRow, notice: string) =>
  action === 'audit' && outcome === notice;
