import { witness } from '../witness.ts';
import { authenticateClient } from './authenticate-client.ts';
import { EntraError } from './entra-error.ts';
import type { EntraState, SignedIn } from './entra-state.ts';
import { type Granted, grants, onBehalfOfGrant } from './grants.ts';
import { issueAppToken, issueGraphToken, issueIdToken, issueOwnAppToken, lifetimeS } from './issue-tokens.ts';
import { delegatedGraphScopes, readScopes, splitScopes } from './scopes.ts';

/** Told as soon as known, so that a refused request is recorded with its person too. */
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
  witness({ context: state.context, kind: 'tokenRequest', grant: grantType, scope: form.get('scope') ?? '' });
  throwPlannedFault(state, grantType);
  const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
  if (!grant) throw new EntraError('unsupported_grant_type', 70003, `The grant type ${grantType} is not supported.`);
  authenticateClient(state, form);
  const granted = await grant(state, tenantId, form);
  if (!granted.who) return answerClient(state, tenantId, granted.scope);
  progress.oid = granted.who.person.aadObjectId;
  return answerPerson(state, granted.who, granted);
}

function throwPlannedFault(state: EntraState, grantType: string) {
  const index = state.faults.findIndex(({ kind }) => kind !== 'expiredAssertion' || grantType === onBehalfOfGrant);
  const [fault] = index < 0 ? [] : state.faults.splice(index, 1);
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

async function answerClient(state: EntraState, tenantId: string, scope: string) {
  if (!state.tenants.find(({ id }) => id === tenantId)?.usesBot) {
    throw new EntraError('unauthorized_client', 700016, 'The application was not found in this directory.');
  }
  if (scope !== `${state.graphRoot}/.default`) {
    throw new EntraError('invalid_scope', 1002012, `The scope must be ${state.graphRoot}/.default.`);
  }
  const access_token = await issueAppToken(state, tenantId);
  return { token_type: 'Bearer', expires_in: lifetimeS, ext_expires_in: lifetimeS, access_token };
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

/** Consent of the tenant first, then what Conditional Access wants of the person. */
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
