import type { CardContent, ConversationReference, Person } from '../domain/turn.ts';

/** A card with the one line that toasts and screen readers show for it. */
export interface CardMessage {
  readonly card: CardContent;
  readonly summary: string;
}

interface PostedMessage {
  readonly messageId: string;
  /** The conversation id that replies to the message go to. */
  readonly threadId: string;
}

/**
 * Messages about alerts in Teams; implemented by src/teams. Every call is one attempt, which the caller retries. It waits for room
 * under Teams' limits first, and rejects only with a SendingError: `noRoom` when there was none within a few seconds or the signal
 * aborted.
 */
export interface AlertMessenger {
  /** Posts a new message; in a channel it begins a thread. Undefined when Teams accepted it without giving its id. */
  post(
    conversation: ConversationReference,
    message: CardMessage,
    signal?: AbortSignal,
  ): Promise<PostedMessage | undefined>;
  /** Replaces one of the bot's own messages; notifies nobody. */
  edit(
    conversation: ConversationReference,
    threadId: string,
    messageId: string,
    message: CardMessage,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Posts one line into a thread. */
  reply(conversation: ConversationReference, threadId: string, text: string, signal?: AbortSignal): Promise<void>;
  /** Opens the person's chat with the bot, with the bot and service URL of `through`. */
  openPersonal(person: Person, through: ConversationReference): Promise<ConversationReference>;
}
