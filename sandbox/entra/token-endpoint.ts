import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { errors } from 'jose';
import { publishTraffic } from '../server.ts';
import {
  type CodeTicket,
  type EntraFault,
  type EntraState,
  isAtHomeOrGuest,
  issuerOf,
  type SignedIn,
} from './entra-state.ts';
import {
  issueAppToken,
  issueBotToken,
  issueGraphToken,
  issueIdToken,
  issueOwnAppToken,
  issueOwnToken,
  lifetimeS,
} from './tokens.ts';

/** Called as soon as it is known, so that a refused request is recorded with its person too. */
export interface Progress {
  oid?: string;
}

/** The token endpoint's answer to one form. Throws EntraError for a refusal. */
export async function answerTokenRequest(
  state: EntraState,
  tenantId: string,
  form: URLSearchParams,
  progress: Progress,
): Promise<Record<string, unknown>> {
  const grantType = form.get('grant_type') ?? '';
  publishTraffic({ context: state.context, kind: 'tokenRequest', grant: grantType, scope: form.get('scope') ?? '' });
  throwPlannedFault(state, grantType);
  const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
  if (!grant) throw new EntraError('unsupported_grant_type', 70003, `The grant type ${grantType} is not supported.`);
  if (authenticateClient(state, form) === 'bot') return answerBot(state, tenantId, grantType, form.get('scope'));
  const granted = await grant(state, tenantId, form);
  if (!granted.who) return answerClient(state, tenantId, granted.scope);
  progress.oid = granted.who.person.aadObjectId;
  return answerPerson(state, granted.who, granted);
}

function throwPlannedFault(state: EntraState, grantType: string) {
  const index = state.faults.findIndex((each) => isFor(each, grantType));
  const [fault] = index < 0 ? [] : state.faults.splice(index, 1);
  if (fault?.kind === 'refused') {
    const { error, code, claims } = fault;
    throw new EntraError(error, code, 'Refused, as planned.', claims === undefined ? {} : { claims });
  }
  if (fault?.kind === 'expiredAssertion') {
    throw new EntraError('invalid_grant', 500133, 'Assertion is not within its valid time range.');
  }
  if (fault?.kind === 'throttled') {
    const retryAfter = fault.retryAfterS === undefined ? {} : { retryAfterS: fault.retryAfterS };
    const options = { status: 429, ...retryAfter };
    throw new EntraError('temporarily_unavailable', 90055, 'There are too many requests.', options);
  }
  if (fault?.kind === 'unavailable') {
    throw new EntraError('temporarily_unavailable', 90033, 'A transient error has occurred.', { status: 503 });
  }
}

function isFor(fault: EntraFault, grantType: string): boolean {
  if (fault.kind === 'refused') return (fault.grant ?? onBehalfOfGrant) === grantType;
  return fault.kind !== 'expiredAssertion' || grantType === onBehalfOfGrant;
}

async function answerClient(state: EntraState, tenantId: string, scope: string) {
  if (!state.tenants.find(({ id }) => id === tenantId)?.usesBot) {
    throw new EntraError('unauthorized_client', 700016, 'The application was not found in this directory.');
  }
  const resource = /^(.+)\/\.default$/.exec(scope)?.[1];
  if (resource === undefined) throw new EntraError('invalid_scope', 1002012, 'The scope must end with /.default.');
  const { clientId, idUri } = state.registration();
  if (resource === state.graphRoot) return bearer(await issueAppToken(state, tenantId));
  if (resource === clientId || resource === idUri) return bearer(await issueOwnToken(state, tenantId));
  throw new EntraError('invalid_resource', 500011, `The resource principal named ${resource} was not found.`);
}

const bearer = (access_token: string) => ({
  token_type: 'Bearer',
  expires_in: lifetimeS,
  ext_expires_in: lifetimeS,
  access_token,
});

/** The bot's own registration sends to Teams' connector, and does nothing else. */
async function answerBot(state: EntraState, tenantId: string, grantType: string, scope: string | null) {
  if (grantType !== 'client_credentials' || scope !== 'https://api.botframework.com/.default') {
    throw new EntraError('invalid_scope', 1002012, 'The bot may ask for a token of the channel alone.');
  }
  return bearer(await issueBotToken(state, tenantId));
}

