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

/** Why an assertion brought no Graph token. `reason` is what callers branch on. */
export type ExchangeFailure =
  /** Not signed for this bot and person; it was not sent to Entra. Signing in again can help. */
  | { readonly reason: 'assertionRejected'; readonly detail: string }
  /** Valid, but of a tenant that is not in ALLOWED_TENANTS. */
  | { readonly reason: 'tenantNotAllowed'; readonly tenantId: string }
  /** AADSTS500133 and kin: a fresh assertion can help. */
  | { readonly reason: 'assertionExpired' }
  /** AADSTS65001: somebody must consent to the Graph scopes. */
  | { readonly reason: 'consentRequired' }
  /** Conditional Access: `claims` go unchanged into the authorize request. */
  | { readonly reason: 'stepUpRequired'; readonly claims: string }
  /** invalid_client: the operator's fault; asking the person would not help. */
  | { readonly reason: 'wrongClientSecret' }
  | { readonly reason: 'throttled'; readonly retryAfterMs?: number }
  | { readonly reason: 'unavailable' }
  /** Anything else Entra refuses for; `code` is its AADSTS number when it gave one. */
  | { readonly reason: 'refused'; readonly code: string };

export type ExchangeResult =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly failure: ExchangeFailure };
