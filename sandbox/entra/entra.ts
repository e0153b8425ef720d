import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphCaller, Registration, SandboxContext, SandboxPerson, SandboxTenant, StandIn } from '../contract.ts';
import { readForm } from '../server.ts';
import { authorize, errorPage } from './authorize.ts';
import {
  type AssertionOverrides,
  type EntraFault,
  type EntraState,
  issuerOf,
  type TokenRequest,
} from './entra-state.ts';
import {
  answerTokenRequest,
  delegatedGraphScopes,
  EntraError,
  type Progress,
  splitScopes,
  toErrorBody,
} from './token-endpoint.ts';
import { createSigningKeys, createTicketBox, issueAssertion, verifyGraphToken } from './tokens.ts';

/** Microsoft Entra ID as the bot uses it: authorize page, token endpoint, OpenID documents. */
export interface EntraStandIn extends StandIn {
  /** The token of Teams' silent sign-in: a v2 access token for the bot's app, valid for an hour. */
  issueAssertion(person: SandboxPerson, overrides?: AssertionOverrides): Promise<string>;
  /** The caller of a valid access token for Graph; undefined for every other token. */
  verifyGraphToken(token: string): Promise<GraphCaller | undefined>;
  /** Answered token requests, oldest first. Never a token, code or secret. */
  readonly requests: readonly TokenRequest[];
  readonly controls: EntraControls;
}

interface EntraControls {
  /** Consent to the Graph scopes for a whole tenant; true by default. Without it on-behalf-of is refused with 65001. */
  setConsent(tenantId: string, consented: boolean): void;
  /** On-behalf-of answers 50076 with `claims` until this person completes an authorize request that carries exactly them. */
  requireStepUp(personKey: string, claims: string | undefined): void;
  /** The next `count` token requests fail. */
  failNext(count: number, fault: EntraFault): void;
  /** Drops all planned faults. */
  failNoMore(): void;
  /** Ends every consent withdrawn, step-up, fault and spoilt secret. */
  reset(): void;
  /** The registration's secret stops being valid: every client authentication answers 7000215. */
  rotateClientSecret(): void;
  /** The registration's federated credentials: which tokens prove the app's identity in place of its secret. None by default. */
  trustAssertions(isTrusted: (assertion: string) => boolean): void;
  /** The registration's `requestedAccessTokenVersion`, 2 by default: the version of tokens for the bot's own app. */
  setAccessTokenVersion(version: 1 | 2): void;
}

interface EntraOptions {
  readonly context: SandboxContext;
  /** A function, because the redirect address is known only once the server listens. */
  readonly registration: () => Registration;
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
  /** Prefix of Graph's scopes and audience of its tokens; the global cloud's by default. */
  readonly graphRoot?: string;
}

/** Stands in for Microsoft Entra ID below `/entra`. Keys are new with every call. */
export function createEntra(options: EntraOptions): EntraStandIn {
  const state = createEntraState(options);
  return {
    prefix: '/entra',
    requests: state.requests,
    controls: createControls(state),
    issueAssertion: (person, overrides) => issueAssertion(state, person, overrides),
    verifyGraphToken: (token) => verifyGraphToken(state, token),
    handle: (request, response, url) => route(state, request, response, url),
  };
}

function createEntraState(options: EntraOptions): EntraState {
  const { context, registration, people, tenants } = options;
  const { now } = context;
  return {
    context,
    registration,
    people,
    tenants,
    graphRoot: options.graphRoot ?? 'https://graph.microsoft.com',
    keys: createSigningKeys(),
    consented: consentOfAll(tenants),
    stepUps: new Map(),
    faults: [],
    requests: [],
    codes: createTicketBox({ now, lifetimeMs: 10 * 60_000 }),
    refreshTokens: createTicketBox({ now, lifetimeMs: 90 * 24 * 60 * 60_000 }),
    secretRotated: false,
    isTrustedAssertion: () => false,
    accessTokenVersion: 2,
  };
}

const consentOfAll = (tenants: readonly SandboxTenant[]) =>
  new Map(tenants.filter(({ usesBot }) => usesBot).map(({ id }) => [id, new Set(delegatedGraphScopes)]));

function createControls(state: EntraState): EntraControls {
  return {
    setConsent(tenantId, consented) {
      state.consented.set(tenantId, new Set(consented ? delegatedGraphScopes : []));
    },
    requireStepUp(personKey, claims) {
      if (claims === undefined) state.stepUps.delete(personKey);
      else state.stepUps.set(personKey, claims);
    },
    failNext(count, fault) {
      state.faults.push(...Array.from({ length: count }, () => fault));
    },
    failNoMore() {
      state.faults.length = 0;
    },
    reset() {
      for (const [id, scopes] of consentOfAll(state.tenants)) state.consented.set(id, scopes);
      state.stepUps.clear();
      state.faults.length = 0;
      state.secretRotated = false;
    },
    rotateClientSecret() {
      state.secretRotated = true;
    },
    trustAssertions(isTrusted) {
      state.isTrustedAssertion = isTrusted;
    },
    setAccessTokenVersion(version) {
      state.accessTokenVersion = version;
    },
  };
}

async function route(state: EntraState, request: IncomingMessage, response: ServerResponse, url: URL) {
  const [, tenantName = '', path = ''] = /^\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
  const tenantId = state.tenants.find(({ id }) => id === tenantName.toLowerCase())?.id;
  const asked = `${request.method} ${path}`;
  if (asked === 'POST oauth2/v2.0/token') return token(state, tenantId, request, response);
  if (tenantId === undefined) {
    const error = unknownTenant(tenantName);
    if (path === 'oauth2/v2.0/authorize') {
      response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' });
      response.end(errorPage(error));
      return;
    }
    return sendJson(response, 400, toErrorBody(error, state.context.now()));
  }
  if (/^(GET|POST) oauth2\/v2\.0\/authorize$/.test(asked)) return authorize(state, tenantId, request, response, url);
  if (asked === 'GET v2.0/.well-known/openid-configuration') return sendJson(response, 200, metadata(state, tenantId));
  if (asked === 'GET discovery/v2.0/keys') return sendJson(response, 200, await state.keys.listPublicKeys());
  response.writeHead(404);
  response.end();
}

const unknownTenant = (name: string) => new EntraError('invalid_request', 90002, `Tenant ${name} was not found.`);

async function token(
  state: EntraState,
  tenantId: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const form = await readForm(request);
  const now = state.context.now();
  const progress: Progress = {};
  const record = (outcome: string) =>
    state.requests.push({
      at: now,
      grant: form.get('grant_type') ?? '',
      tenantId: tenantId ?? '',
      scopes: splitScopes(form.get('scope') ?? ''),
      ...progress,
      outcome,
    });
  try {
    if (tenantId === undefined) throw unknownTenant(String(request.url).split('/')[2] ?? '');
    const answer = await answerTokenRequest(state, tenantId, form, progress);
    record('ok');
    sendJson(response, 200, answer);
  } catch (error) {
    if (!(error instanceof EntraError)) throw error;
    record(String(error.code));
    const { status = 400, retryAfterS } = error.options;
    if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS));
    sendJson(response, status, toErrorBody(error, now, header(request, 'client-request-id') ?? randomUUID()));
  }
}

function metadata(state: EntraState, tenantId: string) {
  const base = `${state.context.baseUrl()}/entra/${tenantId}`;
  return {
    issuer: issuerOf(state, tenantId),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    code_challenge_methods_supported: ['S256'],
  };
}

const header = (request: IncomingMessage, name: string) => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

function sendJson(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
