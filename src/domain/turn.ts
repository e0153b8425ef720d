/** Who waits for an answer, and where it goes. */
export interface PendingReply {
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  /** What they said, when they said something. */
  readonly messageId?: string;
  /** Entra object id. */
  readonly personId: string;
  /** Epoch milliseconds of the beginning of the turn. */
  readonly at: number;
}

/** A person's right to ask Graph, for one turn. Held in memory, never stored in clear, never used for anybody else. */
export interface Session {
  /** The assertion's own tenant: the one whose Graph answers. */
  readonly tenantId: string;
  readonly aadObjectId: string;
  /** `preferred_username` or `name` of the assertion, for `whoami`. */
  readonly userName?: string;
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Languages the bot speaks; every activity's `locale` beginning with `zh` is Chinese, all else English. */
export type Locale = 'en' | 'zh-CN';

export type ConversationKind = 'personal' | 'groupChat' | 'channel';

/** Where messages can be sent, in plain data that may be stored. A channel's `id` carries its thread (`;messageid=`). */
export interface ConversationReference {
  readonly serviceUrl: string;
  readonly id: string;
  readonly kind: ConversationKind;
  readonly tenantId: string;
  readonly bot: { readonly id: string; readonly name: string };
}

/** Who acts, as the channel's signed activity says: never taken from a card, a token or a stored record. */
export interface Person {
  /** Tenant of the conversation they act in; the assertion's own `tid` decides which tenant Graph is asked for. */
  readonly tenantId: string;
  readonly aadObjectId: string;
  /** Teams' own id for mentions (`29:…`). */
  readonly teamsId: string;
  readonly name: string;
}

/** What every feature knows of the conversation it answers in. Times are epoch milliseconds. */
export interface Turn {
  readonly person: Person;
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly at: number;
  /** Short id that stands in the log and in what the person is told. */
  readonly correlationId: string;
  /** The message being answered, when the turn began with one. */
  readonly messageId?: string;
  /** The card whose button was pressed: the answer is written on it. */
  readonly cardId?: string;
  /** IANA name of the person's own time zone, where Teams told it. */
  readonly timeZone?: string;
}

/** A feature's answer. `src/teams` alone knows how it is sent. */
export type Reply = TextReply | CardReply | RefusalReply | SignInReply;

/** Plain text, never read as Markdown. */
export interface TextReply {
  readonly kind: 'text';
  readonly text: string;
}

export interface CardReply {
  readonly kind: 'card';
  readonly card: CardContent;
  /** One line for toasts and screen readers. */
  readonly summary: string;
  /** Sync run that goes on writing on the sent card. */
  readonly runId?: string;
  /** Batch of sync runs that go on writing on the sent card. */
  readonly batchId?: string;
  /** Sign-in request whose answer will be written on the sent card. */
  readonly continues?: string;
}

/** Why nothing was done, as a card of its own; as text where it must not replace a card that others see. */
export interface RefusalReply {
  readonly kind: 'refusal';
  readonly card: CardContent;
  readonly summary: string;
  readonly text: string;
}

/** The person must sign in before the command goes on; the request is stored and resumes that command alone. */
export interface SignInReply {
  readonly kind: 'signIn';
  readonly requestId: string;
  readonly text: string;
  /** `silent`: their client may answer by itself. `button`: only a sign-in window helps. */
  readonly how: 'silent' | 'button';
}

/** An Adaptive Card as JSON, ready to be sent. Made by `render` alone. */
export type CardContent = { readonly type: 'AdaptiveCard'; readonly version: string } & Readonly<
  Record<string, unknown>
>;

/** A conversation's id without its thread: presses and sign-ins belong to the conversation, whichever thread shows them. */
export function conversationRoot(conversationId: string): string {
  const at = conversationId.indexOf(';');
  return at < 0 ? conversationId : conversationId.slice(0, at);
}

/** An error whose message is meant for the person and shown word for word. Everything else is ours: logged, told plainly. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/**
 * Why a message could not be sent or edited: what senders branch on.
 * `passing`: it may go through later. `messageGone`: the message to be edited is not there any more. `closed`: Teams takes nothing
 * from the bot in that conversation until something changes there. `refused`: this very message will never be taken.
 */
export type SendingFault = 'passing' | 'messageGone' | 'closed' | 'refused';

export interface SendingDetails {
  /** When Teams named a time. */
  readonly retryAfterMs?: number | undefined;
  /** It may have been taken all the same: saying it again could show it twice. */
  readonly mayBeTaken?: boolean;
  readonly cause?: unknown;
}

/** A message could not be sent or edited; thrown by src/teams, read by whoever asked for the message. */
export class SendingError extends Error {
  override readonly name: string = 'SendingError';
  readonly fault: SendingFault;
  /** Teams' own code, or the status. */
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
