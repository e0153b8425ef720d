import type { Registration, SandboxContext, SandboxPerson, SandboxTenant } from '../contract.ts';
import type { EntraFault, TokenRequest } from './entra-stand-in.ts';
import { delegatedGraphScopes } from './scopes.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { createTicketBox, type TicketBox } from './ticket-box.ts';

export interface EntraOptions {
  readonly context: SandboxContext;
  /** Asked at every request, because addresses are known only once everything listens. */
  readonly registration: () => Registration;
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
  /** Prefix of Graph's scopes and audience of its tokens; the global cloud's unless told. */
  readonly graphRoot?: string;
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

export function createEntraState(options: EntraOptions): EntraState {
  const { context, registration, people, tenants } = options;
  const { now } = context;
  return {
    context,
    registration,
    people,
    tenants,
    graphRoot: options.graphRoot ?? 'https://graph.microsoft.com',
    keys: createSigningKeys(),
    consented: new Map(tenants.filter(({ usesBot }) => usesBot).map(({ id }) => [id, new Set(delegatedGraphScopes)])),
    stepUps: new Map(),
    faults: [],
    requests: [],
    codes: createTicketBox({ now, lifetimeMs: 10 * 60_000 }),
    refreshTokens: createTicketBox({ now, lifetimeMs: 90 * 24 * 60 * 60_000 }),
    secretRotated: false,
  };
}

/** `iss` of a tenant's tokens. */
export const issuerOf = (state: EntraState, tenantId: string) => `${state.context.baseUrl()}/entra/${tenantId}/v2.0`;

export const isAtHomeOrGuest = (person: SandboxPerson, tenantId: string) =>
  person.tenantId === tenantId || person.guestIn === tenantId;
