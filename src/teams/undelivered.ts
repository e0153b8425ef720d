import { UndeliveredError } from '../sync/undelivered-error.ts';
import { ConnectorError } from './connector-error.ts';

/** Statuses that pass by themselves; Teams refuses with any other for good. */
const passing: ReadonlySet<number> = new Set([408, 412, 429]);
/** Before the connection was made, so that nothing can have been taken. */
const beforeSending: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * What came of a failed send or edit, for whoever may try again. 401 passes unless the bot is unknown: a token may be the matter.
 * A failure that is not the connector's own, such as no token for it, happened before anything was sent.
 * Source: facts of Teams, terminal errors: 403, 404 and 400 end it; 429, 412 and 5xx pass.
 */
export function toUndelivered(error: unknown): UndeliveredError {
  if (!(error instanceof ConnectorError)) {
    return new UndeliveredError({ isWorthRepeating: true, mayBeTaken: false, cause: error });
  }
  const { reason, status = 0, code, retryAfterMs, cause } = error;
  const unanswered = reason === 'unreachable';
  const unsent = reason === 'noToken' || reason === 'noRoom';
  return new UndeliveredError({
    isWorthRepeating:
      unanswered || unsent || passing.has(status) || status >= 500 || (status === 401 && code !== 'BotNotRegistered'),
    mayBeTaken: unanswered ? !beforeSending.has(codeOf(cause)) : status >= 500 || status === 408,
    retryAfterMs,
    cause: error,
  });
}

/** Fetch hides what the network said one level down. */
function codeOf(cause: unknown): unknown {
  const inner = cause instanceof Error ? cause.cause : undefined;
  return typeof inner === 'object' && inner !== null && 'code' in inner ? inner.code : undefined;
}
