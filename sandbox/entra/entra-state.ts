import type { JSONWebKeySet, JWTPayload } from 'jose';
import type { Registration, SandboxContext, SandboxPerson, SandboxTenant } from '../contract.ts';

export interface SigningKeys {
  sign(claims: JWTPayload): Promise<string>;
  /** Signed with an unpublished key, under the published key's id. */
  signWrongly(claims: JWTPayload): Promise<string>;
  listPublicKeys(): Promise<JSONWebKeySet>;
  /** The claims, when the signature is right and `now` lies between nbf and exp. Throws jose's errors otherwise. */
  verify(token: string, now: number): Promise<JWTPayload>;
}

/** Opaque strings, each for a stored content. */
export interface TicketBox<T> {
  issue(content: T): string;
  /** Any number of times until it expires. */
  find(ticket: string): T | undefined;
  /** Works once. */
  take(ticket: string): { readonly content: T } | { readonly refusal: 'unknown' | 'used' | 'expired' };
}

export interface TokenRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly grant: string;
  readonly tenantId: string;
  readonly scopes: readonly string[];
  /** Object id of the person whose token was requested, if the request got so far. */
  readonly oid?: string;
  /** `ok`, or the AADSTS number answered, such as `65001`. */
  readonly outcome: string;
}

export type EntraFault =
  | { readonly kind: 'throttled'; readonly retryAfterS?: number }
  | { readonly kind: 'unavailable' }
  /** 500133: the assertion has expired. */
  | { readonly kind: 'expiredAssertion' }
  /** Any refusal of on-behalf-of, or of the grant named. */
  | {
      readonly kind: 'refused';
      readonly error: string;
      readonly code: number;
      readonly claims?: string;
      readonly grant?: string;
    };

export interface AssertionOverrides {
  /** Replaces claims; `undefined` removes one. `exp`, `iat` and `nbf` are epoch seconds. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** A tenant that they are a guest of; their home tenant by default. */
  readonly tenantId?: string;
  /** `wrong` signs with a key that is in no JWKS, under the right key's id. */
  readonly key?: 'right' | 'wrong';
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

/** A person signed in to a tenant: their home, or one they are a guest of. */
export interface SignedIn {
  readonly person: SandboxPerson;
  readonly tenantId: string;
}

/** The authorize request that a code belongs to. */
export interface CodeTicket extends SignedIn {
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly nonce?: string;
}

/** Everything that the stand-in keeps, in memory. */
export interface EntraState {
  readonly context: SandboxContext;
  readonly registration: () => Registration;
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
  readonly graphRoot: string;
  readonly keys: SigningKeys;
  /** Delegated Graph scopes consented to, by tenant. */
  readonly consented: Map<string, Set<string>>;
  /** By person key: claims that a step-up must still satisfy. */
  readonly stepUps: Map<string, string>;
  readonly faults: EntraFault[];
  readonly requests: TokenRequest[];
  readonly codes: TicketBox<CodeTicket>;
  readonly refreshTokens: TicketBox<SignedIn>;
  secretRotated: boolean;
  isTrustedAssertion: (assertion: string) => boolean;
  /** The registration's `requestedAccessTokenVersion`. */
  accessTokenVersion: 1 | 2;
}

/** `iss` of a tenant's tokens. */
export const issuerOf = (state: EntraState, tenantId: string) => `${state.context.baseUrl()}/entra/${tenantId}/v2.0`;

export const isAtHomeOrGuest = (person: SandboxPerson, tenantId: string) =>
  person.tenantId === tenantId || person.guestIn === tenantId;

/** Application permissions of the bot's registration: it may only read. */
export const applicationRoles: readonly string[] = [
  'DeviceManagementServiceConfig.Read.All',
  'DeviceManagementApps.Read.All',
];
