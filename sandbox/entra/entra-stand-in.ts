import type { GraphCaller, SandboxPerson, StandIn } from '../contract.ts';

/** Microsoft Entra ID as the bot meets it: authorize page, token endpoint, OpenID documents. */
export interface EntraStandIn extends StandIn {
  /** What Teams' silent sign-in hands to the bot: a v2 access token for the bot's app, good for an hour. */
  issueAssertion(person: SandboxPerson, overrides?: AssertionOverrides): Promise<string>;
  /** The caller an unexpired access token for Graph stands for; undefined for every other token. */
  verifyGraphToken(token: string): Promise<GraphCaller | undefined>;
  /** Answered token requests, oldest first. Never a token, code or secret. */
  readonly requests: readonly TokenRequest[];
  readonly controls: EntraControls;
}

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

export interface EntraControls {
  /** Consent to the Graph scopes for a whole tenant; true at the start. Without it on-behalf-of answers 65001. */
  setConsent(tenantId: string, consented: boolean): void;
  /** On-behalf-of answers 50076 with `claims` until this person completes an authorize request that carries exactly them. */
  requireStepUp(personKey: string, claims: string | undefined): void;
  /** The next `count` token requests fail, whatever they ask. */
  failNext(count: number, fault: EntraFault): void;
  /** Forgets what is left of all planned faults. */
  failNoMore(): void;
  /** The registration's secret stops being valid: every client authentication answers 7000215. */
  rotateClientSecret(): void;
}

export type EntraFault =
  | { readonly kind: 'throttled'; readonly retryAfterS?: number }
  | { readonly kind: 'unavailable' }
  /** 500133, the assertion being the cause. */
  | { readonly kind: 'expiredAssertion' };
