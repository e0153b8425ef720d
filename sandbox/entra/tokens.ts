import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { GraphCaller, SandboxPerson } from '../contract.ts';
import {
  type AssertionOverrides,
  applicationRoles,
  type EntraState,
  issuerOf,
  type SignedIn,
  type SigningKeys,
  type TicketBox,
} from './entra-state.ts';

export const lifetimeS = 3600;

/** Teams' own client id, the `azp` of what its silent sign-in hands out. */
const teamsClientId = '1fec8e78-bce4-4aaf-ab1b-5451cc387264';

export async function issueAssertion(state: EntraState, person: SandboxPerson, overrides: AssertionOverrides = {}) {
  const tenantId = overrides.tenantId ?? person.tenantId;
  const claims: JWTPayload = {
    ...ownAppClaims(state, { person, tenantId }),
    azp: teamsClientId,
    azpacr: '0',
    scp: 'access_as_user',
    ...(overrides.expiresAt !== undefined && { exp: Math.floor(overrides.expiresAt / 1000) }),
    ...overrides.claims,
  };
  return overrides.key === 'wrong' ? state.keys.signWrongly(claims) : state.keys.sign(claims);
}

/** A token of the same kind, for the code of the bot's own sign-in page. */
export function issueOwnAppToken(state: EntraState, who: SignedIn) {
  const { clientId } = state.registration();
  return state.keys.sign({ ...ownAppClaims(state, who), azp: clientId, azpacr: '1', scp: 'access_as_user' });
}

const ownAppClaims = (state: EntraState, who: SignedIn): JWTPayload =>
  inRegisteredVersion(state, personClaims(state, who, state.registration().clientId));

/** Access tokens for the bot's own app have the version that its registration asks for. */
function inRegisteredVersion(state: EntraState, claims: JWTPayload): JWTPayload {
  if (state.accessTokenVersion === 2) return claims;
  return { ...claims, aud: state.registration().idUri, iss: `https://sts.windows.net/${claims.tid}/`, ver: '1.0' };
}

/** The app's token for itself, which nobody needs but who asks for its version. */
export function issueOwnToken(state: EntraState, tenantId: string) {
  const { clientId } = state.registration();
  return state.keys.sign(inRegisteredVersion(state, { ...commonClaims(state, tenantId, clientId), idtyp: 'app' }));
}

export function issueBotToken(state: EntraState, tenantId: string) {
  const claims = commonClaims(state, tenantId, 'https://api.botframework.com');
  return state.keys.sign({ ...claims, appid: state.registration().botId });
}

export function issueGraphToken(state: EntraState, who: SignedIn, scopes: readonly string[]) {
  return state.keys.sign({
    ...personClaims(state, who, state.graphRoot),
    appid: state.registration().clientId,
    idtyp: 'user',
    scp: scopes.join(' '),
  });
}

/** Without the tenant's consent the token has no roles, as in Entra. */
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
    // In Entra it differs per app and person, too.
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

/** The caller of an access token for Graph; undefined when it is forged, expired, or not for Graph. */
export async function verifyGraphToken(state: EntraState, token: string): Promise<GraphCaller | undefined> {
  const claims = await state.keys.verify(token, state.context.now()).catch(() => undefined);
  const tenantId = state.tenants.find(({ id }) => id === claims?.tid)?.id;
  if (!claims || tenantId === undefined || claims.aud !== state.graphRoot) return undefined;
  if (claims.iss !== issuerOf(state, tenantId)) return undefined;
  const isPerson = claims.idtyp === 'user' && typeof claims.oid === 'string';
  return {
    tenantId,
    ...(isPerson && { aadObjectId: String(claims.oid) }),
    scopes: String(claims.scp ?? '')
      .split(' ')
      .filter(Boolean),
    roles: Array.isArray(claims.roles) ? claims.roles.map(String) : [],
  };
}

const algorithm = 'RS256';

/** One RSA key pair for all tenants, new at every start, made when first needed. */
export function createSigningKeys(): SigningKeys {
  const keyId = crypto.randomUUID();
  const right = once(() => generateKeyPair(algorithm));
  const wrong = once(() => generateKeyPair(algorithm));
  const header = { alg: algorithm, typ: 'JWT', kid: keyId };
  return {
    sign: async (claims) => new SignJWT(claims).setProtectedHeader(header).sign((await right()).privateKey),
    signWrongly: async (claims) => new SignJWT(claims).setProtectedHeader(header).sign((await wrong()).privateKey),
    listPublicKeys: async () => ({
      keys: [{ ...(await exportJWK((await right()).publicKey)), kid: keyId, use: 'sig', alg: algorithm }],
    }),
    async verify(token, now) {
      const options = { algorithms: [algorithm], currentDate: new Date(now), requiredClaims: ['exp'] };
      return (await jwtVerify(token, (await right()).publicKey, options)).payload;
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

interface Kept<T> {
  readonly content: T;
  readonly expiresAt: number;
  used: boolean;
}

export function createTicketBox<T>(options: { now(): number; readonly lifetimeMs: number }): TicketBox<T> {
  const kept = new Map<string, Kept<T>>();
  return {
    issue(content) {
      const ticket = randomBytes(32).toString('base64url');
      kept.set(ticket, { content, expiresAt: options.now() + options.lifetimeMs, used: false });
      return ticket;
    },
    find(ticket) {
      const found = kept.get(ticket);
      return found && !found.used && options.now() < found.expiresAt ? found.content : undefined;
    },
    take(ticket) {
      const found = kept.get(ticket);
      if (!found) return { refusal: 'unknown' };
      if (found.used) return { refusal: 'used' };
      if (options.now() >= found.expiresAt) return { refusal: 'expired' };
      found.used = true;
      return { content: found.content };
    },
  };
}
