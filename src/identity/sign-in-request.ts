import type { ConversationReference, Locale } from '../domain/turn.ts';

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
