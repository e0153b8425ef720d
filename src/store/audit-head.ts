import type { Transaction } from 'kysely';
import { hashOfEntry, type SealedHead, sealedText, type UnhashedEntry } from './audit-chain.ts';
import { auditText } from './audit-text.ts';
import type { Db } from './open-database.ts';
import type { Database } from './schema.ts';

/** Makes and checks seals with a key that is not in the database. */
export interface AuditSeal {
  /** Names the key, and tells nothing of it. */
  readonly keyId: string;
  sealOf(text: string): string;
}

export type NewAuditEntry = Omit<UnhashedEntry, 'seq'>;

export type SealState =
  /** Made with this key over this very head. */
  | 'good'
  /** Made with another key, which nobody here has. */
  | 'otherKey'
  /** Named this key, but does not fit the head: somebody else wrote it. */
  | 'wrong';

export interface AuditHead extends SealedHead {
  readonly sealed: SealState;
}

/** The head as it is; undefined when it is gone. */
export async function findHead(db: Db, seal: AuditSeal): Promise<AuditHead | undefined> {
  const row = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirst();
  return row && toHead(row, seal);
}

/** The head, held by this transaction alone until it ends, and what may be done to the chain meanwhile. */
export interface HeldChain {
  readonly head: AuditHead;
  append(entry: NewAuditEntry): Promise<void>;
  /** Lets the chain begin after this entry. */
  moveAnchor(anchor: { readonly seq: number; readonly hash: string; readonly at: number }): void;
}

/**
 * One transaction that holds the chain's head: whoever else wants it, in whichever process, waits. All of it is stored or nothing.
 * A head that another hand or another key has sealed is written down in the chain before it is sealed anew.
 */
export async function holdChain<T>(
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

/** What the chain says of itself. */
export const headChanged = 'headChanged';
export const keyChanged = 'keyChanged';

function noticeOf(sealed: Exclude<SealState, 'good'>, at: number): NewAuditEntry {
  return {
    ...nothing,
    at,
    ...{ action: 'audit', via: 'bot', stage: 'asked' },
    outcome: sealed === 'wrong' ? headChanged : keyChanged,
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

function sealStateOf(head: SealedHead, found: Pick<StoredHead, 'key_id' | 'seal'>, seal: AuditSeal): SealState {
  // Nothing was sealed yet; an emptied audit is known by the exports that were made of it.
  if (head.seq === 0 && head.anchor_seq === 0 && found.seal === null) return 'good';
  if (found.key_id !== seal.keyId) return found.key_id === null ? 'wrong' : 'otherKey';
  return found.seal === seal.sealOf(sealedText(head)) ? 'good' : 'wrong';
}
