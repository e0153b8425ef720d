import type { CardReply, Reply, Turn } from '../domain/turn.ts';
import type { CardSent } from '../sync/card-messenger.ts';
import type { Outbox } from './outbox.ts';

export interface DeliverParts {
  readonly outbox: Outbox;
  readonly cardSent: CardSent;
  readonly setRunCard: (runId: string, cardId: string) => Promise<void>;
  readonly setBatchCard: (batchId: string, cardId: string) => Promise<void>;
  readonly setContinueCard: (requestId: string, cardId: string) => Promise<void>;
  readonly log: { error(fields: object, message: string): void };
}

/** Sends a turn's reply where it belongs, on its card or as an answer to its message, and tells whoever goes on writing on it. */
export function createDeliver(parts: DeliverParts): (turn: Turn, reply: Reply) => Promise<void> {
  const { outbox, cardSent } = parts;

  return async (turn, reply) => {
    const { runId, batchId }: Partial<CardReply> = reply.kind === 'card' ? reply : {};
    let id: string | undefined;
    try {
      id =
        turn.cardId !== undefined && reply.kind !== 'signIn'
          ? await outbox.replace(turn.conversation, turn.locale, turn.cardId, reply, turn.messageId)
          : await outbox.send(turn.conversation, turn.locale, reply, turn.messageId);
      if (id === undefined || reply.kind !== 'card') return;
      if (runId) await parts.setRunCard(runId, id);
      if (batchId) await parts.setBatchCard(batchId, id);
      if (reply.continues) await parts.setContinueCard(reply.continues, id);
    } catch (error) {
      parts.log.error({ err: error, correlationId: turn.correlationId }, 'an answer could not be delivered');
    } finally {
      for (const followed of [runId, batchId]) if (followed) cardSent.announce(followed, id);
    }
  };
}
