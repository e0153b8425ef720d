import { setImmediate as letOthersRun } from 'node:timers/promises';
import {
  type AuditHead,
  type AuditSeals,
  type AuditSegment,
  type BrokenLink,
  findClosingSeal,
  followLinks,
  isHeadChanged,
  type Link,
  sealedText,
  sealStateOf,
} from '../store/audit-chain.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { AuditEntryRow } from '../store/audit-rows.ts';

export type AuditVerdict =
  /** Every entry is as it was written. `since` is the oldest's time; absent while there is none. */
  | { readonly kind: 'intact'; readonly entries: number; readonly since?: number }
  /** Every hash fits, but nothing shows that it was the bot who wrote these segments, the oldest first. */
  | { readonly kind: 'unproven'; readonly entries: number; readonly unproven: readonly AuditSegment[] }
  /** `seq` is the first entry that does not hold, `at` when it says it was written, if it is still there. */
  | ({ readonly kind: 'broken'; readonly at?: number } & BrokenLink);

export interface VerifierParts {
  readonly entries: AuditLog;
  readonly seals: AuditSeals;
}

/** Reads the chain from its oldest entry to its head. */
export async function verifyAudit({ entries, seals }: VerifierParts): Promise<AuditVerdict> {
  // In this order: an entry that is added meanwhile is counted by the head read after it.
  const newest = await entries.findNewestSeq();
  const head = await entries.findHead();
  if (!head || head.sealed === 'wrong') return { kind: 'broken', seq: head?.seq ?? 0, fault: 'head' };
  if (newest > head.seq) return { kind: 'broken', seq: head.seq + 1, fault: 'uncounted' };
  const anchor: Link = { seq: head.anchor_seq, hash: head.anchor_hash };

  let since: number | undefined;
  const chain = await followChain({ entries, seals }, anchor, head, (page) => {
    since ??= page[0]?.at;
  });
  if (chain.kind === 'broken') {
    // Entries that were erased while they were read are not missing.
    const { anchor_seq = 0 } = (await entries.findHead()) ?? {};
    if (anchor_seq > anchor.seq) return verifyAudit({ entries, seals });
    const { broken, at } = chain;
    return { kind: 'broken', ...broken, ...(at !== undefined && { at }) };
  }
  const unproven = chain.segments.filter((segment) => !isProven(segment));
  const count = head.seq - anchor.seq;
  if (unproven.length > 0) return { kind: 'unproven', entries: count, unproven };
  return { kind: 'intact', entries: count, ...(since !== undefined && { since }) };
}

/** The newest segment must be sealed with the bot's own key: whoever has a former one could have written it. */
export const isProven = ({ sealed, endedAt }: AuditSegment): boolean =>
  sealed === 'own' || (sealed === 'other' && endedAt !== undefined);

const pageSize = 1_000;

type FollowedChain =
  | { readonly kind: 'whole'; readonly segments: readonly AuditSegment[] }
  | { readonly kind: 'broken'; readonly broken: BrokenLink; readonly at?: number | undefined };

/** Follows the chain to its head, a page at a time, and says which key sealed which entries. */
export async function followChain(
  { entries, seals }: { readonly entries: AuditLog; readonly seals: AuditSeals },
  before: Link,
  head: AuditHead,
  onPage: (page: readonly AuditEntryRow[]) => void,
): Promise<FollowedChain> {
  const segments: AuditSegment[] = [];
  let first = before.seq + 1;
  let last = before;
  while (last.seq < head.seq) {
    const page = await entries.list(last.seq, Math.min(pageSize, head.seq - last.seq));
    const followed = followLinks(last, page);
    for (const entry of page.filter(({ seq }) => seq <= followed.last.seq)) {
      if (isHeadChanged(entry)) return { kind: 'broken', broken: { seq: entry.seq, fault: 'head' }, at: entry.at };
      const closing = findClosingSeal(entry);
      if (closing) {
        const sealed = sealStateOf(sealedText(last), closing, seals);
        if (sealed === 'wrong') return { kind: 'broken', broken: { seq: last.seq, fault: 'head' } };
        segments.push({ first, last, keyId: closing.keyId, sealed, endedAt: entry.at });
        first = entry.seq;
      }
      last = { seq: entry.seq, hash: entry.hash };
    }
    const broken =
      followed.broken ?? (page.length === 0 ? { seq: last.seq + 1, fault: 'missing' as const } : undefined);
    if (broken) return { kind: 'broken', broken, at: page.find(({ seq }) => seq === broken.seq)?.at };
    onPage(page);
    // On SQLite nothing else would happen in this process until the last page.
    await letOthersRun();
  }
  if (last.hash !== head.hash) return { kind: 'broken', broken: { seq: head.seq, fault: 'head' } };
  const newest = { first, last: { seq: head.seq, hash: head.hash }, keyId: head.keyId, sealed: head.sealed };
  return { kind: 'whole', segments: [...segments, newest] };
}

interface SharedVerifierParts extends VerifierParts {
  /** A clock that only goes forward, in milliseconds. */
  readonly ticks: () => number;
  readonly restMs: number;
}

/**
 * The same for many callers: calls at the same time share one reading, and a verdict is returned again for `restMs`, and for four times
 * as long as it took, so that frequent calls cost no more.
 */
export function createVerifyAudit({ ticks, restMs, ...parts }: SharedVerifierParts): () => Promise<AuditVerdict> {
  let last: { readonly verdict: Promise<AuditVerdict>; until: number } | undefined;
  return () => {
    const at = ticks();
    if (last && at < last.until) return last.verdict;
    const begun = { verdict: verifyAudit(parts), until: Number.POSITIVE_INFINITY };
    last = begun;
    begun.verdict.then(
      () => {
        begun.until = ticks() + Math.max(restMs, 4 * (ticks() - at));
      },
      () => {
        begun.until = at;
      },
    );
    return begun.verdict;
  };
}
