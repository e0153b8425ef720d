import { createAudit } from '../../src/audit/audit.ts';
import type { AuditEntryRow } from '../../src/store/audit-rows.ts';
import type { Db } from '../../src/store/schema.ts';
import { logOver } from './audit-chain.ts';

/** The audit over a real store, what it logs, and what it keeps in a few words each. */
export function createAuditRig(db: Db, now: () => number = Date.now) {
  const logged: { readonly fields: object; readonly message: string }[] = [];
  const failures = { count: 0 };
  const entries = logOver(db, 'key-1', now);
  const audit = createAudit({
    entries,
    now,
    log: { error: (fields, message) => void logged.push({ fields, message }) },
    onFailure() {
      failures.count += 1;
    },
  });
  return { audit, entries, logged, failures, kept: async () => (await entries.list(0, 1_000)).map(brief) };
}

/** `who action outcome reason`, then the token where there is one. */
export function brief({ person_name, action, stage, outcome, reason, token_id }: AuditEntryRow): string {
  const word = stage === 'asked' ? outcome : `${stage}:${outcome}`;
  return [person_name?.split(' ')[0], action, word, reason, token_id].filter(Boolean).join(' ');
}
