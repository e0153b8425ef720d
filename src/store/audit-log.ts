import type { Transaction } from 'kysely';
import type { Link } from './audit-chain.ts';
import { type AuditHead, type AuditSeal, findHead, holdChain, type NewAuditEntry } from './audit-head.ts';
import type { AuditEntryRow } from './audit-rows.ts';
import type { Db } from './open-database.ts';
import { keptMs } from './retention.ts';
import type { Database } from './schema.ts';

/** A sync whose end stands in its run but not in the audit. Without an outcome it never got as far as a run. */
export interface UntoldEnd {
  readonly entry: AuditEntryRow;
  readonly outcome?: string;
}

export interface AuditLog {
  /** Stores an entry at the chain's end, in one transaction; rejects when it is not stored. Callers wait for each other, in every process. */
  append(entry: NewAuditEntry): Promise<void>;
  /**
   * The same for the end of a sync, which has one end whoever tells of it: false when it has been told. What is known of how it was
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
  /** Place and hash of an entry, erased ones at the anchor included. */
  findLink(seq: number): Promise<Link | undefined>;
  listUntoldEnds(askedBefore: number): Promise<UntoldEnd[]>;
  /** Erases what is older than 400 days, from the oldest on, at most 5,000 at a time. What stays can be verified as before. */
  prune(now: number): Promise<void>;
}

const mostPruned = 5_000;
const mostUntold = 200;

export function createAuditLog(parts: {
  readonly db: Db;
  readonly seal: AuditSeal;
  readonly now: () => number;
}): AuditLog {
  const { db, seal } = parts;
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time in this process, so that those who wait for the head hold no connection meanwhile. */
  function holdInTurn<T>(work: Parameters<typeof holdChain<T>>[1]): Promise<T> {
    const done = last.then(() => holdChain(parts, work));
    last = done.catch(() => undefined);
    return done;
  }

  return {
    append: (entry) => holdInTurn((chain) => chain.append(entry)),
    appendEnd: (entry) =>
      holdInTurn(async (chain, within) => {
        const told = await within
          .selectFrom('audit_entries')
          .select('seq')
          .where((where) => where.and({ run_id: entry.run_id, stage: 'ended' }))
          .executeTakeFirst();
        if (told) return false;
        await chain.append({ ...entry, ...(await findAsked(within, entry)) });
        return true;
      }),
    findHead: () => findHead(db, seal),
    async findNewestSeq() {
      const { seq } = await db
        .selectFrom('audit_entries')
        .select(({ fn }) => fn.max('seq').as('seq'))
        .executeTakeFirstOrThrow();
      return Number(seq ?? 0);
    },
    async list(after, most) {
      const rows = await db
        .selectFrom('audit_entries')
        .selectAll()
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(most)
        .execute();
      return rows.map(toEntry);
    },
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
      const head = await findHead(db, seal);
      return head?.anchor_seq === seq ? { seq, hash: head.anchor_hash } : undefined;
    },
    async listUntoldEnds(askedBefore) {
      const rows = await db
        .selectFrom('audit_entries as asked')
        .leftJoin('sync_runs as run', 'run.id', 'asked.run_id')
        .leftJoin('audit_entries as told', (join) =>
          join.onRef('told.run_id', '=', 'asked.run_id').on('told.stage', '=', 'ended'),
        )
        .selectAll('asked')
        .select('run.outcome as run_outcome')
        .where((where) => where.and({ 'asked.stage': 'asked' }))
        .where('asked.run_id', 'is not', null)
        .where('asked.at', '<', askedBefore)
        .where('told.seq', 'is', null)
        .where(({ or, eb }) => or([eb('run.id', 'is', null), eb('run.phase', '=', 'ended')]))
        .orderBy('asked.seq')
        .limit(mostUntold)
        .execute();
      return rows.map(({ run_outcome, ...row }) => ({
        entry: toEntry(row),
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
        const end = Math.min(Number(kept?.seq ?? head.seq + 1), head.anchor_seq + mostPruned + 1);
        const last = await within
          .selectFrom('audit_entries')
          .select(['seq', 'hash', 'at'])
          .where('seq', '<', end)
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (!last) return;
        const seq = Number(last.seq);
        await within.deleteFrom('audit_entries').where('seq', '<=', seq).execute();
        moveAnchor({ seq, hash: last.hash, at: Number(last.at) });
      });
    },
  };
}

/** What the end of a sync does not know itself, as it was when the sync was asked for; nothing when that was never stored. */
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

const toEntry = (row: AuditEntryRow): AuditEntryRow => ({ ...row, seq: Number(row.seq), at: Number(row.at) });
