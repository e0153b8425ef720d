import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { Config } from '../config.ts';
import { type AuditNote, type AuditTurn, NotAuditedError } from '../domain/audit-note.ts';
import { GraphError } from '../domain/graph.ts';
import { createDeriveKey, type DeriveKey, keyPurposes, listOtherDeriveKeys } from '../identity/keys.ts';
import type { Log, Runtime } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import type { AuditSeals, NewAuditEntry } from '../store/audit-chain.ts';
import { type AuditLog, createAuditLog } from '../store/audit-log.ts';
import type { Db } from '../store/schema.ts';
import { type AuditVerdict, createVerifyAudit, verifyAudit } from './verify.ts';

export interface Audit {
  /** Records what happened. Never rejects: an entry that cannot be stored is logged and counted, and the caller continues. */
  record(turn: AuditTurn, note: AuditNote): Promise<void>;
  /** Records what is about to happen. Rejects with NotAuditedError when it is not stored: then it must not happen. */
  recordBefore(turn: AuditTurn, note: AuditNote): Promise<void>;
  /** Records that it was refused and why. An error that several callers pass on is recorded once, by the first, who knows most. */
  recordFailure(turn: AuditTurn, note: Attempted, error: unknown): Promise<void>;
}

/** A note without its outcome. `stage` is `ended` where the start was recorded already. */
export type Attempted = Pick<AuditNote, 'action' | 'token' | 'runId' | 'clientRequestId'> & {
  readonly stage?: 'asked' | 'ended';
};

interface AuditsParts {
  readonly config: Config;
  readonly db: Db;
  readonly runtime: Runtime;
  /** Counts entries that could not be stored. */
  readonly onFailure: () => void;
}

const verdictRestMs = 2_000;

/** The audit of one process: what features record in it, what is done about it once an hour, and the verdict that the doctor shows. */
export function createAudits({ config, db, runtime, onFailure }: AuditsParts) {
  const { now, log } = runtime;
  const { seals } = createAuditKeys(createDeriveKey(config), listOtherDeriveKeys(config));
  const entries = createAuditLog({ db, seals, now });
  log.info({ auditKey: seals.own.keyId }, 'the audit is sealed with this key');
  return {
    audit: createAudit({ entries, now, log, onFailure }),
    // With its own reading: the doctor of a process that just started would show what the upkeep read before the first entry.
    upkeep: createAuditUpkeep({ entries, verify: () => verifyAudit({ entries, seals }), log }),
    verify: createVerifyAudit({ entries, seals, ticks: () => performance.now(), restMs: verdictRestMs }),
  };
}

interface AuditParts {
  readonly entries: AuditLog;
  readonly now: () => number;
  readonly log: Pick<Log, 'error'>;
  readonly onFailure: () => void;
}

export function createAudit({ entries, now, log, onFailure }: AuditParts): Audit {
  const recorded = new WeakSet<object>();

  async function store(turn: AuditTurn, note: AuditNote): Promise<void> {
    const entry = toEntry(turn, note, now());
    const { run_id } = entry;
    if (note.stage === 'ended' && run_id !== null) await entries.appendEnd({ ...entry, run_id });
    else await entries.append(entry);
  }

  async function recordBefore(turn: AuditTurn, note: AuditNote): Promise<void> {
    try {
      await store(turn, note);
    } catch (error) {
      onFailure();
      const { action, outcome } = note;
      const { correlationId } = turn;
      log.error({ err: error, correlationId, action, outcome }, 'an entry of the audit could not be stored');
      throw new NotAuditedError();
    }
  }

  const record = (turn: AuditTurn, note: AuditNote) => recordBefore(turn, note).catch(() => undefined);

  return {
    record,
    recordBefore,
    async recordFailure(turn, attempted, error) {
      if (typeof error === 'object' && error !== null) {
        if (recorded.has(error)) return;
        recorded.add(error);
      }
      await record(turn, { ...attempted, outcome: 'refused', ...causeOf(error) } as AuditNote);
    },
  };
}

function causeOf(error: unknown): Pick<AuditNote, 'reason' | 'requestId' | 'clientRequestId'> {
  if (error instanceof NotAuditedError) return { reason: 'notAudited' };
  if (!(error instanceof GraphError)) return { reason: 'unexpected' };
  const { reason, requestId, clientRequestId } = error;
  return { reason, clientRequestId, ...(requestId && { requestId }) };
}

