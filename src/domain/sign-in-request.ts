import type { ConversationReference, Locale } from './turn.ts';

export interface SealedSecret {
  readonly name: string;
  readonly keyId: string;
  /** `aadObjectId` in lower case. */
  readonly ownerId: string;
  readonly sealed: string;
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

/** Where sealed secrets are kept for every process of the bot. Secrets sealed with another key stand beside each other. */
export interface SealedSecrets {
  put(secret: SealedSecret): Promise<void>;
  /** Undefined once it has expired. */
  find(name: string, keyId: string, now: number): Promise<string | undefined>;
  /** Erases it. True for exactly one caller. */
  take(name: string, keyId: string): Promise<boolean>;
  /** Whatever key they were sealed with. */
  eraseAllOf(ownerId: string): Promise<void>;
}

/** What a sign-in is for; decides what the authorize request asks beyond the plain scopes. */
export type SignInPurpose = 'signIn' | 'consent' | 'stepUp';

/**
 * An interrupted command waiting for its owner to sign in. Stored; bound to one person and conversation; used at most once;
 * expires 15 minutes after it was made. Holds no token.
 */
export interface SignInRequest {
  /** Opaque and unguessable: 128 random bits or more. */
  readonly id: string;
  readonly owner: {
    readonly tenantId: string;
    readonly aadObjectId: string;
    readonly name: string;
    readonly teamsId: string;
  };
  readonly conversation: ConversationReference;
  readonly locale: Locale;
  readonly purpose: SignInPurpose;
  /** Claims challenge to pass on unchanged when `purpose` is `stepUp`. */
  readonly claims?: string;
  /** The command to go on with, as `src/dialogs` wrote it. Opaque here. */
  readonly resume: string;
  /** It follows an assertion that had expired; a second one in a row is not asked for. */
  readonly isRetry?: boolean;
  /** The card with the Continue button, once it was sent: the answer is written on it. */
  readonly cardId?: string;
  /** Message the command came from, for `replyToId`. */
  readonly messageId?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
  /** SHA-256 (base64url) of the authorize request's `state`, once /auth/start was opened. The newest start wins. */
  readonly stateHash?: string;
  readonly codeVerifier?: string;
}

/** Where sign-in requests are kept. Implemented by src/store/sign-in-requests.ts; a Map serves in unit tests. */
export interface SignInRequests {
  find(id: string): Promise<SignInRequest | undefined>;
  findByStateHash(stateHash: string): Promise<SignInRequest | undefined>;
  /** Records a started authorize request; replaces an earlier one of the same sign-in. */
  start(id: string, started: { readonly stateHash: string; readonly codeVerifier: string }): Promise<void>;
  /** Forgets the authorize request, so that its state serves once. True for the one caller who did it. */
  endStart(id: string, stateHash: string): Promise<boolean>;
  /** Turns the request into one for consent or step-up, so that its button leads there. */
  escalate(id: string, purpose: 'consent' | 'stepUp', claims?: string): Promise<void>;
  /** Marks the request used. True for exactly one caller, and only while it is open and unexpired. */
  take(id: string, now: number): Promise<boolean>;
}

/** Why there is no app token; `reason` is what callers branch on. */
export class AppTokenError extends Error {
  override readonly name = 'AppTokenError';
  readonly failure: ExchangeFailure;
  constructor(tenantId: string, failure: ExchangeFailure) {
    const code = failure.reason === 'refused' ? ` (${failure.code})` : '';
    super(`No app token for tenant ${tenantId}: ${failure.reason}${code}`);
    this.failure = failure;
  }
  get reason(): ExchangeFailure['reason'] {
    return this.failure.reason;
  }
}
