import { createHash } from 'node:crypto';
import type { Config } from '../config.ts';
import type { SignInRequest } from './sign-in-request.ts';

export interface AuthorizeAsked {
  readonly config: Pick<Config, 'app' | 'authorityUrl' | 'publicUrl'>;
  readonly request: Pick<SignInRequest, 'owner' | 'purpose' | 'claims'>;
  readonly graphScopes: readonly string[];
  readonly state: string;
  readonly codeVerifier: string;
  readonly loginHint?: string;
}

export const accessScope = (clientId: string) => `${clientId}/access_as_user`;
export const redirectUri = (publicUrl: string) => `${publicUrl}/auth/end`;

/**
 * Where the person signs in (DESIGN §8). Consent and step-up also ask for Graph, so that its policies and permissions are settled
 * there and then; only consent prompts for it, as a step-up must not meet a consent page that the person may not answer.
 */
export function authorizeUrl(asked: AuthorizeAsked): string {
  const { config, request, graphScopes, state, codeVerifier, loginHint } = asked;
  const { purpose, claims } = request;
  const scopes = [
    ...['openid', 'profile', 'offline_access', accessScope(config.app.clientId)],
    ...(purpose === 'signIn' ? [] : graphScopes),
  ];
  const query = new URLSearchParams({
    client_id: config.app.clientId,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: redirectUri(config.publicUrl),
    scope: scopes.join(' '),
    state,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(loginHint && { login_hint: loginHint }),
    ...(purpose === 'consent' && { prompt: 'consent' }),
    ...(purpose === 'stepUp' && claims && { claims }),
  });
  return `${config.authorityUrl}/${request.owner.tenantId}/oauth2/v2.0/authorize?${query}`;
}
