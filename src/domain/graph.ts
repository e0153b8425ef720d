import type { Session, Turn } from './turn.ts';

export interface CallOptions {
  /** `v1.0` unless told. */
  readonly version?: GraphVersion;
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends CallOptions {
  /** OData options such as `$select`, not yet encoded. */
  readonly query?: GraphQuery;
}

/** A turn of somebody who is signed in: Graph is asked with their own token, and with nobody else's. */
export interface AuthorizedTurn extends Turn {
  readonly session: Session;
  readonly graph: DelegatedGraph;
}

/**
 * Graph for looking alone: there is no way to express anything but a GET, and nothing below it can.
 * Paths begin with a slash after the version, ids already encoded. Rejects with a GraphError.
 */
export interface ReadOnlyGraph {
  get(path: string, options?: ReadOptions): Promise<Readonly<Record<string, unknown>>>;
  /** Every item of every page. Rejects rather than giving part of a list. */
  listPages(path: string, options?: ReadOptions): Promise<readonly unknown[]>;
}

export interface PostOptions extends CallOptions {
  /** What the request is called, for whoever writes it down before it is sent; a new id unless given. */
  readonly clientRequestId?: string;
  /** Told Graph's own id of a request that it took. */
  readonly onAccepted?: (requestId: string) => void;
  /** Told each time it is sent, with what resolves once that sending has an answer or will have none. */
  readonly onSent?: (outcome: Promise<unknown>) => void;
}

/** Graph in a person's own name. */
export interface DelegatedGraph extends ReadOnlyGraph {
  /** Without a body. A 2xx resolves, whatever its body; `mayHaveStarted` means: look before asking again. */
  post(path: string, options?: PostOptions): Promise<unknown>;
}

export type GraphVersion = 'v1.0' | 'beta';

export type GraphQuery = Readonly<Record<string, string>>;

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

/** The access token of whoever asks; `renew` asks for a new one after Graph refused the last. */
type GetGraphToken = (request?: { readonly renew: true }) => Promise<string>;

/** Makes Graph clients: one that can write as a person, one that can express nothing but a GET. */
export interface GraphClients {
  delegated(getToken: GetGraphToken): DelegatedGraph;
  readOnly(getToken: GetGraphToken): ReadOnlyGraph;
}
