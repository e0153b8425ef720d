import { type Audit, createAudit } from './audit/audit.ts';
import { createAuditKeys } from './audit/audit-keys.ts';
import { keepAudit } from './audit/keep-audit.ts';
import { createChainVerifier } from './audit/verify-chain.ts';
import type { Config } from './config.ts';
import { createDeriveKey, listOtherDeriveKeys } from './identity/keys.ts';
import type { Log } from './log.ts';
import { createAuditLog } from './store/audit-log.ts';
import type { Db } from './store/open-database.ts';

export interface AuditsParts {
  readonly config: Config;
  readonly db: Db;
  readonly now: () => number;
  readonly log: Log;
  readonly onFailure: () => void;
}

/** How long one look at the chain may take, and for how long it stands. */
const look = { ticks: () => performance.now(), withinMs: 2_500, restMs: 2_000 };

/** The audit, joined: what features tell, what the doctor asks, and what is done about it once an hour. */
export function createAudits({ config, db, now, log, onFailure }: AuditsParts) {
  const { seal } = createAuditKeys(createDeriveKey(config), listOtherDeriveKeys(config));
  const entries = createAuditLog({ db, seal, now });
  const audit: Audit = createAudit({ entries, now, log, onFailure });
  const keeping = keepAudit({ entries, verifier: createChainVerifier({ entries, ...look }), log });
  return { audit, keeping, verify: createChainVerifier({ entries, ...look }).verify, keyId: seal.keyId };
}
