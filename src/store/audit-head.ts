import type { Transaction } from 'kysely';
import { genesisHash, hashOfEntry, type SealedHead, sealedText, type UnhashedEntry } from './audit-chain.ts';
import { auditText } from './audit-text.ts';
import type { Db } from './open-database.ts';
import type { Database } from './schema.ts';

/** Makes and checks seals with a key that is not in the database. */
export interface AuditSeal {
  /** Names the key, and tells nothing of it. */
  readonly keyId: string;
  sealOf(text: string): string;
  /** Keys at hand whose seals are believed, too: while the key is replaced. */
  readonly others?: readonly Omit<AuditSeal, 'others'>[];
}

export type NewAuditEntry = Omit<UnhashedEntry, 'seq'>;

export type SealState =
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
 * A head that another hand or another key has sealed is written down in the chain before it is sealed anew: for good, because
 * nobody can take that entry out without breaking the chain.
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
