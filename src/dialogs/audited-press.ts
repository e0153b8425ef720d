import type { AuditAction, AuditNote } from '../domain/audit-note.ts';
import type { PressRecord } from '../store/card-records.ts';
import type { Choice } from './choose.ts';
import type { Press, PressHandler } from './press.ts';

export const cancelVerb = 'dialog/cancel';

/** What can be cancelled: a question or a plan. */
export const isDialog = ({ kind }: PressRecord): boolean => kind === 'choice' || kind === 'plan';

/** What the audit calls a press, and the token it would have been about; undefined for one that only looks. */
export function auditedPress(
  handlers: Readonly<Record<string, PressHandler>>,
  press: Press,
  record: PressRecord | undefined,
): Pick<AuditNote, 'action' | 'token'> | undefined {
  if (press.verb === cancelVerb && record && isDialog(record)) {
    const action = actionCancelled(handlers, record);
    return action && { action };
  }
  const handler = Object.hasOwn(handlers, press.verb) ? handlers[press.verb] : undefined;
  if (!handler) return { action: 'press' };
  if (!handler.audits) return undefined;
  const token = record?.kind === handler.kind ? handler.tokenOf?.(record, press.inputs) : undefined;
  return { action: handler.audits, ...(token && { token }) };
}

function actionCancelled(
  handlers: Readonly<Record<string, PressHandler>>,
  record: PressRecord,
): AuditAction | undefined {
  if (record.kind === 'plan') return 'syncAll';
  const verb = `${(record.payload as Choice).command}/choose`;
  return Object.hasOwn(handlers, verb) ? handlers[verb]?.audits : undefined;
}
