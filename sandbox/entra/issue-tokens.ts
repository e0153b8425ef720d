import { createHash, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { SandboxPerson } from '../contract.ts';
import type { AssertionOverrides } from './entra-stand-in.ts';
import { type EntraState, issuerOf, type SignedIn } from './entra-state.ts';
import { applicationRoles } from './scopes.ts';

export const lifetimeS = 3600;

/** Teams' own client id, the `azp` of what its silent sign-in hands out. */
const teamsClientId = '1fec8e78-bce4-4aaf-ab1b-5451cc387264';

export async function issueAssertion(state: EntraState, person: SandboxPerson, overrides: AssertionOverrides = {}) {
  const tenantId = overrides.tenantId ?? person.tenantId;
  const claims: JWTPayload = {
    ...personClaims(state, { person, tenantId }, state.registration().clientId),
    azp: teamsClientId,
    azpacr: '0',
    scp: 'access_as_user',
    ...(overrides.expiresAt !== undefined && { exp: Math.floor(overrides.expiresAt / 1000) }),
    ...overrides.claims,
  };
  return overrides.key === 'wrong' ? state.keys.signWrongly(claims) : state.keys.sign(claims);
}

/** The same kind of token, redeemed for a code by the bot's own sign-in page. */
export function issueOwnAppToken(state: EntraState, who: SignedIn) {
  const { clientId } = state.registration();
  return state.keys.sign({ ...personClaims(state, who, clientId), azp: clientId, azpacr: '1', scp: 'access_as_user' });
}

export function issueGraphToken(state: EntraState, who: SignedIn, scopes: readonly string[]) {
  return state.keys.sign({
    ...personClaims(state, who, state.graphRoot),
    appid: state.registration().clientId,
    idtyp: 'user',
    scp: scopes.join(' '),
  });
}

/** Without the tenant's consent the token comes all the same, and may do nothing. */
export function issueAppToken(state: EntraState, tenantId: string) {
  const { clientId } = state.registration();
  // One per tenant, as a service principal is.
  const servicePrincipalId = `${tenantId.slice(0, 24)}${clientId.slice(24)}`;
  return state.keys.sign({
    ...commonClaims(state, tenantId, state.graphRoot),
    appid: clientId,
    idtyp: 'app',
    oid: servicePrincipalId,
    sub: servicePrincipalId,
    ...(state.consented.get(tenantId)?.size && { roles: applicationRoles }),
  });
}

export function issueIdToken(state: EntraState, who: SignedIn, nonce?: string) {
  const claims = personClaims(state, who, state.registration().clientId);
  return state.keys.sign({ ...claims, ...(nonce !== undefined && { nonce }) });
}

function personClaims(state: EntraState, { person, tenantId }: SignedIn, audience: string): JWTPayload {
  return {
    ...commonClaims(state, tenantId, audience),
    name: person.name,
    oid: person.aadObjectId,
    preferred_username: person.userPrincipalName,
    // Real ones differ per app and person and mean nothing else.
    sub: createHash('sha256').update(`${person.aadObjectId}/${audience}`).digest('base64url'),
  };
}

function commonClaims(state: EntraState, tenantId: string, audience: string): JWTPayload {
  const issuedAtS = Math.floor(state.context.now() / 1000);
  return {
    aud: audience,
    iss: issuerOf(state, tenantId),
    iat: issuedAtS,
    nbf: issuedAtS,
    exp: issuedAtS + lifetimeS,
    tid: tenantId,
    uti: randomUUID(),
    ver: '2.0',
  };
}
