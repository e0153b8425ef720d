import type { CardReply, ConversationReference, Reply, Turn } from '../domain/turn.ts';
import type { Log } from '../lib/runtime.ts';
import type { Background } from '../lib/worker.ts';
import type { CardSent } from '../sync/card-messenger.ts';
import type { Outbox } from './outbox.ts';

interface DeliverParts {
  readonly outbox: Outbox;
  readonly runs: { setCard(runId: string, cardId: string): Promise<void> };
  readonly batches: { setCard(batchId: string, cardId: string): Promise<void> };
  readonly requests: { setCard(requestId: string, cardId: string): Promise<void> };
  readonly cardSent: CardSent;
  readonly log: Log;
}

/**
 * Sends a turn's reply where it belongs: onto its card, or as an answer to its message. Whatever goes on writing on that card is
 * given its id. Never rejects.
 */
export function createDeliver(parts: DeliverParts): (turn: Turn, reply: Reply) => Promise<void> {
  const { outbox, runs, batches, requests, cardSent, log } = parts;

  return async (turn, reply) => {
    const { runId, batchId, continues }: Partial<CardReply> = reply.kind === 'card' ? reply : {};
    let id: string | undefined;
    try {
      id =
        turn.cardId !== undefined && reply.kind !== 'signIn'
          ? await outbox.replace(turn.conversation, turn.locale, turn.cardId, reply, turn.messageId)
          : await outbox.send(turn.conversation, turn.locale, reply, turn.messageId);
      if (id === undefined) return;
      if (runId) await runs.setCard(runId, id);
      if (batchId) await batches.setCard(batchId, id);
      if (continues) await requests.setCard(continues, id);
    } catch (error) {
      log.error({ err: error, correlationId: turn.correlationId }, 'an answer could not be delivered');
    } finally {
      for (const followed of [runId, batchId]) if (followed) cardSent.record(followed, id);
    }
  };
}

export type WhileTyping = <T>(conversation: ConversationReference, work: () => Promise<T>) => Promise<T>;

/** Teams asks for an answer or a typing sign within 2 s; clients hide the sign after some seconds. */
const firstTypingMs = 1_000;
const typingEveryMs = 5_000;
const mostTypings = 24;

/** Shows a typing sign while the work lasts, two minutes at most. A sign that cannot be sent does not matter. */
export function createWhileTyping(outbox: Outbox, background: Background): WhileTyping {
  return async (conversation, work) => {
    let shown = 0;
    const show = () => {
      shown += 1;
      background.run(outbox.typing(conversation).catch(() => undefined));
      if (shown < mostTypings) timer = setTimeout(show, typingEveryMs);
    };
    let timer = setTimeout(show, firstTypingMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  };
}
