import type { Transaction } from 'kysely';
import {
  type Anchor,
  type AuditHead,
  type AuditSeals,
  hashOfEntry,
  type Link,
  type NewAuditEntry,
  noticeOf,
  sealedAnchorText,
  sealedText,
  toHead,
} from './audit-chain.ts';
import type { AuditEntryRow } from './audit-rows.ts';
import { keptMs } from './retention.ts';
import type { Database, Db } from './schema.ts';

/** A sync whose end is in its run but not in the audit. Without an outcome it never got as far as a run. */
interface MissingEnd {
  readonly entry: AuditEntryRow;
  readonly outcome?: string;
}

export interface AuditLog {
  /** Stores an entry at the chain's end, in one transaction; rejects when it is not stored. Writers wait for each other, in every process. */
  append(entry: NewAuditEntry): Promise<void>;
  /**
   * The same for the end of a sync, which has one end whoever reports it: false when it is stored already. What is known of how it was
   * asked for is taken from there.
   */
  appendEnd(entry: NewAuditEntry & { readonly run_id: string }): Promise<boolean>;
  findHead(): Promise<AuditHead | undefined>;
  /** Number of the newest entry there is, counted by the head or not. */
  findNewestSeq(): Promise<number>;
  /** Entries after this one, in order. */
  list(after: number, most: number): Promise<AuditEntryRow[]>;
  /** The first entry that is not older than `at`, and the last that is older than `until`; undefined when there is none between. */
  findSpan(at: number, until: number): Promise<{ readonly first: number; readonly last: number } | undefined>;
  /** Number and hash of an entry; of the last erased one, too. */
  findLink(seq: number): Promise<Link | undefined>;
  listMissingEnds(askedBefore: number): Promise<MissingEnd[]>;
  /** Erases what is older than 400 days, from the oldest on, at most 5,000 at a time. What stays can be verified as before. */
  prune(now: number): Promise<void>;
}

interface AuditLogParts {
  readonly db: Db;
  readonly seals: AuditSeals;
  readonly now: () => number;
}

const mostPruned = 5_000;
const mostMissingEnds = 200;

export function createAuditLog(parts: AuditLogParts): AuditLog {
  const { db, seals } = parts;
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time in this process, so that those who wait for the head hold no connection meanwhile. */
  function holdInTurn<T>(work: Parameters<typeof holdChain<T>>[1]): Promise<T> {
    const done = last.then(() => holdChain(parts, work));
    last = done.catch(() => undefined);
    return done;
  }

  async function findHead(): Promise<AuditHead | undefined> {
    const row = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirst();
    return row && toHead(row, seals);
  }

  return {
    append: (entry) => holdInTurn((chain) => chain.append(entry)),
    appendEnd: (entry) =>
      holdInTurn(async (chain, within) => {
        const stored = await within
          .selectFrom('audit_entries')
          .select('seq')
          .where((where) => where.and({ run_id: entry.run_id, stage: 'ended' }))
          .executeTakeFirst();
        if (stored) return false;
        await chain.append({ ...entry, ...(await findAsked(within, entry)) });
        return true;
      }),
    findHead,
    async findNewestSeq() {
      const { seq } = await db
        .selectFrom('audit_entries')
        .select(({ fn }) => fn.max('seq').as('seq'))
        .executeTakeFirstOrThrow();
      return Number(seq ?? 0);
    },
    list: (after, most) =>
      db.selectFrom('audit_entries').selectAll().where('seq', '>', after).orderBy('seq').limit(most).execute(),
    async findSpan(at, until) {
      const span = db.selectFrom('audit_entries').where('at', '>=', at).where('at', '<', until);
      const { first, last } = await span
        .select(({ fn }) => [fn.min('seq').as('first'), fn.max('seq').as('last')])
        .executeTakeFirstOrThrow();
      return first === null ? undefined : { first: Number(first), last: Number(last) };
    },
    async findLink(seq) {
      const row = await db.selectFrom('audit_entries').select('hash').where('seq', '=', seq).executeTakeFirst();
      if (row) return { seq, hash: row.hash };
      const head = await findHead();
      return head?.anchor_seq === seq ? { seq, hash: head.anchor_hash } : undefined;
    },
    async listMissingEnds(askedBefore) {
      const rows = await db
        .selectFrom('audit_entries as asked')
        .leftJoin('sync_runs as run', 'run.id', 'asked.run_id')
        .leftJoin('audit_entries as ended', (join) =>
          join.onRef('ended.run_id', '=', 'asked.run_id').on('ended.stage', '=', 'ended'),
        )
        .selectAll('asked')
        .select('run.outcome as run_outcome')
        .where((where) => where.and({ 'asked.stage': 'asked' }))
        .where('asked.run_id', 'is not', null)
        .where('asked.at', '<', askedBefore)
        .where('ended.seq', 'is', null)
        .where(({ or, eb }) => or([eb('run.id', 'is', null), eb('run.phase', '=', 'ended')]))
        .orderBy('asked.seq')
        .limit(mostMissingEnds)
        .execute();
      return rows.map(({ run_outcome, ...entry }) => ({
        entry,
        ...(run_outcome !== null && { outcome: run_outcome }),
      }));
    },
    async prune(now) {
      await holdInTurn(async ({ head, moveAnchor }, within) => {
        const kept = await within
          .selectFrom('audit_entries')
          .select('seq')
          .where('at', '>=', now - keptMs.auditEntries)
          .orderBy('seq')
          .limit(1)
          .executeTakeFirst();
        // Never past the first that stays, whatever their times say: the chain has no gaps.
        const end = Math.min(kept?.seq ?? head.seq + 1, head.anchor_seq + mostPruned + 1);
        const last = await within
          .selectFrom('audit_entries')
          .select(['seq', 'hash', 'at'])
          .where('seq', '<', end)
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (!last) return;
        await within.deleteFrom('audit_entries').where('seq', '<=', last.seq).execute();
        moveAnchor({ anchor_seq: last.seq, anchor_hash: last.hash, anchor_at: last.at });
      });
    },
  };
}