async function answerPerson(state: EntraState, who: SignedIn, { scope, nonce }: Granted) {
  const { graph, ownApp } = readScopes(state, scope);
  if (ownApp && graph.length > 0) {
    throw new EntraError('invalid_request', 28000, 'The scopes belong to more than one resource.');
  }
  if (!ownApp && graph.length === 0) {
    throw new EntraError('invalid_request', 900144, 'The request asks for no resource.');
  }
  const scopes = graph.includes('.default') ? delegatedGraphScopes : graph;
  if (!ownApp) checkMayHave(state, who, scopes);
  const asked = splitScopes(scope);
  return {
    token_type: 'Bearer',
    scope: ownApp ? scope : scopes.map((name) => `${state.graphRoot}/${name}`).join(' '),
    expires_in: lifetimeS,
    ext_expires_in: lifetimeS,
    access_token: await (ownApp ? issueOwnAppToken(state, who) : issueGraphToken(state, who, scopes)),
    ...(asked.includes('offline_access') && { refresh_token: state.refreshTokens.issue(who) }),
    ...(asked.includes('openid') && { id_token: await issueIdToken(state, who, nonce) }),
    client_info: Buffer.from(JSON.stringify({ uid: who.person.aadObjectId, utid: who.tenantId })).toString('base64url'),
  };
}

/** The tenant's consent comes first, then Conditional Access for the person. */
function checkMayHave(state: EntraState, { person, tenantId }: SignedIn, scopes: readonly string[]) {
  if (scopes.some((name) => !state.consented.get(tenantId)?.has(name))) {
    const message = `Nobody has consented to the application ${state.registration().clientId} for these scopes.`;
    throw new EntraError('invalid_grant', 65001, message, { suberror: 'consent_required' });
  }
  const claims = state.stepUps.get(person.key);
  if (claims !== undefined) {
    const message = 'The organisation asks for multifactor authentication to reach this resource.';
    throw new EntraError('interaction_required', 50076, message, { suberror: 'basic_action', claims });
  }
}

/** Accepts the app or the bot with its secret in the form, and refuses everything else as Entra does. */
function authenticateClient(state: EntraState, form: URLSearchParams): 'app' | 'bot' {
  const { clientId, clientSecret, botId, botPassword } = state.registration();
  const given = form.get('client_id');
  const isBot = given === botId;
  if (given !== clientId && !isBot) {
    throw new EntraError(
      'unauthorized_client',
      700016,
      `Application ${given ?? '(none)'} was not found in the directory.`,
    );
  }
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (assertion !== null) {
    if (!isBot && state.isTrustedAssertion(assertion)) return 'app';
    throw refusal(700027, 'The certificate behind client_assertion is not registered on the application.');
  }
  if (!secret) throw refusal(7000218, 'The request body must hold client_assertion or client_secret.');
  if ((!isBot && state.secretRotated) || !isSame(secret, isBot ? botPassword : clientSecret)) {
    throw refusal(7000215, `Invalid client secret provided for application ${given}.`);
  }
  return isBot ? 'bot' : 'app';
}

const refusal = (code: number, message: string) => new EntraError('invalid_client', code, message, { status: 401 });

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export const onBehalfOfGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The person of a grant, absent for client credentials; `nonce` goes into the id_token. */
interface Granted {
  readonly who?: SignedIn;
  readonly scope: string;
  readonly nonce?: string;
}

type Grant = (state: EntraState, tenantId: string, form: URLSearchParams) => Granted | Promise<Granted>;

const grants: Readonly<Record<string, Grant>> = {
  authorization_code: redeemCode,
  refresh_token: redeemRefreshToken,
  client_credentials: (_state, _tenantId, form) => ({ scope: form.get('scope') ?? '' }),
  [onBehalfOfGrant]: exchangeAssertion,
};

function redeemCode(state: EntraState, tenantId: string, form: URLSearchParams): Granted {
  const taken = state.codes.take(form.get('code') ?? '');
  if ('refusal' in taken) throw codeRefusals[taken.refusal]();
  const ticket = taken.content;
  if (ticket.tenantId !== tenantId) throw codeRefusals.unknown();
  if (form.get('redirect_uri') !== ticket.redirectUri) {
    throw new EntraError('invalid_client', 500112, 'The reply address does not match the one the code was asked with.');
  }
  if (!hasVerifier(ticket, form.get('code_verifier') ?? '')) {
    throw new EntraError('invalid_grant', 501481, 'The code_verifier does not match the code_challenge.');
  }
  const nonce = ticket.nonce === undefined ? {} : { nonce: ticket.nonce };
  return { who: ticket, scope: form.get('scope') ?? ticket.scopes.join(' '), ...nonce };
}

const codeRefusals = {
  unknown: () => new EntraError('invalid_grant', 70000, 'The provided code is malformed or not valid.'),
  used: () => new EntraError('invalid_grant', 54005, 'The authorization code was already redeemed.'),
  expired: () => new EntraError('invalid_grant', 70008, 'The authorization code has expired.'),
};

function hasVerifier(ticket: CodeTicket, verifier: string): boolean {
  return createHash('sha256').update(verifier).digest('base64url') === ticket.codeChallenge;
}

