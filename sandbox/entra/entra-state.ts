import type { JSONWebKeySet, JWTPayload } from 'jose';
import type { Registration, SandboxContext, SandboxPerson, SandboxTenant } from '../contract.ts';

export interface SigningKeys {
  sign(claims: JWTPayload): Promise<string>;
  /** Signed with a key nobody publishes, under the published key's id. */
  signWrongly(claims: JWTPayload): Promise<string>;
  listPublicKeys(): Promise<JSONWebKeySet>;
  /** The claims, when the signature is right and `now` lies between nbf and exp. Throws jose's errors otherwise. */
  verify(token: string, now: number): Promise<JWTPayload>;
}

/** Opaque strings that stand for something kept here. */
export interface TicketBox<T> {
  issue(content: T): string;
  /** As often as wanted, while it lasts. */
  find(ticket: string): T | undefined;
  /** Once. */
  take(ticket: string): { readonly content: T } | { readonly refusal: 'unknown' | 'used' | 'expired' };
}

export interface TokenRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly grant: string;
  readonly tenantId: string;
  readonly scopes: readonly string[];
  /** Whose token was asked for, when the request got far enough to tell. */
  readonly oid?: string;
  /** `ok`, or the AADSTS number answered, such as `65001`. */
  readonly outcome: string;
}

export type EntraFault =
  | { readonly kind: 'throttled'; readonly retryAfterS?: number }
  | { readonly kind: 'unavailable' }
  /** 500133, the assertion being the cause. */
  | { readonly kind: 'expiredAssertion' };

export interface AssertionOverrides {
  /** Laid over the usual claims; `undefined` takes a claim away. `exp`, `iat` and `nbf` are epoch seconds. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Issued by a tenant they are a guest of instead of by their home. */
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

/** What an authorize request left behind for its code. */
export interface CodeTicket extends SignedIn {
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly nonce?: string;
}

/** Everything the stand-in keeps, in memory and for as long as it runs. */
export interface EntraState {
  readonly context: SandboxContext;
  readonly registration: () => Registration;
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
  readonly graphRoot: string;
  readonly keys: SigningKeys;
  /** Delegated Graph scopes consented to, by tenant. */
  readonly consented: Map<string, Set<string>>;
  /** Claims still owed, by person key. */
  readonly stepUps: Map<string, string>;
  readonly faults: EntraFault[];
  readonly requests: TokenRequest[];
  readonly codes: TicketBox<CodeTicket>;
  readonly refreshTokens: TicketBox<SignedIn>;
  secretRotated: boolean;
}

/** `iss` of a tenant's tokens. */
export const issuerOf = (state: EntraState, tenantId: string) => `${state.context.baseUrl()}/entra/${tenantId}/v2.0`;

export const isAtHomeOrGuest = (person: SandboxPerson, tenantId: string) =>
  person.tenantId === tenantId || person.guestIn === tenantId;

/** What the bot's registration was given for itself: reading alone. */
export const applicationRoles: readonly string[] = [
  'DeviceManagementServiceConfig.Read.All',
  'DeviceManagementApps.Read.All',
];
