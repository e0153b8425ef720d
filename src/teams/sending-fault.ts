import type { SendingFault } from '../domain/turn.ts';
import type { ConnectorErrorParts } from './connector-error.ts';

/** Teams names 412, 429, 502, 503 and 504 to be tried again. 401: see below. */
const passing: ReadonlySet<number> = new Set([401, 408, 412, 429]);

/** The message is not there (any more); other messages of the conversation may be. */
const goneCodes: ReadonlySet<string> = new Set([
  ...['ActivityNotFoundInConversation', 'MessageNotFound', 'ActivityNotFound'],
]);

/** By these Teams says that nothing of the bot is taken there. Source: Teams bot status codes, conversation APIs. */
const closedCodes: ReadonlySet<string> = new Set([
  ...['BotNotInConversationRoster', 'ConversationBlockedByUser', 'BotDisabledByAdmin', 'ForbiddenOperationException'],
  ...['NotEnoughPermissions', 'InvalidBotApiHost', 'MessageWritesBlocked', 'ConversationNotFound', 'BotNotRegistered'],
]);

/**
 * What a failed call means to who wanted it. A 401 without a code of its own is the bot's own trouble (its secret, Entra, a clock) and
 * no fault of the conversation; a 500 is Teams'. A 403 that nobody has described is taken like the others: somebody is told then.
 * A tenant that was left out of the configuration may come back tomorrow, so nothing there is given up at once.
 */
export function faultOf({ reason, status = 0, code = '' }: ConnectorErrorParts): SendingFault {
  if (reason === 'addressRefused') return 'closed';
  if (reason !== 'refused') return 'passing';
  if (status === 404 && goneCodes.has(code)) return 'messageGone';
  if (closedCodes.has(code) || status === 403) return 'closed';
  return passing.has(status) || status >= 500 ? 'passing' : 'refused';
}

/** Before the connection was made, so that nothing can have been taken. */
const beforeSending: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** Whether a call that failed may have done what it was for. */
export function mayBeTaken({ reason, status = 0, cause }: ConnectorErrorParts): boolean {
  return reason === 'unreachable' ? !beforeSending.has(codeOf(cause)) : status >= 500 || status === 408;
}

/** Fetch hides what the network said one level down. */
function codeOf(cause: unknown): unknown {
  const inner = cause instanceof Error ? cause.cause : undefined;
  return typeof inner === 'object' && inner !== null && 'code' in inner ? inner.code : undefined;
}