/** Copies what the end of a sync does not know from the entry of its request, if that was stored. */
async function findAsked(within: Transaction<Database>, entry: NewAuditEntry) {
  const asked = await within
    .selectFrom('audit_entries')
    .select(['action', 'correlation_id', 'token_name', 'client_request_id'])
    .where((where) => where.and({ run_id: entry.run_id, stage: 'asked' }))
    .executeTakeFirst();
  return (
    asked && {
      action: asked.action,
      correlation_id: entry.correlation_id ?? asked.correlation_id,
      token_name: entry.token_name ?? asked.token_name,
      client_request_id: entry.client_request_id ?? asked.client_request_id,
    }
  );
}

/** The head, held by this transaction alone until it ends, and what may be done to the chain meanwhile. */
interface HeldChain {
  readonly head: AuditHead;
  append(entry: NewAuditEntry): Promise<void>;
  /** Lets the chain begin after this entry. */
  moveAnchor(anchor: Anchor): void;
}

/**
 * One transaction that holds the chain's head: whoever else wants it, in whichever process, waits. All of it is stored or nothing.
 * A head that somebody else wrote, or another key sealed, is recorded in the chain before it is sealed again.
 */
async function holdChain<T>(
  { db, seals, now }: AuditLogParts,
  work: (chain: HeldChain, within: Transaction<Database>) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (within) => {
    // An update that changes nothing: it locks the row on both engines, and reads what the holder before left.
    const row = await within
      .updateTable('audit_head')
      .set(({ ref }) => ({ seq: ref('seq') }))
      .where('id', '=', 1)
      .returningAll()
      .executeTakeFirst();
    if (!row) throw new Error('the audit has lost its head');
    const head = toHead(row, seals);
    let link: Link = head;
    let anchor: Anchor = head;

    async function append(entry: NewAuditEntry): Promise<void> {
      const whole = { ...clean(entry), seq: link.seq + 1 };
      const hash = hashOfEntry(link.hash, whole);
      await within
        .insertInto('audit_entries')
        .values({ ...whole, hash })
        .execute();
      link = { seq: whole.seq, hash };
    }
    function moveAnchor(moved: Anchor): void {
      anchor = moved;
    }

    if (head.sealed !== 'own') await append(noticeOf(head, now()));
    const result = await work({ head, append, moveAnchor }, within);
    if (link !== head || anchor !== head) {
      const { own } = seals;
      const { anchor_seq, anchor_hash, anchor_at } = anchor;
      await within
        .updateTable('audit_head')
        .set({
          seq: link.seq,
          hash: link.hash,
          key_id: own.keyId,
          seal: own.sealOf(sealedText(link)),
          anchor_seq,
          anchor_hash,
          anchor_at,
          anchor_seal: own.sealOf(sealedAnchorText(anchor)),
        })
        .where('id', '=', 1)
        .execute();
    }
    return result;
  });
}

function clean({ at, ...texts }: NewAuditEntry): NewAuditEntry {
  const cleaned = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, auditText(text)]));
  return { at, ...(cleaned as typeof texts) };
}

/**
 * Text as both engines give it back exactly as it was stored, so that a hash over it stays true: one line, whole characters, at
 * most 200 units. Nothing and the empty text are one.
 */
function auditText(text: string | null): string | null {
  const kept = (text ?? '')
    .slice(0, 200)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed();
  return kept === '' ? null : kept;
}
