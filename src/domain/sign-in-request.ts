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

/**
 * The reason why Entra gave no Graph token, for callers to branch on. `code` is Entra's AADSTS number, or without one its OAuth error.
 */
export type ExchangeFailure =
  /** Not issued to this bot and person; it was not sent to Entra. Signing in again can help. */
  | { readonly reason: 'assertionRejected'; readonly detail: string }
  /** An access token of version 1: the app's registration must issue version 2. */
  | { readonly reason: 'versionOne' }
  /** Valid, but from a tenant that is not in ALLOWED_TENANTS. */
  | { readonly reason: 'tenantNotAllowed'; readonly tenantId: string }
  /** AADSTS500133: a fresh assertion can help. */
  | { readonly reason: 'assertionExpired' }
  /** AADSTS65001 and similar: somebody must consent to the Graph scopes. */
  | { readonly reason: 'consentRequired'; readonly code: string }
  /** The person must prove more: `claims` go unchanged into the authorize request. */
  | { readonly reason: 'stepUpRequired'; readonly claims: string; readonly code: string }
  /** AADSTS53003 and similar: a policy blocks the sign-in, and no proof of the person's would change that. */
  | { readonly reason: 'blockedByPolicy'; readonly code: string }
  /** AADSTS650052 and similar: the tenant lacks a service principal, so its administrator must consent. */
  | { readonly reason: 'notInTenant'; readonly code: string }
  /** The app's own credential: the operator must act; asking the person would not help. */
  | { readonly reason: 'wrongClientSecret'; readonly code: string }
  | { readonly reason: 'throttled'; readonly retryAfterMs?: number }
  | { readonly reason: 'unavailable' }
  /** Any other refusal. */
  | { readonly reason: 'refused'; readonly code: string };

/** Sealed secrets, shared by all processes of the bot. Secrets of one name sealed with different keys exist side by side. */
export interface SealedSecrets {
  put(secret: SealedSecret): Promise<void>;
  /** Undefined once it has expired. */
  find(name: string, keyId: string, now: number): Promise<string | undefined>;
  /** Erases it. True for exactly one caller. */
  take(name: string, keyId: string): Promise<boolean>;
  /** How often the person has signed out: what was sealed before the last time must not serve again. */
  findGeneration(ownerId: string): Promise<number>;
  /** Erases all secrets of a person, sealed with any key, and begins their next generation. */
  signOut(ownerId: string, now: number): Promise<void>;
}

/** Purpose of a sign-in; decides what the authorize request asks beyond the basic scopes. */
export type SignInPurpose = 'signIn' | 'consent' | 'stepUp';

/**
 * An interrupted command that waits for its owner to sign in. Stored; bound to one person and conversation; used at most once;
 * expires after 15 minutes. Holds no token.
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
  /** The command to resume, as serialized by `src/dialogs`. Opaque here. */
  readonly resume: string;
  /** Asked after an expired assertion; a second retry in a row is not asked for. */
  readonly isRetry?: boolean;
  /** The card with the Continue button, once it was sent: the answer replaces it. */
  readonly cardId?: string;
  /** The message with the command, for `replyToId`. */
  readonly messageId?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
  /** Why the last attempt to answer it failed. */
  readonly failure?: ExchangeFailure;
}

export interface SignInRequests {
  find(id: string): Promise<SignInRequest | undefined>;
  /** Marks an authorize request's state used, by its hash, until it expires. True for exactly one caller. */
  useState(hash: string, expiresAt: number): Promise<boolean>;
  /** Records why a sign-in for it failed, for `findLastFailure`. */
  recordFailure(id: string, failure: ExchangeFailure): Promise<void>;
  /** Changes the request's purpose, so that its sign-in button asks for consent or step-up. */
  escalate(id: string, purpose: 'consent' | 'stepUp', claims?: string): Promise<void>;
  /** Marks the request used. True for exactly one caller, and only while it is open and unexpired. */
  take(id: string, now: number): Promise<boolean>;
}

/** The app got no token of its own for a tenant; `reason` is for callers to branch on. */
export class AppTokenError extends Error {
  override readonly name = 'AppTokenError';
  readonly failure: ExchangeFailure;
  constructor(tenantId: string, failure: ExchangeFailure) {
    const code = 'code' in failure ? ` (${failure.code})` : '';
    super(`No app token for tenant ${tenantId}: ${failure.reason}${code}`);
    this.failure = failure;
  }
  get reason(): ExchangeFailure['reason'] {
    return this.failure.reason;
  }
}
