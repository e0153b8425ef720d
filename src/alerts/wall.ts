import type { CardContent } from '../cards/card-content.ts';
import type { ConversationReference } from '../turn.ts';

/** A card with the one line that toasts and screen readers say of it. */
export interface Poster {
  readonly card: CardContent;
  readonly summary: string;
}

/** Where alerts are put up; implemented by src/teams. Every call rejects with a SendingError alone. */
export interface AlertWall {
  /** A message of its own; in a channel it begins a thread. `threadId` is the conversation id that replies go to. */
  post(conversation: ConversationReference, poster: Poster): Promise<{ messageId: string; threadId: string }>;
  /** Writes over a message of the bot's own; notifies nobody. */
  edit(conversation: ConversationReference, threadId: string, messageId: string, poster: Poster): Promise<void>;
  /** One line in that thread. */
  reply(conversation: ConversationReference, threadId: string, text: string): Promise<void>;
}
