import type { AuditLog } from '../store/audit-log.ts';
import type { ChainVerifier } from './verify-chain.ts';

export interface KeepAuditParts {
  readonly entries: Pick<AuditLog, 'prune' | 'listUntoldEnds' | 'appendEnd'>;
  readonly verifier: ChainVerifier;
  readonly log: { error(fields: object, message: string): void };
}

/** Younger ones are told by whoever is at work on them. */
const untoldAfterMs = 5 * 60 * 1000;

/**
 * What the audit needs from time to time: ends that could not be told when they happened, by a process that died or a store that
 * was away, are told; what is too old is erased; and the chain is looked at, so that a break is known before anybody asks.
 */
export function keepAudit({ entries, verifier, log }: KeepAuditParts): { prune(now: number): Promise<void> } {
  async function tellEnds(now: number): Promise<void> {
    for (const { entry, outcome } of await entries.listUntoldEnds(now - untoldAfterMs)) {
      const { seq: _, hash: __, run_id, ...asked } = entry;
      if (run_id === null) continue;
      const end = { via: 'bot', stage: 'ended', outcome: outcome ?? 'notStarted', reason: null, request_id: null };
      await entries.appendEnd({ ...asked, ...end, run_id, at: now });
    }
  }

  return {
    async prune(now) {
      await tellEnds(now);
      await entries.prune(now);
      const verdict = await verifier.verify();
      if (verdict.kind === 'broken') {
        const { seq, fault } = verdict;
        log.error({ seq, fault }, 'the audit is not as it was written');
      } else if (verdict.kind !== 'intact' && verdict.unproven) {
        log.error({ seq: verdict.unproven.seq }, 'a part of the audit was sealed with a key that is not at hand');
      }
    },
  };
}
