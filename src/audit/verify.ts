import {
  type AuditLog,
  type BrokenLink,
  followLinks,
  headChanged,
  keyChanged,
  keyRenewed,
  type Link,
} from '../store/audit-log.ts';
import type { AuditEntryRow } from '../store/schema.ts';

export type AuditVerdict =
  /** Every entry is as it was written. `since` is the oldest's time; absent while there is none. */
  | { readonly kind: 'intact'; readonly entries: number; readonly since?: number; readonly keyRenewedAt?: number }
  /** Every hash fits, but up to an entry nothing shows that it was the bot who wrote them. */
  | { readonly kind: 'unproven'; readonly entries: number; readonly unproven: Unproven }
  /** So far every hash fits, but time ran out; the next look goes on from there. */
  | { readonly kind: 'partly'; readonly checked: number; readonly entries: number; readonly unproven?: Unproven }
  /** `seq` is the first entry that does not hold, `at` when it says it was written, if it is still there. */
  | ({ readonly kind: 'broken'; readonly at?: number } & BrokenLink);

export interface ChainVerifier {
  /**
   * Reads the chain from its oldest entry to its head, for `withinMs` at most. Looks at the same time share one, and a finished
   * one stands for `restMs`, and for four times as long as it took: whoever asks often costs no more.
   */
  verify(): Promise<AuditVerdict>;
}

interface ChainVerifierParts {
  readonly entries: Pick<AuditLog, 'findHead' | 'findNewestSeq' | 'list'>;
  /** A clock that only goes forward, in milliseconds. */
  readonly ticks: () => number;
  readonly withinMs: number;
  readonly restMs: number;
}

const pageSize = 1_000;

interface Walk {
  last: Link;
  /** Where it began: an anchor that has moved since means that what is missing was erased. */
  readonly anchor: number;
  since: number | undefined;
  keyRenewedAt: number | undefined;
  unproven: Unproven | undefined;
}

export function createChainVerifier({ entries, ticks, withinMs, restMs }: ChainVerifierParts): ChainVerifier {
  let unfinished: Walk | undefined;
  let last: { readonly verdict: Promise<AuditVerdict>; until: number } | undefined;

  async function look(): Promise<AuditVerdict> {
    const endsAt = ticks() + withinMs;
    // In this order: an entry that is added meanwhile is counted by the head read after it.
    const newest = await entries.findNewestSeq();
    const head = await entries.findHead();
    if (!head || head.sealed === 'wrong') return { kind: 'broken', seq: head?.seq ?? 0, fault: 'head' };
    if (newest > head.seq) return { kind: 'broken', seq: head.seq + 1, fault: 'uncounted' };
    const anchor: Link = { seq: head.anchor_seq, hash: head.anchor_hash };
    const walk = unfinished?.anchor === anchor.seq ? unfinished : begin(anchor);
    unfinished = undefined;
    const sealedElsewhere = head.sealed === 'otherKey' ? { seq: head.seq, hash: head.hash } : undefined;

    while (walk.last.seq < head.seq) {
      const page = await entries.list(walk.last.seq, Math.min(pageSize, head.seq - walk.last.seq));
      const broken =
        follow(walk, page) ?? (page.length === 0 ? { seq: walk.last.seq + 1, fault: 'missing' as const } : undefined);
      if (broken) return (await wasErased(anchor)) ? look() : told(broken, page);
      if (walk.last.seq < head.seq && ticks() >= endsAt) {
        unfinished = walk;
        const unproven = sealedElsewhere ?? walk.unproven;
        const checked = walk.last.seq - anchor.seq;
        return { kind: 'partly', checked, entries: head.seq - anchor.seq, ...(unproven && { unproven }) };
      }
    }
    if (walk.last.hash !== head.hash) return { kind: 'broken', seq: head.seq, fault: 'head' };
    const { since, keyRenewedAt } = walk;
    const count = head.seq - anchor.seq;
    const unproven = sealedElsewhere ?? walk.unproven;
    if (unproven) return { kind: 'unproven', entries: count, unproven };
    return {
      kind: 'intact',
      entries: count,
      ...(since !== undefined && { since }),
      ...(keyRenewedAt !== undefined && { keyRenewedAt }),
    };
  }

  async function wasErased(anchor: Link): Promise<boolean> {
    const head = await entries.findHead();
    return head !== undefined && head.anchor_seq > anchor.seq;
  }

  return {
    verify() {
      const at = ticks();
      if (!last || at >= last.until) {
        const begun = { verdict: look(), until: Number.POSITIVE_INFINITY };
        last = begun;
        // A look that failed, or was not done, is no answer to the next who asks.
        begun.verdict.then(
          ({ kind }) => {
            begun.until = kind === 'partly' ? at : ticks() + Math.max(restMs, 4 * (ticks() - at));
          },
          () => {
            begun.until = at;
          },
        );
      }
      return last.verdict;
    },
  };
}

const begin = (anchor: Link): Walk => ({
  ...{ last: anchor, anchor: anchor.seq },
  ...{ since: undefined, keyRenewedAt: undefined, unproven: undefined },
});

/** Goes on over a page. What the chain says of itself is a fault where it tells that somebody else wrote its head. */
function follow(walk: Walk, page: readonly AuditEntryRow[]): BrokenLink | undefined {
  const { last, broken } = followLinks(walk.last, page);
  const good = page.filter(({ seq }) => seq <= last.seq);
  const told = findHeadChanged(good);
  if (told) return { seq: told.seq, fault: 'head' };
  walk.since ??= good[0]?.at;
  walk.keyRenewedAt = good.findLast((entry) => isNotice(entry, keyRenewed))?.at ?? walk.keyRenewedAt;
  walk.unproven = findUnproven(walk.last, good) ?? walk.unproven;
  walk.last = last;
  return broken;
}

function told(broken: BrokenLink, page: readonly AuditEntryRow[]): AuditVerdict {
  const at = page.find(({ seq }) => seq === broken.seq)?.at;
  return { kind: 'broken', ...broken, ...(at !== undefined && { at }) };
}

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

const isNotice = ({ action, outcome }: AuditEntryRow, notice: string) => action === 'audit' && outcome === notice;

/** Entries would have been signed that nothing shows to be the bot's. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError';
  readonly unproven: Unproven;

  constructor(unproven: Unproven) {
    super(`Nothing was signed: entries up to ${unproven.seq} cannot be proven.`);
    this.unproven = unproven;
  }
}
