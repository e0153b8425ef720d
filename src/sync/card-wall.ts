import type { CardReply, ConversationReference, Person } from '../domain/turn.ts';

/** Where cards stand and can be written anew; implemented by src/teams. Rejects with a SendingError. */
export interface CardWall {
  /** Writes on the card, or sends a new one when there is none or it is gone. Resolves to the card's id. */
  write(
    conversation: ConversationReference,
    cardId: string | undefined,
    reply: CardReply,
    replyToId?: string,
  ): Promise<string | undefined>;
  /** Writes on the card or does not, tried once: for what is overtaken soon. In order with all else that is written on it. */
  tryWriting(conversation: ConversationReference, cardId: string, reply: CardReply): Promise<void>;
  /** One line that mentions a person, because edits notify nobody. */
  mention(conversation: ConversationReference, person: Person, text: string, replyToId?: string): Promise<void>;
}

/** Teams' own advice for cards that show progress. */
export const cardEditEveryMs = 3_000;

/** People look away from what takes longer than this; then they are called back. */
export const callBackAfterMs = 30_000;
