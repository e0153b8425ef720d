import { createHmac } from 'node:crypto';
import {
  type AuditSeal,
  type AuditSeals,
  genesisHash,
  hashOfEntry,
  type NewAuditEntry,
} from '../../src/store/audit-chain.ts';
import { type AuditLog, createAuditLog } from '../../src/store/audit-log.ts';
import type { AuditEntryRow } from '../../src/store/audit-rows.ts';
import type { Db } from '../../src/store/schema.ts';
import { ada, at, thread } from './stored.ts';

const sealWith = (keyId: string): AuditSeal => ({
  keyId,
  sealOf: (text) => createHmac('sha256', keyId).update(text).digest('hex'),
});

/** The seals of a bot whose own key has this name, with these others at hand. */
export const sealsWith = (keyId: string, ...others: readonly string[]): AuditSeals => ({
  own: sealWith(keyId),
  others: others.map(sealWith),
});

export const logOver = (
  db: Db,
  keyId = 'key-1',
  now: () => number = () => at,
  others: readonly string[] = [],
): AuditLog => createAuditLog({ db, seals: sealsWith(keyId, ...others), now });

/**
 * Does as somebody who can write the database but has no key: makes all hashes fit what they changed. Resolves to the last,
 * and leaves the head as it is.
 */
export async function rewriteFrom(
  db: Db,
  log: AuditLog,
  seq: number,
  changes: Partial<AuditEntryRow>,
): Promise<string> {
  const entries = await log.list(seq - 1, 1_000);
  let hash = (await log.findLink(seq - 1))?.hash ?? genesisHash;
  for (const [index, each] of entries.entries()) {
    const { hash: _, ...whole } = index === 0 ? { ...each, ...changes } : each;
    hash = hashOfEntry(hash, whole);
    await db
      .updateTable('audit_entries')
      .set({ ...whole, hash })
      .where('seq', '=', each.seq)
      .execute();
  }
  return hash;
}

/** The same, and the head made to fit with a key of their own. */
export async function forge(db: Db, log: AuditLog, seq: number, changes: Partial<AuditEntryRow>): Promise<string> {
  const hash = await rewriteFrom(db, log, seq, changes);
  await db
    .updateTable('audit_head')
    .set({ hash, key_id: 'a'.repeat(32), seal: 'b'.repeat(64) })
    .execute();
  return hash;
}

/** A whole entry: Ada's sync of token-1, about to start, unless changed. */
export function entry(changes: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    at,
    tenant_id: ada.tenantId,
    person_id: ada.aadObjectId,
    person_name: ada.name,
    conversation_tenant_id: thread.tenantId,
    conversation_id: thread.id,
    conversation_kind: thread.kind,
    action: 'sync',
    via: 'message',
    stage: 'asked',
    outcome: 'started',
    reason: 'none',
    token_id: 'token-1',
    token_name: 'Contoso 陈',
    run_id: 'run-1',
    request_id: 'request-1',
    client_request_id: 'client-request-1',
    correlation_id: 'ref0000001',
    ...changes,
  };
}

/** Appends this many, a minute apart, each of a run of its own. */
export async function fill(log: AuditLog, count: number, from = at): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    await log.append(entry({ at: from + index * 60_000, run_id: `run-${index}` }));
  }
}
