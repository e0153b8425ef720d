import { GraphError } from '../graph/errors.ts';
import { AppTokenError } from '../identity/app-token.ts';
import type { MonitoringFailure } from './alert.ts';

export interface FailedReading {
  readonly failure: MonitoringFailure;
  /** Graph or Entra asked to be left alone for this long. */
  readonly retryAfterMs?: number;
}

/** Why something could not be read, in what may be stored, shown and logged. */
export function toFailedReading(part: MonitoringFailure['part'], error: unknown): FailedReading {
  if (error instanceof AppTokenError) {
    const { failure: why } = error;
    return {
      failure: { part, reason: why.reason, ...(why.reason === 'refused' && { code: why.code }) },
      ...(why.reason === 'throttled' && waitOf(why)),
    };
  }
  if (error instanceof GraphError) {
    const { reason, neededScopes, status } = error;
    const code = [status, error.code].filter((known) => known !== undefined).join(' ');
    return {
      failure: { part, reason, ...(neededScopes && { neededScopes }), ...(code && { code }) },
      ...waitOf(error),
    };
  }
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  return { failure: { part, reason: isLate ? 'timedOut' : 'unexpected' } };
}

/** Refusals that a token with new rights may overcome: the one in memory still has the old ones. */
export const isRefusal = ({ reason }: MonitoringFailure): boolean =>
  ['missingScope', 'forbidden', 'tokenRejected', 'claimsChallenge'].includes(reason);

/** Nobody needs to mend it: Microsoft is busy or away. */
export const passesByItself = ({ reason }: MonitoringFailure): boolean =>
  ['throttled', 'unavailable', 'timedOut'].includes(reason);

const waitOf = ({ retryAfterMs }: { readonly retryAfterMs?: number | undefined }) =>
  retryAfterMs === undefined ? {} : { retryAfterMs };
