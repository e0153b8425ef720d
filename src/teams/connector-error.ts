import { SendingError, type SendingFault } from '../domain/turn.ts';

export interface ConnectorErrorParts {
  /**
   * `refused`: Teams answered `status`. `unreachable`: no answer in time; Teams may have accepted the message. The others were never
   * sent: `addressRefused`: not one of Teams' addresses; `tenantRefused`: not a configured tenant; `noToken`: Entra gave the bot none;
   * `noRoom`: Teams' limits leave none for now.
   */
  readonly reason: 'refused' | 'unreachable' | 'addressRefused' | 'tenantRefused' | 'noToken' | 'noRoom';
  readonly status?: number;
  /** Teams' own `error.code`, such as `ActivityNotFoundInConversation`. */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A call to Teams' connector failed. */
export class ConnectorError extends SendingError {
  override readonly name = 'ConnectorError';
  readonly reason: ConnectorErrorParts['reason'];
  readonly status: number | undefined;

  constructor(parts: ConnectorErrorParts) {
    const { reason, status, code, retryAfterMs, cause } = parts;
    const details = { retryAfterMs, cause, mayBeTaken: mayBeTaken(parts) };
    super(faultOf(parts), code ?? String(status ?? reason), details);
    this.reason = reason;
    this.status = status;
  }
}

/**
 * A 401 without a code of its own is the bot's trouble (its secret, Entra, a clock), not the conversation's, and a 500 is Teams'. An
 * unknown 403 counts as closed, because then the subscriber is notified. A tenant that was left out of the configuration may be back
 * tomorrow, so nothing there is given up at once.
 */
function faultOf({ reason, status = 0, code = '' }: ConnectorErrorParts): SendingFault {
  if (reason === 'addressRefused') return 'closed';
  if (reason !== 'refused') return 'passing';
  if (status === 404 && goneCodes.has(code)) return 'messageGone';
  if (closedCodes.has(code) || status === 403) return 'closed';
  // Teams answers so now and then for a conversation that is there.
  if (code === 'ConversationNotFound') return 'passing';
  return passingStatuses.has(status) || status >= 500 ? 'passing' : 'refused';
}

/** The message is gone; others of the conversation may be there. */
const goneCodes: ReadonlySet<string> = new Set([
  'ActivityNotFoundInConversation',
  'MessageNotFound',
  'ActivityNotFound',
]);

/** Teams accepts nothing from the bot there. Source: Teams bot status codes, conversation APIs. */
const closedCodes: ReadonlySet<string> = new Set([
  'BotNotInConversationRoster',
  'ConversationBlockedByUser',
  'BotDisabledByAdmin',
  'ForbiddenOperationException',
  'NotEnoughPermissions',
  'InvalidBotApiHost',
  'MessageWritesBlocked',
  'BotNotRegistered',
]);

/** Teams documents 412, 429, 502, 503 and 504 as worth a retry. */
const passingStatuses: ReadonlySet<number> = new Set([401, 408, 412, 429]);

/** True when Teams may have accepted the message although the call failed. */
function mayBeTaken({ reason, status = 0, cause }: ConnectorErrorParts): boolean {
  return reason === 'unreachable' ? !neverConnected(cause) : status >= 500 || status === 408;
}

/** The system call that failed says so; several of them, one for each address of a name, are an AggregateError. */
const neverConnected = (cause: unknown): boolean =>
  cause instanceof AggregateError ||
  (cause instanceof Error && 'syscall' in cause && (cause.syscall === 'connect' || cause.syscall === 'getaddrinfo'));
