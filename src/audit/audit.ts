import type { Config } from '../config.ts';
import { type AuditNote, type AuditTurn, NotAuditedError } from '../domain/audit-note.ts';
import { GraphError } from '../domain/graph.ts';
import { createDeriveKey, listOtherDeriveKeys } from '../identity/keys.ts';
import type { Log } from '../lib/runtime.ts';
import { minuteMs } from '../lib/time.ts';
import { type AuditLog, createAuditLog, type NewAuditEntry } from '../store/audit-log.ts';
import type { Db } from '../store/schema.ts';
import { createAuditKeys } from './keys.ts';
import { type ChainVerifier, createChainVerifier } from './verify.ts';

export interface Audit {
  /** Keeps what happened. Never rejects: what cannot be stored is logged and counted, and the work goes on. */
  record(turn: AuditTurn, note: AuditNote): Promise<void>;
  /** Keeps what is about to happen. Rejects with NotAuditedError when it is not stored: then it must not happen. */
  recordBefore(turn: AuditTurn, note: AuditNote): Promise<void>;
  /** Keeps that it was refused and why. An error that passes through several hands is kept once, by the first, who knows most. */
  recordFailure(turn: AuditTurn, note: Attempted, error: unknown): Promise<void>;
}

/** A note without what came of it. `stage` is `ended` where the start was kept already. */
export type Attempted = Pick<AuditNote, 'action' | 'token' | 'runId' | 'clientRequestId'> & {
  readonly stage?: 'asked' | 'ended';
};

interface AuditParts {
  readonly entries: Pick<AuditLog, 'append' | 'appendEnd'>;
  readonly now: () => number;
  readonly log: { error(fields: object, message: string): void };
  /** Counts what could not be stored. */
  readonly onFailure: () => void;
}

export function createAudit({ entries, now, log, onFailure }: AuditParts): Audit {
  const kept = new WeakSet<object>();

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

  async function note(turn: AuditTurn, kept: AuditNote): Promise<void> {
    await recordBefore(turn, kept).catch(() => undefined);
  }

  return {
    record: note,
    recordBefore: recordBefore,
    async recordFailure(turn, attempted, error) {
      if (typeof error === 'object' && error !== null) {
        if (kept.has(error)) return;
        kept.add(error);
      }
      await note(turn, { ...attempted, outcome: 'refused', ...causeOf(error) } as AuditNote);
    },
  };
}

function causeOf(error: unknown): Pick<AuditNote, 'reason' | 'requestId' | 'clientRequestId'> {
  if (error instanceof NotAuditedError) return { reason: 'notAudited' };
  if (!(error instanceof GraphError)) return { reason: 'unexpected' };
  const { reason, requestId, clientRequestId } = error;
  return { reason, clientRequestId, ...(requestId && { requestId }) };
}

/** A note as it is stored. */
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

interface KeepAuditParts {
  readonly entries: Pick<AuditLog, 'prune' | 'listUntoldEnds' | 'appendEnd'>;
  readonly verifier: ChainVerifier;
  readonly log: { error(fields: object, message: string): void };
}

/** Younger ones are told by whoever is at work on them. */
const untoldAfterMs = 5 * minuteMs;

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

interface AuditsParts {
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
