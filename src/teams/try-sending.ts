import type { SendingOutcome } from '../doctor/checks.ts';
import type { ConversationReference } from '../domain/turn.ts';
import { ConnectorError } from './connector-error.ts';
import type { Outbox } from './outbox.ts';

/** Whether Teams takes what the bot sends: a typing sign tells, and is gone by itself. Never rejects. */
export async function trySending(
  outbox: Pick<Outbox, 'typing'>,
  conversation: ConversationReference,
): Promise<SendingOutcome> {
  try {
    await outbox.typing(conversation);
    return { kind: 'taken' };
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.reason === 'noToken')
      return { kind: 'refused', status: 'no token for Teams' };
    if (error.reason === 'unreachable') return { kind: 'unreachable' };
    return { kind: 'refused', status: [...new Set([String(error.status ?? error.reason), error.code])].join(' ') };
  }
}
