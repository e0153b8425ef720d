import type { CardContent, ConversationReference, Person } from '../domain/turn.ts';

/** A card with the one line that toasts and screen readers say of it. */
export interface Poster {
  readonly card: CardContent;
  readonly summary: string;
}

/** Why several alerts are told on one card: they were open before, too many came at once, or they waited for the end of quiet hours. */
export type DigestReason = 'standing' | 'burst' | 'morning';

/** A message that stands in Teams. */
export interface Posted {
  readonly messageId: string;
  /** The conversation id that replies to it go to. */
  readonly threadId: string;
}

/**
 * Where alerts are put up; implemented by src/teams. One try per call: whoever calls tries again. Every call waits for room under
 * Teams' limits first, and rejects with a SendingError alone, `noRoom` when there was none within a few seconds or the signal aborted.
 */
export interface AlertWall {
  /** A message of its own; in a channel it begins a thread. Undefined when Teams took it and did not say what it is called. */
  post(conversation: ConversationReference, poster: Poster, signal?: AbortSignal): Promise<Posted | undefined>;
  /** Writes over a message of the bot's own; notifies nobody. */
  edit(
    conversation: ConversationReference,
    threadId: string,
    messageId: string,
    poster: Poster,
    signal?: AbortSignal,
  ): Promise<void>;
  /** One line in that thread. */
  reply(conversation: ConversationReference, threadId: string, text: string, signal?: AbortSignal): Promise<void>;
  /** The person's chat with the bot, found or begun the way `through` was: the same bot at the same address. */
  openPersonal(person: Person, through: ConversationReference): Promise<ConversationReference>;
}
