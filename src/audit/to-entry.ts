import type { AuditNote, AuditTurn } from '../domain/audit-note.ts';
import type { NewAuditEntry } from '../store/audit-head.ts';

/** A note as it is stored. */
export function toEntry(turn: AuditTurn, note: AuditNote, at: number): NewAuditEntry {
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
