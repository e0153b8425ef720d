import { EntraError } from './entra-error.ts';
import type { EntraState } from './entra-state.ts';
import { delegatedGraphScopes, readScopes, splitScopes } from './scopes.ts';

/** A checked authorize request: its answer may go to `redirectUri`. */
export interface AuthorizeRequest {
  readonly tenantId: string;
  readonly redirectUri: string;
  readonly state?: string;
  readonly scopes: readonly string[];
  readonly codeChallenge: string;
  readonly nonce?: string;
  readonly loginHint?: string;
  /** Unchanged, as it came. */
  readonly claims?: string;
  /** Graph scopes the tenant is asked to consent to; empty when nothing is. */
  readonly consentFor: readonly string[];
}

/** `page`: the address cannot be trusted, so the person is told; `redirect`: the app is told at its own address. */
export type AuthorizeReading =
  | { readonly kind: 'request'; readonly request: AuthorizeRequest }
  | { readonly kind: 'page'; readonly error: EntraError }
  | { readonly kind: 'redirect'; readonly redirectUri: string; readonly state?: string; readonly error: EntraError };

export function readAuthorizeRequest(state: EntraState, tenantId: string, query: URLSearchParams): AuthorizeReading {
  const { clientId, redirectUri } = state.registration();
  if (query.get('client_id') !== clientId) {
    const message = `Application ${query.get('client_id') ?? '(none)'} was not found in the directory.`;
    return { kind: 'page', error: new EntraError('unauthorized_client', 700016, message) };
  }
  if (query.get('redirect_uri') !== redirectUri) {
    const message = `The redirect URI ${query.get('redirect_uri') ?? '(none)'} is not registered for the application.`;
    return { kind: 'page', error: new EntraError('invalid_request', 50011, message) };
  }
  try {
    return { kind: 'request', request: checkRest(state, tenantId, redirectUri, query) };
  } catch (error) {
    if (error instanceof EntraError) return { kind: 'redirect', redirectUri, ...given('state', query, 'state'), error };
    throw error;
  }
}

function checkRest(state: EntraState, tenantId: string, redirectUri: string, query: URLSearchParams): AuthorizeRequest {
  if (query.get('response_type') !== 'code') {
    throw new EntraError('unsupported_response_type', 700054, 'Only response_type=code is supported.');
  }
  if ((query.get('response_mode') ?? 'query') !== 'query') {
    throw new EntraError('invalid_request', 901002, 'Only response_mode=query is supported.');
  }
  const codeChallenge = query.get('code_challenge') ?? '';
  if (query.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(codeChallenge)) {
    throw new EntraError('invalid_request', 9002325, 'A code_challenge with method S256 is required.');
  }
  if (query.get('prompt') === 'none') {
    throw new EntraError('login_required', 50058, 'Nobody is signed in yet, and the request forbids to ask.');
  }
  const scope = query.get('scope') ?? '';
  const { graph, ownApp } = readScopes(state, scope);
  const asked = graph.includes('.default') ? delegatedGraphScopes : graph;
  if (!ownApp && asked.length === 0) {
    throw new EntraError('invalid_request', 900144, 'The request asks for no resource.');
  }
  const mustConsent =
    query.get('prompt') === 'consent' || asked.some((name) => !state.consented.get(tenantId)?.has(name));
  return {
    tenantId,
    redirectUri,
    scopes: splitScopes(scope),
    codeChallenge,
    ...given('state', query, 'state'),
    ...given('nonce', query, 'nonce'),
    ...given('loginHint', query, 'login_hint'),
    ...given('claims', query, 'claims'),
    consentFor: mustConsent ? asked : [],
  };
}

function given<K extends string>(key: K, query: URLSearchParams, name: string): { readonly [P in K]?: string } {
  const value = query.get(name);
  return value === null ? {} : ({ [key]: value } as { readonly [P in K]: string });
}
