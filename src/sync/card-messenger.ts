import type { CardReply, ConversationReference, Person } from '../domain/turn.ts';
import { within } from '../lib/async.ts';
import type { Runtime } from '../lib/runtime.ts';

/** The cards of syncs in Teams; implemented by src/teams. Every call rejects with a SendingError. */
export interface CardMessenger {
  /** Edits the card; posts a new one when there is none or it is gone. Resolves to the card's id. */
  write(
    conversation: ConversationReference,
    cardId: string | undefined,
    reply: CardReply,
    replyToId?: string,
  ): Promise<string | undefined>;
  /** Edits the card, once: for what is overtaken soon. Keeps the order of all other edits of that card. */
  tryWriting(conversation: ConversationReference, cardId: string, reply: CardReply): Promise<void>;
  /** One line that mentions a person, because edits notify nobody. */
  mention(conversation: ConversationReference, person: Person, text: string, replyToId?: string): Promise<void>;
}

/** Teams' own advice for cards that show progress. */
export const cardEditEveryMs = 3_000;

/** People look away from what takes longer than this, so its end mentions them. */
export const mentionAfterMs = 30_000;

export interface CardSent {
  /** Called once the first card of a run or batch was sent, or could not be: then without an id. */
  record(id: string, cardId?: string): void;
  /** Resolves to the card's id once that was recorded, or after 20 s: a receipt must not wait for ever. */
  waitFor(id: string): Promise<string | undefined>;
  /** Nobody will wait for it. */
  forget(id: string): void;
}

const longestWaitForCardMs = 20_000;

/** A sync may end before its first card was sent; its receipt then waits here for the card it is to be written on. */
export function createCardSent({ wait }: Runtime): CardSent {
  const sent = new Map<string, PromiseWithResolvers<string | undefined>>();

  function of(id: string) {
    const known = sent.get(id) ?? Promise.withResolvers<string | undefined>();
    sent.set(id, known);
    return known;
  }

  return {
    record: (id, cardId) => of(id).resolve(cardId),
    async waitFor(id) {
      const cardId = await within(longestWaitForCardMs, of(id).promise, wait);
      sent.delete(id);
      return cardId;
    },
    forget: (id) => void sent.delete(id),
  };
}
