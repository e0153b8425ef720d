import { type AuditNote, type AuditTurn, NotAuditedError } from '../domain/audit-note.ts';
import { GraphError } from '../graph/errors.ts';
import type { AuditLog } from '../store/audit-log.ts';
import { toEntry } from './to-entry.ts';

export interface Audit {
  /** Keeps what happened. Never rejects: what cannot be stored is logged and counted, and the work goes on. */
  note(turn: AuditTurn, note: AuditNote): Promise<void>;
  /** Keeps what is about to happen. Rejects with NotAuditedError when it is not stored: then it must not happen. */
  noteFirst(turn: AuditTurn, note: AuditNote): Promise<void>;
  /** Keeps that it was refused and why. An error that passes through several hands is kept once, by the first, who knows most. */
  noteError(turn: AuditTurn, note: Attempted, error: unknown): Promise<void>;
}

/** A note without what came of it. `stage` is `ended` where the start was kept already. */
export type Attempted = Pick<AuditNote, 'action' | 'token' | 'runId' | 'clientRequestId'> & {
  readonly stage?: 'asked' | 'ended';
};

export interface AuditParts {
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

  async function noteFirst(turn: AuditTurn, note: AuditNote): Promise<void> {
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
    await noteFirst(turn, kept).catch(() => undefined);
  }

  return {
    note,
    noteFirst,
    async noteError(turn, attempted, error) {
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
