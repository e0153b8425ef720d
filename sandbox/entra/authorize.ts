import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxPerson } from '../contract.ts';
import { readForm } from '../server.ts';
import { type EntraState, isAtHomeOrGuest } from './entra-state.ts';
import { delegatedGraphScopes, EntraError, readScopes, splitScopes } from './token-endpoint.ts';

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

/** A checked authorize request: its answer may go to `redirectUri`. */
interface AuthorizeRequest {
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

/** `page`: the redirect address is not registered, so the person sees the error; `redirect`: the error goes to the app. */
type AuthorizeReading =
  | { readonly kind: 'request'; readonly request: AuthorizeRequest }
  | { readonly kind: 'page'; readonly error: EntraError }
  | { readonly kind: 'redirect'; readonly redirectUri: string; readonly state?: string; readonly error: EntraError };

function readAuthorizeRequest(state: EntraState, tenantId: string, query: URLSearchParams): AuthorizeReading {
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

interface AuthorizePageData {
  readonly request: AuthorizeRequest;
  readonly tenantName: string;
  /** The people who can sign in to this tenant. */
  readonly people: readonly SandboxPerson[];
}

/** Pick a person, see what is asked, continue or cancel. Works without script. */
function authorizePage({ request, tenantName, people }: AuthorizePageData): string {
  const hint = request.loginHint?.toLowerCase();
  const choices = people.map((person) => choice(person, isHinted(person, hint)));
  const body = `<h1>Sign in to ${escapeHtml(tenantName)}</h1>
<p><strong>VPP Sync</strong> would like to know who you are and act in your name.</p>
<form method="post">
<fieldset>
<legend>Who are you?</legend>
${choices.join('\n')}
</fieldset>
${request.claims === undefined ? '' : stepUpNote}
${request.consentFor.length > 0 ? consentNote(tenantName, request.consentFor) : ''}
<div class="buttons">
<button name="decision" value="cancel" formnovalidate>Cancel</button>
<button class="main" name="decision" value="continue">Continue</button>
</div>
</form>`;
  return htmlPage(`Sign in to ${tenantName}`, body);
}

const isHinted = (person: SandboxPerson, hint: string | undefined) =>
  hint !== undefined && [person.userPrincipalName, person.aadObjectId].some((name) => name.toLowerCase() === hint);

const choice = (person: SandboxPerson, checked: boolean) => `<label>
<input type="radio" name="person" value="${escapeHtml(person.key)}" required${checked ? ' checked' : ''}>
<span>${escapeHtml(person.name)} <small>· ${escapeHtml(person.title)}</small><br><small>${escapeHtml(person.userPrincipalName)}</small></span>
</label>`;

const stepUpNote = `<p class="note" data-note="step-up"><strong>One more check.</strong>
Your organisation wants you to confirm that it is you. Continue means that you approve it on your phone.</p>`;

const purposes: Readonly<Record<string, string>> = {
  'DeviceManagementServiceConfig.ReadWrite.All': 'Read and sync Apple VPP tokens in Intune',
  'DeviceManagementApps.Read.All': 'Read apps and their licences in Intune',
};

const consentNote = (tenantName: string, scopes: readonly string[]) => `<div class="note" data-note="consent">
<strong>Permissions requested</strong> for everyone in ${escapeHtml(tenantName)}:
<ul>
${scopes.map((scope) => `<li>${purposes[scope] ? `${purposes[scope]}<br>` : ''}<code>${escapeHtml(scope)}</code></li>`).join('\n')}
</ul>
</div>`;

/** The error page for a request whose redirect address is not registered. */
export function errorPage(error: EntraError): string {
  const body = `<h1>Sorry, this sign-in cannot go on</h1>
<p class="note">AADSTS${error.code}: ${escapeHtml(error.message)}</p>
<p>Close this window and ask for the sign-in again where you began.</p>`;
  return htmlPage('Sign-in not possible', body);
}

/** A small page of the Entra stand-in, light and dark; `body` is HTML already. */
function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="where">Rehearsal sign-in · no password, no real account</p>
${body}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --page: #f3f2f1; --box: #fff; --text: #242424; --soft: #5c5c5c; --line: #d1d1d1;
  --accent: #4f52b2; --onAccent: #fff; --note: #f0f0fa; }
@media (prefers-color-scheme: dark) { :root { --page: #141414; --box: #242424; --text: #f5f5f5; --soft: #bdbdbd;
  --line: #525252; --accent: #aeb1f5; --onAccent: #1b1b3a; --note: #2c2d4a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page);
  color: var(--text); font: 15px/1.45 "Segoe UI", system-ui, sans-serif; }
main { width: min(28rem, 100%); padding: 1.5rem; background: var(--box); border: 1px solid var(--line); border-radius: 8px; }
h1 { margin: 0 0 .25rem; font-size: 1.35rem; font-weight: 600; }
p { margin: 0 0 1rem; }
.where, small { color: var(--soft); font-size: .85rem; }
fieldset { margin: 0 0 1rem; padding: 0; border: 0; }
legend { padding: 0; margin-bottom: .4rem; font-weight: 600; }
label { display: flex; gap: .7rem; align-items: center; padding: .35rem .7rem; border: 1px solid var(--line);
  border-radius: 6px; margin-bottom: .35rem; line-height: 1.3; cursor: pointer; }
label:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
label small { overflow-wrap: anywhere; }
input { accent-color: var(--accent); }
.note { padding: .7rem .9rem; border-radius: 6px; background: var(--note); margin-bottom: 1rem; }
.note ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.buttons { display: flex; gap: .6rem; justify-content: flex-end; }
button { font: inherit; padding: .45rem 1.1rem; border-radius: 6px; border: 1px solid var(--line); background: none;
  color: inherit; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--onAccent); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code { font-size: .85rem; overflow-wrap: anywhere; }
`;
