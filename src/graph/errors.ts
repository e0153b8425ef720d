import { retryAfterToMs } from '../lib/retry.ts';
import { findClaims } from './claims-challenge.ts';
import { type ErrorBody, readErrorBody } from './error-body.ts';

/** Why a Graph call brought nothing: what callers branch on, in an exhaustive switch. */
export type GraphErrorReason =
  /** 400 and every 4xx without a reason of its own: asking again changes nothing. */
  | 'badRequest'
  /** 401, also with a newly acquired token. */
  | 'tokenRejected'
  /** 401 that asks for more proof; `claims` go unchanged into the next token request. */
  | 'claimsChallenge'
  /** `neededScopes` names the permissions of which one would do. */
  | 'missingScope'
  /** Role, licence or scope tag: the body does not tell which. */
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  /** `retryAfterMs` is there when Graph named a time. */
  | 'throttled'
  /** 5xx, no connection, connection lost. Never of a POST that may have arrived. */
  | 'unavailable'
  | 'timedOut'
  /** An answer that is not what was asked for: HTML, cut off, wrong shape, redirect, foreign next page. */
  | 'unreadable'
  /** A POST whose outcome is unknown. Look before doing it again. */
  | 'mayHaveStarted';

/** What is known of a failed call. Nothing in it holds a token, an address or a raw body, so it may be logged. */
export interface GraphErrorFacts {
  /** Sent with every attempt of the call; `not sent` when the call was refused here. */
  readonly clientRequestId: string;
  readonly status?: number;
  /** Graph's own code, or the network's (`ECONNRESET`). */
  readonly code?: string;
  readonly requestId?: string;
  /** Intune's id of the call, for its support. */
  readonly activityId?: string;
  readonly retryAfterMs?: number;
  readonly neededScopes?: readonly string[];
  /** One sentence of Graph's, at most 300 characters, without addresses, hosts or JSON. English, for a details fold. */
  readonly detail?: string;
  /** JSON text. */
  readonly claims?: string;
}

export class GraphError extends Error implements GraphErrorFacts {
  override readonly name = 'GraphError';
  readonly reason: GraphErrorReason;
  declare readonly clientRequestId: string;
  declare readonly status?: number;
  declare readonly code?: string;
  declare readonly requestId?: string;
  declare readonly activityId?: string;
  declare readonly retryAfterMs?: number;
  declare readonly neededScopes?: readonly string[];
  declare readonly detail?: string;
  declare readonly claims?: string;

  constructor(reason: GraphErrorReason, facts: GraphErrorFacts) {
    const known = [facts.status, facts.code].filter((part) => part !== undefined).join(' ');
    super(`Microsoft Graph: ${reason}${known && ` (${known})`}`);
    Object.assign(this, facts);
    // After the facts, which may be those of another GraphError.
    this.reason = reason;
  }
}

/** Graph's own id of a request, for Microsoft's support. */
export const findRequestId = (headers: Headers): string | undefined =>
  headers.get('request-id')?.match(/^[0-9a-f-]{8,64}$/i)?.[0];

export interface DecodeContext {
  readonly clientRequestId?: string;
  /** Epoch milliseconds, against which a Retry-After date is read. */
  readonly now?: number;
}

/**
 * Reads an answer that is not a success. Never throws, whatever the body is: plain OData, Intune's JSON inside a string (once
 * or twice encoded), its older form joined by " - ", HTML or nothing.
 * A 401 whose body says Forbidden is Intune refusing for role or licence, wrapped by Graph (msgraph-sdk-powershell #1257).
 */
export function decodeGraphError(
  status: number,
  headers: Headers,
  bodyText: string,
  { clientRequestId = 'unknown', now = Date.now() }: DecodeContext = {},
): GraphError {
  const body = readErrorBody(bodyText);
  const claims = status === 401 ? findClaims(headers.get('www-authenticate')) : undefined;
  const requestId = body.requestId ?? findRequestId(headers);
  const retryAfterMs = retryAfterToMs(headers.get('retry-after'), now);
  return new GraphError(reasonOf(status, body, claims), {
    clientRequestId,
    status,
    ...(body.code && { code: body.code }),
    ...(requestId && { requestId }),
    ...(body.activityId && { activityId: body.activityId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(body.neededScopes && { neededScopes: body.neededScopes }),
    ...(body.detail && { detail: body.detail }),
    ...(claims && { claims }),
  });
}

const reasonOfStatus: Readonly<Record<number, GraphErrorReason>> = {
  403: 'forbidden',
  404: 'notFound',
  408: 'timedOut',
  409: 'conflict',
  410: 'notFound',
  412: 'conflict',
  423: 'conflict',
  429: 'throttled',
};

function reasonOf(status: number, body: ErrorBody, claims: string | undefined): GraphErrorReason {
  if (claims) return 'claimsChallenge';
  if ((status === 401 || status === 403) && body.neededScopes) return 'missingScope';
  if (status === 401) return body.code === 'Forbidden' ? 'forbidden' : 'tokenRejected';
  if (status >= 500) return 'unavailable';
  if (status < 400) return 'unreadable';
  return reasonOfStatus[status] ?? 'badRequest';
}
