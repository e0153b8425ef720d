import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { type AuditEntryRow, type AuditHeadRow, type Database, type Db, keptMs } from './schema.ts';

/** A sync whose end stands in its run but not in the audit. Without an outcome it never got as far as a run. */
interface UntoldEnd {
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

/** Makes and checks seals with a key that is not in the database. */
export interface AuditSeal {
  /** Names the key, and tells nothing of it. */
  readonly keyId: string;
  sealOf(text: string): string;
  /** Keys at hand whose seals are believed, too: while the key is replaced. */
  readonly others?: readonly Omit<AuditSeal, 'others'>[];
}

export type NewAuditEntry = Omit<UnhashedEntry, 'seq'>;

type SealState =
  /** Made with this key over this very head. */
  | 'good'
  /** Made over this very head with another key that is at hand. */
  | 'knownKey'
  /** Names a key that is not at hand: whether it was a key of the bot's at all cannot be told. */
  | 'otherKey'
  /** Names a key that is at hand, or none, but does not fit the head: somebody else wrote it. */
  | 'wrong';

export interface AuditHead extends SealedHead {
  readonly sealed: SealState;
}

/** The head as it is; undefined when it is gone. */
async function findHead(db: Db, seal: AuditSeal): Promise<AuditHead | undefined> {
  const row = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirst();
  return row && toHead(row, seal);
}

/** The head, held by this transaction alone until it ends, and what may be done to the chain meanwhile. */
interface HeldChain {
  readonly head: AuditHead;
  append(entry: NewAuditEntry): Promise<void>;
  /** Lets the chain begin after this entry. */
  moveAnchor(anchor: { readonly seq: number; readonly hash: string; readonly at: number }): void;
}

/**
 * One transaction that holds the chain's head: whoever else wants it, in whichever process, waits. All of it is stored or nothing.
 * A head that another hand or another key has sealed is written down in the chain before it is sealed anew: for good, because
 * nobody can take that entry out without breaking the chain.
 */
async function holdChain<T>(
  { db, seal, now }: { readonly db: Db; readonly seal: AuditSeal; readonly now: () => number },
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
    const head = toHead(row, seal);
    const { sealed: _, ...held } = head;
    let grown: SealedHead = held;

    async function append(entry: NewAuditEntry): Promise<void> {
      const whole = { ...clean(entry), seq: grown.seq + 1 };
      const hash = hashOfEntry(grown.hash, whole);
      await within
        .insertInto('audit_entries')
        .values({ ...whole, hash })
        .execute();
      grown = { ...grown, seq: whole.seq, hash };
    }

    if (head.sealed !== 'good') await append(noticeOf(head.sealed, now()));
    const result = await work(
      {
        head,
        append,
        moveAnchor({ seq, hash, at }) {
          grown = { ...grown, anchor_seq: seq, anchor_hash: hash, anchor_at: at };
        },
      },
      within,
    );
    if (grown !== held) {
      const sealing = { key_id: seal.keyId, seal: seal.sealOf(sealedText(grown)) };
      await within
        .updateTable('audit_head')
        .set({ ...grown, ...sealing })
        .where('id', '=', 1)
        .execute();
    }
    return result;
  });
}

/** What the chain says of itself where it was sealed anew: what came before was not sealed by the bot, or … */
export const headChanged = 'headChanged';
/** … with a key that was not at hand, so that nothing shows who wrote it, or … */
export const keyChanged = 'keyChanged';
/** … with another key that was at hand, and it held. */
export const keyRenewed = 'keyRenewed';

const notices = { wrong: headChanged, otherKey: keyChanged, knownKey: keyRenewed } as const;

function noticeOf(sealed: Exclude<SealState, 'good'>, at: number): NewAuditEntry {
  return {
    ...nothing,
    at,
    ...{ action: 'audit', via: 'bot', stage: 'asked' },
    outcome: notices[sealed],
  };
}

const nothing = {
  tenant_id: null,
  person_id: null,
  person_name: null,
  conversation_tenant_id: null,
  conversation_id: null,
  conversation_kind: null,
  reason: null,
  token_id: null,
  token_name: null,
  run_id: null,
  request_id: null,
  client_request_id: null,
  correlation_id: null,
};

function clean({ at, ...texts }: NewAuditEntry): NewAuditEntry {
  const cleaned = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, auditText(text)]));
  return { at, ...(cleaned as typeof texts) };
}

interface StoredHead extends SealedHead {
  readonly key_id: string | null;
  readonly seal: string | null;
}

function toHead({ key_id, seal: found, ...row }: StoredHead, seal: AuditSeal): AuditHead {
  const head: SealedHead = {
    seq: Number(row.seq),
    hash: row.hash,
    anchor_seq: Number(row.anchor_seq),
    anchor_hash: row.anchor_hash,
    anchor_at: row.anchor_at === null ? null : Number(row.anchor_at),
  };
  return { ...head, sealed: sealStateOf(head, { key_id, seal: found }, seal) };
}

const isGenesis = ({ seq, hash, anchor_seq, anchor_hash }: SealedHead) =>
  seq === 0 && anchor_seq === 0 && hash === genesisHash && anchor_hash === genesisHash;

function sealStateOf(head: SealedHead, found: Pick<StoredHead, 'key_id' | 'seal'>, seal: AuditSeal): SealState {
  // Nothing was sealed yet; an emptied audit is known by the exports that were made of it.
  if (isGenesis(head) && found.seal === null) return 'good';
  if (found.key_id === null) return 'wrong';
  const by = [seal, ...(seal.others ?? [])].find(({ keyId }) => keyId === found.key_id);
  if (!by) return 'otherKey';
  if (found.seal !== by.sealOf(sealedText(head))) return 'wrong';
  return by === seal ? 'good' : 'knownKey';
}

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

type UnhashedEntry = Omit<AuditEntryRow, 'hash'>;

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

type SealedHead = Omit<AuditHeadRow, 'id' | 'key_id' | 'seal'>;

/** What a seal is made over. */
export const sealedText = (head: SealedHead): string =>
  JSON.stringify([headFormat, head.seq, head.hash, head.anchor_seq, head.anchor_hash, head.anchor_at]);

/** An entry by its place and its hash. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** Why a chain is broken at an entry: it, or what is before it, is not as it was written; it is gone; it was never counted; the head itself. */
type ChainFault = 'changed' | 'missing' | 'uncounted' | 'head';
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

/**
 * Text as both engines give it back exactly as it was stored, so that a hash over it stays true: one line, whole characters, at
 * most 200 units. Nothing and the empty text are one.
 */
function auditText(text: string | null | undefined): string | null {
  const kept = (text ?? '')
    .slice(0, 200)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed();
  return kept === '' ? null : kept;
}
