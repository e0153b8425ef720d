import type { IncomingMessage, ServerResponse } from 'node:http';
import { readForm } from '../read-body.ts';
import { authorizePage } from './authorize-page.ts';
import { type AuthorizeRequest, readAuthorizeRequest } from './authorize-request.ts';
import type { EntraError } from './entra-error.ts';
import { type EntraState, isAtHomeOrGuest } from './entra-state.ts';
import { errorPage } from './error-page.ts';

/** The sign-in page: GET draws it, its form comes back as a POST to the same address with `person` and `decision`. */
export async function authorize(
  state: EntraState,
  tenantId: string,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) {
  const reading = readAuthorizeRequest(state, tenantId, url.searchParams);
  if (reading.kind === 'page') return sendPage(response, 400, errorPage(reading.error));
  if (reading.kind === 'redirect') return redirect(response, reading, describe(reading.error));
  const asked = reading.request;
  const people = state.people.filter((person) => isAtHomeOrGuest(person, tenantId));
  const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
  if (form.get('decision') === 'cancel') {
    return redirect(response, asked, {
      error: 'access_denied',
      error_description: 'AADSTS65004: The person did not go through with the sign-in.',
    });
  }
  const person = people.find(({ key }) => key === form.get('person'));
  if (form.get('decision') !== 'continue' || !person) {
    const tenantName = state.tenants.find(({ id }) => id === tenantId)?.name ?? tenantId;
    return sendPage(response, 200, authorizePage({ request: asked, people, tenantName }));
  }
  state.consented.set(tenantId, new Set([...(state.consented.get(tenantId) ?? []), ...asked.consentFor]));
  if (asked.claims !== undefined && state.stepUps.get(person.key) === asked.claims) state.stepUps.delete(person.key);
  const { scopes, redirectUri, codeChallenge, nonce } = asked;
  const code = state.codes.issue({
    person,
    tenantId,
    scopes,
    redirectUri,
    codeChallenge,
    ...(nonce !== undefined && { nonce }),
  });
  return redirect(response, asked, { code });
}

const describe = (error: EntraError) => ({
  error: error.error,
  error_description: `AADSTS${error.code}: ${error.message}`,
});

function redirect(
  response: ServerResponse,
  target: Pick<AuthorizeRequest, 'redirectUri' | 'state'>,
  answer: Readonly<Record<string, string>>,
) {
  const url = new URL(target.redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (target.state !== undefined) url.searchParams.set('state', target.state);
  response.writeHead(302, { location: url.href, 'cache-control': 'no-store' });
  response.end();
}

function sendPage(response: ServerResponse, status: number, html: string) {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(html);
}
