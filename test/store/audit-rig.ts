import { createHmac } from 'node:crypto';
import type { AuditSeal, NewAuditEntry } from '../../src/store/audit-head.ts';
import { type AuditLog, createAuditLog } from '../../src/store/audit-log.ts';
import type { Db } from '../../src/store/open-database.ts';
import { ada, at, thread } from './stored.ts';

/** A seal made with a key of this name. */
export const sealWith = (keyId: string): AuditSeal => ({
  keyId,
  sealOf: (text) => createHmac('sha256', keyId).update(text).digest('hex'),
});

export const logOver = (db: Db, keyId = 'key-1', now: () => number = () => at): AuditLog =>
  createAuditLog({ db, seal: sealWith(keyId), now });

/** A whole entry: Ada's sync of token-1, about to start, unless told. */
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