function redeemRefreshToken(state: EntraState, tenantId: string, form: URLSearchParams): Granted {
  const who = state.refreshTokens.find(form.get('refresh_token') ?? '');
  if (!who || who.tenantId !== tenantId) {
    throw new EntraError('invalid_grant', 700082, 'The refresh token is not valid or has expired.');
  }
  return { who, scope: form.get('scope') ?? '' };
}

async function exchangeAssertion(state: EntraState, tenantId: string, form: URLSearchParams): Promise<Granted> {
  if (form.get('requested_token_use') !== 'on_behalf_of') {
    throw new EntraError('invalid_request', 900144, 'The request body must hold requested_token_use=on_behalf_of.');
  }
  const who = await readAssertion(state, tenantId, form.get('assertion') ?? '');
  const scope = form.get('scope') ?? '';
  if (readScopes(state, scope).ownApp) {
    throw new EntraError('invalid_scope', 70011, 'On behalf of a person only Graph scopes are given out.');
  }
  return { who, scope };
}

async function readAssertion(state: EntraState, tenantId: string, assertion: string): Promise<SignedIn> {
  const claims = await state.keys.verify(assertion, state.context.now()).catch((error: unknown) => {
    if (error instanceof errors.JWTExpired) {
      throw new EntraError('invalid_grant', 500133, 'Assertion is not within its valid time range.');
    }
    throw rejected('the signature or the token itself is not valid');
  });
  const { clientId, idUri } = state.registration();
  if (claims.aud !== clientId && claims.aud !== idUri) throw rejected('the audience is another application');
  if (claims.iss !== issuerOf(state, tenantId) || claims.tid !== tenantId)
    throw rejected('the issuer is another tenant');
  if (
    !String(claims.scp ?? '')
      .split(' ')
      .includes('access_as_user')
  )
    throw rejected('it lacks access_as_user');
  const person = state.people.find(({ aadObjectId }) => aadObjectId === claims.oid);
  if (!person || !isAtHomeOrGuest(person, tenantId)) throw rejected('the tenant does not know this person');
  return { person, tenantId };
}

const rejected = (why: string) => new EntraError('invalid_grant', 50013, `Assertion failed validation: ${why}.`);

/** Delegated Graph scopes of the bot's registration, which a tenant consents to as a whole. */
export const delegatedGraphScopes: readonly string[] = [
  'DeviceManagementServiceConfig.ReadWrite.All',
  'DeviceManagementApps.Read.All',
];

const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

interface AskedScopes {
  /** Names without the Graph root. */
  readonly graph: readonly string[];
  /** A token for the bot's own app (`access_as_user`) is requested. */
  readonly ownApp: boolean;
}

/** Sorts scopes by resource. Refuses those for anything but Graph and the bot's own app (70011). */
export function readScopes(state: EntraState, scope: string): AskedScopes {
  const { clientId, idUri } = state.registration();
  const asked = splitScopes(scope).filter((name) => !openIdScopes.has(name));
  const own = new Set([`${clientId}/access_as_user`, `${idUri}/access_as_user`]);
  const graphPrefix = `${state.graphRoot}/`;
  const foreign = asked.find((name) => !own.has(name) && !name.startsWith(graphPrefix));
  if (foreign !== undefined) {
    throw new EntraError('invalid_scope', 70011, `The scope ${foreign} is not valid: it belongs to no known resource.`);
  }
  return {
    graph: asked.filter((name) => name.startsWith(graphPrefix)).map((name) => name.slice(graphPrefix.length)),
    ownApp: asked.some((name) => own.has(name)),
  };
}

export const splitScopes = (scope: string) => scope.split(' ').filter((name) => name !== '');

interface EntraErrorOptions {
  readonly status?: number;
  readonly suberror?: string;
  /** Claims challenge, JSON, for step-up. */
  readonly claims?: string;
  readonly retryAfterS?: number;
}

/** A refusal of the token endpoint: an OAuth error, the AADSTS number behind it, and what Entra adds in some cases. */
export class EntraError extends Error {
  override readonly name = 'EntraError';
  readonly error: string;
  readonly code: number;
  readonly options: EntraErrorOptions;

  constructor(error: string, code: number, message: string, options: EntraErrorOptions = {}) {
    super(message);
    this.error = error;
    this.code = code;
    this.options = options;
  }
}

/** The refusal in Entra's form: the number is in the description and in `error_codes`. */
export function toErrorBody(error: EntraError, now: number, correlationId: string = randomUUID()) {
  const traceId = randomUUID();
  const timestamp = new Date(now)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  const trail = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    error: error.error,
    error_description: `AADSTS${error.code}: ${error.message} ${trail}`,
    error_codes: [error.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    ...(error.options.suberror !== undefined && { suberror: error.options.suberror }),
    ...(error.options.claims !== undefined && { claims: error.options.claims }),
  };
}
