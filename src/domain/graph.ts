import type { Session, Turn } from './turn.ts';

export type GraphVersion = 'v1.0' | 'beta';

export type GraphQuery = Readonly<Record<string, string>>;

interface CallOptions {
  /** `v1.0` by default. */
  readonly version?: GraphVersion;
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends CallOptions {
  /** OData options such as `$select`, not yet encoded. */
  readonly query?: GraphQuery;
}

export interface ListOptions extends ReadOptions {
  /** Makes an item of each row as its page arrives, so that a long list is never held as Graph sent it; by default the row itself. */
  readonly toItem?: (row: unknown) => unknown;
}

/**
 * Graph for reading only: it cannot express anything but a GET, and nothing below it can.
 * Paths begin with a slash after the version, ids already encoded. Rejects with a GraphError.
 */
export interface ReadOnlyGraph {
  get(path: string, options?: ReadOptions): Promise<Readonly<Record<string, unknown>>>;
  /** Every item of every page. Rejects rather than return part of a list. */
  listPages(path: string, options?: ListOptions): Promise<readonly unknown[]>;
}

export interface PostOptions extends CallOptions {
  /** Our id of the request, so that it can be recorded before the request is sent; a new one by default. */
  readonly clientRequestId?: string;
  /** Called with Graph's own id of an accepted request. */
  readonly onAccepted?: (requestId: string) => void;
  /** Called at each sending, with a promise that resolves once it has an answer or will have none. */
  readonly onSent?: (outcome: Promise<unknown>) => void;
}

/** Graph in a person's own name. */
export interface DelegatedGraph extends ReadOnlyGraph {
  /** Without a body. A 2xx resolves, whatever its body; after `mayHaveStarted` read the outcome before asking again. */
  post(path: string, options?: PostOptions): Promise<unknown>;
}

/** A turn of a person who is signed in: Graph is asked with their own token, and with nobody else's. */
export interface AuthorizedTurn extends Turn {
  readonly session: Session;
  readonly graph: DelegatedGraph;
}

/** An access token for Graph; `renew` asks for a new one after Graph refused the last. */
type GetGraphToken = (request?: { readonly renew: true }) => Promise<string>;

export interface GraphClients {
  delegated(getToken: GetGraphToken): DelegatedGraph;
  readOnly(getToken: GetGraphToken): ReadOnlyGraph;
}

/** The reason why a Graph call failed, for callers to branch on in an exhaustive switch. */
export type GraphErrorReason =
  /** 400 and every 4xx without a reason of its own: asking again changes nothing. */
  | 'badRequest'
  /** 401, also with a newly acquired token. */
  | 'tokenRejected'
  /** 401 with a claims challenge; `claims` go unchanged into the next token request. */
  | 'claimsChallenge'
  /** `neededScopes` names the permissions, any one of which would do. */
  | 'missingScope'
  /** Role, license or scope tag: the body does not say which. */
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  /** `retryAfterMs` is present when Graph sent a Retry-After. */
  | 'throttled'
  /** 5xx, no connection, connection lost. Never for a POST that may have arrived. */
  | 'unavailable'
  | 'timedOut'
  /** Not the answer that was asked for: HTML, cut off, wrong shape, redirect, foreign next page. */
  | 'unreadable'
  /** A POST whose outcome is unknown. Read before sending it again. */
  | 'mayHaveStarted';

/** Details of a failed call. None of them holds a token, an address or a raw body, so they may be logged. */
export interface GraphErrorFacts {
  /** Sent with every attempt of the call; `not sent` when the bot itself refused the call. */
  readonly clientRequestId: string;
  readonly status?: number;
  /** Graph's own code, or the network's (`ECONNRESET`). */
  readonly code?: string;
  readonly requestId?: string;
  /** Intune's id of the call, for Microsoft's support. */
  readonly activityId?: string;
  readonly retryAfterMs?: number;
  readonly neededScopes?: readonly string[];
  /** One English sentence of Graph's, at most 300 characters, without addresses, hosts or JSON. */
  readonly detail?: string;
  /** A claims challenge as JSON text. */
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
    // Last, because the facts may be another GraphError with a reason of its own.
    this.reason = reason;
  }
}