function toEntry(turn: AuditTurn, note: AuditNote, at: number): NewAuditEntry {
  const { person, conversation, session } = turn;
  return {
    at,
    tenant_id: session?.tenantId ?? person.tenantId,
    person_id: person.aadObjectId,
    person_name: person.name,
    conversation_tenant_id: conversation.tenantId,
    conversation_id: conversation.id,
    conversation_kind: conversation.kind,
    action: note.action,
    via: viaOf(turn, note),
    stage: note.stage ?? 'asked',
    outcome: note.outcome,
    reason: note.reason ?? null,
    token_id: note.token?.id ?? null,
    token_name: note.token?.name ?? null,
    run_id: note.runId ?? null,
    request_id: note.requestId ?? null,
    client_request_id: note.clientRequestId ?? null,
    correlation_id: turn.correlationId ?? null,
  };
}

function viaOf({ messageId, cardId }: AuditTurn, { stage, outcome }: AuditNote): string {
  if (stage === 'ended' && outcome !== 'refused' && outcome !== 'overtaken') return 'bot';
  if (cardId !== undefined) return 'press';
  return messageId !== undefined ? 'message' : 'signIn';
}

interface AuditUpkeepParts {
  readonly entries: AuditLog;
  readonly verify: () => Promise<AuditVerdict>;
  readonly log: Pick<Log, 'error'>;
}

/** A process that follows a sync records its end within minutes. */
const missingAfterMs = 5 * minuteMs;

/**
 * Records ends that nobody recorded when they happened, because a process died or the store was away; erases what is too old; and
 * verifies the chain, so that a break is known before anybody asks.
 */
export function createAuditUpkeep({ entries, verify, log }: AuditUpkeepParts): { prune(now: number): Promise<void> } {
  async function recordMissingEnds(now: number): Promise<void> {
    for (const { entry, outcome } of await entries.listMissingEnds(now - missingAfterMs)) {
      const { seq: _, hash: __, run_id, ...asked } = entry;
      if (run_id === null) continue;
      await entries.appendEnd({
        ...asked,
        run_id,
        at: now,
        via: 'bot',
        stage: 'ended',
        outcome: outcome ?? 'notStarted',
        reason: null,
        request_id: null,
      });
    }
  }

  return {
    async prune(now) {
      await recordMissingEnds(now);
      await entries.prune(now);
      const verdict = await verify();
      if (verdict.kind === 'broken') {
        const { seq, fault } = verdict;
        log.error({ seq, fault }, 'the audit is not as it was written');
      }
      if (verdict.kind === 'unproven') {
        const segments = verdict.unproven.map(({ first, last, keyId }) => ({ first, last: last.seq, keyId }));
        log.error({ segments }, 'a part of the audit was sealed with a key that is not at hand');
      }
    },
  };
}

export interface AuditKeys {
  /** For the chain in the database. */
  readonly seals: AuditSeals;
  /** For exports: Ed25519, the public half in base64 (SPKI). */
  readonly publicKey: string;
  sign(text: string): string;
}

// PKCS #8 puts this before the 32 bytes of an Ed25519 key (RFC 8410 §7).
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Seals of `others` are verified; they seal and sign nothing. */
export function createAuditKeys(deriveKey: DeriveKey, others: readonly DeriveKey[] = []): AuditKeys {
  const { privateKey, publicKey, seal } = keysFrom(deriveKey);
  return {
    seals: { own: seal, others: others.map((other) => keysFrom(other).seal) },
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
  };
}

function keysFrom(deriveKey: DeriveKey) {
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Head, deriveKey(keyPurposes.auditExport)]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  const sealing = createSecretKey(deriveKey(keyPurposes.auditSeal));
  const seal = {
    keyId: fingerprintOf(publicKey),
    sealOf: (text: string) => createHmac('sha256', sealing).update(text).digest('hex'),
  };
  return { privateKey, publicKey, seal };
}

/** Identifies a key, and is short enough to read out. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 32);

/** False also where `publicKey` is no key, or `signature` no signature. */
export function isSigned(text: string, signature: string, publicKey: string): boolean {
  const key = findPublicKey(publicKey);
  return key?.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

function findPublicKey(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
