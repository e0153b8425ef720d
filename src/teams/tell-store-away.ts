import { refuse } from '../dialogs/refuse.ts';
import { textsFor } from '../i18n/texts.ts';
import type { InboundActivity } from './inbound-activity.ts';
import { type InvokeAnswer, invokeMessage } from './invoke-answer.ts';
import type { Outbox } from './outbox.ts';
import { findTurn } from './to-turn.ts';

export interface TellStoreAwayParts {
  readonly outbox: Pick<Outbox, 'send'>;
  readonly now: () => number;
  readonly log: { error(fields: object, message: string): void };
}

/**
 * Answers an activity of which the store could not say whether it came before. Nothing is done for it, because it might be done
 * twice; who said or pressed something is told so. Undefined when there is nobody to tell.
 */
export function createTellStoreAway({ outbox, now, log }: TellStoreAwayParts) {
  return async (activity: InboundActivity, error: unknown): Promise<InvokeAnswer | undefined> => {
    const turn = findTurn(activity, now());
    if (!turn) return undefined;
    log.error({ err: error, correlationId: turn.correlationId }, 'nothing was done: the store did not answer');
    const reply = refuse(turn, textsFor(turn.locale).errors.storeAway);
    if (activity.type === 'message') {
      await outbox.send(turn.conversation, turn.locale, reply, activity.id);
      return { status: 200, body: {} };
    }
    return activity.name === 'adaptiveCard/action' ? invokeMessage(reply.text) : undefined;
  };
}
