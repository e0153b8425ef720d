/** Languages the bot speaks: Chinese for an activity whose `locale` begins with `zh`, English for all others. */
export type Locale = 'en' | 'zh-CN';

/** The person who reads a card: in which language, when, and by which calendar days are counted: that of UTC where no zone is known. */
export interface Reader {
  readonly locale: Locale;
  /** Epoch milliseconds. */
  readonly now: number;
  /** IANA name. */
  readonly timeZone?: string | undefined;
}

export type ConversationKind = 'personal' | 'groupChat' | 'channel';

/** A place to send messages to, in plain data that may be stored. A channel's `id` carries its thread (`;messageid=`). */
export interface ConversationReference {
  readonly serviceUrl: string;
  readonly id: string;
  readonly kind: ConversationKind;
  readonly tenantId: string;
  readonly bot: { readonly id: string; readonly name: string };
  /** Of a targeted message: only this person and the bot see what is said here, unlike the rest of the group chat or channel. */
  readonly onlyFor?: Pick<Person, 'teamsId' | 'name'>;
}

/** A conversation's id without its thread: card actions and sign-ins belong to the conversation, whichever thread shows them. */
export function conversationRoot(conversationId: string): string {
  const at = conversationId.indexOf(';');
  return at < 0 ? conversationId : conversationId.slice(0, at);
}

export const isTargeted = ({ onlyFor }: Pick<ConversationReference, 'onlyFor'>): boolean => onlyFor !== undefined;

/** The person who acts, taken from the signed activity alone: never from a card, a token or a stored record. */
export interface Person {
  /** Tenant of the conversation they act in. Which tenant Graph is asked for is decided by the assertion's `tid`. */
  readonly tenantId: string;
  readonly aadObjectId: string;
  /** Teams' own id for mentions (`29:…`). */
  readonly teamsId: string;
  readonly name: string;
}

/** A person's Graph access token. Held in memory, never stored in clear, never used for anybody else. */
export interface Session {
  /** The assertion's own tenant: the one that Graph reads and writes. */
  readonly tenantId: string;
  readonly aadObjectId: string;
  /** `preferred_username` or `name` of the assertion, for `whoami`. */
  readonly userName?: string;
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** One message or card action to answer: who, where and in which language. Times are epoch milliseconds. */
export interface Turn {
  readonly person: Person;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly at: number;
  /** Short id that both the log and error replies carry. */
  readonly correlationId: string;
  /** The message to answer, when the turn began with one. */
  readonly messageId?: string;
  /** The message that this one quotes, when it is a quoted reply. */
  readonly quotedId?: string;
  /** The card whose button was pressed: the answer replaces it. */
  readonly cardId?: string;
  /** IANA name of the person's own time zone, where Teams sent it. */
  readonly timeZone?: string;
}

/** A person who gets a card after their turn is over: it counts days in the zone in which they asked. */
export type Requester = Person & Pick<Turn, 'timeZone'>;

export const requesterOf = ({ person, timeZone }: Turn): Requester => ({ ...person, ...(timeZone && { timeZone }) });

/** A command's or card action's answer. Only `src/teams` knows how it is sent. */
export type Reply = TextReply | CardReply | RefusalReply | SignInReply;

interface ReplyBase {
  /** A question that this answer ended: its card becomes that line. */
  readonly collapses?: { readonly cardId: string; readonly text: string };
}

/** Plain text, never read as Markdown. */
export interface TextReply extends ReplyBase {
  readonly kind: 'text';
  readonly text: string;
}

export const textReply = (text: string): TextReply => ({ kind: 'text', text });

export interface CardReply extends ReplyBase {
  readonly kind: 'card';
  readonly card: CardContent;
  /** One line for toasts and screen readers. */
  readonly summary: string;
  /** Record behind the card's buttons. */
  readonly recordId?: string;
  /** Sync run that goes on editing the sent card. */
  readonly runId?: string;
  /** Batch of sync runs that go on editing the sent card. */
  readonly batchId?: string;
  /** Lines to tap that people may say next; shown in personal chats alone. */
  readonly suggestions?: readonly string[];
  /** Sign-in request whose answer will replace the sent card. */
  readonly continues?: string;
}

/** The reason why nothing was done, as a card of its own, or as text where it must not replace a card that others see. */
export interface RefusalReply extends ReplyBase {
  readonly kind: 'refusal';
  readonly card: CardContent;
  readonly summary: string;
  readonly text: string;
}

/** The person must sign in before the command goes on; the stored request resumes that command only. */
export interface SignInReply extends ReplyBase {
  readonly kind: 'signIn';
  readonly requestId: string;
  readonly text: string;
  /** `silent`: their client may answer on its own. `button`: only a sign-in window helps. */
  readonly how: 'silent' | 'button';
}

/** An Adaptive Card as JSON, ready to be sent. Made by `render` alone. */
export type CardContent = { readonly type: 'AdaptiveCard'; readonly version: string } & Readonly<
  Record<string, unknown>
>;

/** An answer that a person still waits for, as stored while it is worked on. */
export interface PendingReply {
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  /** Their message; absent for a card action. */
  readonly messageId?: string;
  /** The card that the answer replaces. */
  readonly cardId?: string;
  /** Entra object id. */
  readonly personId: string;
  /** When the turn began, in epoch milliseconds. */
  readonly at: number;
}

/** An error whose message is shown to the person word for word. Any other error is logged and answered with a general sentence. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** More was asked at once than can be done in time; nothing is broken. Asking again in a moment helps. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/**
 * The reason why a message could not be sent or edited, for senders to branch on.
 * `passing`: a retry may succeed. `messageGone`: the message to edit was deleted. `closed`: Teams accepts nothing from the bot in
 * that conversation until something changes there. `refused`: Teams will never accept this very message.
 */
export type SendingFault = 'passing' | 'messageGone' | 'closed' | 'refused';

export interface SendingDetails {
  /** Present when Teams asked to wait. */
  readonly retryAfterMs?: number | undefined;
  /** Teams may have accepted the message anyway: a retry could post it twice. */
  readonly mayBeTaken?: boolean;
  readonly cause?: unknown;
}

/** True when Teams did not find the conversation, which it may find again within minutes. */
export const isConversationUnknown = (error: SendingError): boolean =>
  error.fault === 'passing' && error.code === 'ConversationNotFound';

/** A message could not be sent or edited. Thrown by src/teams. */
export class SendingError extends Error {
  override readonly name: string = 'SendingError';
  readonly fault: SendingFault;
  /** Teams' own code, or the HTTP status. */
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly mayBeTaken: boolean;

  constructor(fault: SendingFault, code: string, { retryAfterMs, mayBeTaken = false, cause }: SendingDetails = {}) {
    super(`Teams did not take a message: ${fault} (${code})`, { cause });
    this.fault = fault;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.mayBeTaken = mayBeTaken;
  }
}
