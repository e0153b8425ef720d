import { createHash } from 'node:crypto';
import type { Config } from '../config.ts';
import { type EntraCause, findEntraCause, findNumberIn, printEntraCode } from '../domain/entra-errors.ts';
import type { ExchangeFailure, SignInRequest, SignInRequests } from '../domain/sign-in-request.ts';
import type { Locale } from '../domain/turn.ts';
import { createSecret, hashSecret, isOpaqueId, newCorrelationId } from '../lib/ids.ts';
import { parseJson } from '../lib/json.ts';
import { isLoopback } from '../lib/net.ts';
import { teamsClientScript } from '../lib/package-files.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { AssertionVerifier } from './assertions.ts';
import type { Entra } from './entra.ts';
import type { Seal } from './keys.ts';
import { type Page, type PageAnswer, type PageWord, privateHeaders, renderPage } from './page.ts';
import type { Actor, LoginHints } from './sessions.ts';
import { type CodeHolder, createSignInCodes, type SharedCodes } from './sign-in-codes.ts';

export interface AuthPages {
  /** GET /auth/start: 302 to Entra's sign-in page, or a 4xx page. */
  start(query: URLSearchParams): Promise<PageAnswer>;
  /** GET /auth/end: a page with the one-time code in `data-state`, or a 4xx page without. */
  end(query: URLSearchParams): Promise<PageAnswer>;
  /** The assertion and request behind a code that came back through Teams; see SignInCodes. Does not mark the request used. */
  takeCode(code: string, holder: CodeHolder): Promise<{ assertion: string; request: SignInRequest } | undefined>;
  /** Drops the codes of a person who signs out. */
  forget(person: Actor): void;
}

export interface AuthPagesParts {
  readonly config: Config;
  /** Graph scopes asked for on consent and step-up. */
  readonly graphScopes: readonly string[];
  readonly requests: SignInRequests;
  /** Seals what a state carries. All processes of the bot must seal with the same key. */
  readonly stateSeal: Seal;
  readonly verifier: AssertionVerifier;
  readonly entra: Entra;
  readonly loginHints: LoginHints;
  readonly sharedCodes?: SharedCodes | undefined;
  /** Called when somebody other than the request's owner signed in; that sign-in is dropped. */
  readonly onOtherPerson?: ((request: SignInRequest) => Promise<void>) | undefined;
  readonly runtime: Runtime;
}

/**
 * The two addresses of the sign-in window. No cookie ties them to one browser: Teams opens them in pop-ups that may not share cookies.
 * A foreign browser gains nothing, because the person who signs in must be the one who asked, and the code is accepted from that
 * person in that conversation only.
 */
export function createAuthPages(parts: AuthPagesParts): AuthPages {
  const { config, graphScopes, requests, stateSeal, verifier, entra, loginHints, runtime } = parts;
  const codes = createSignInCodes({ requests, runtime, shared: parts.sharedCodes });
  const scripts = [inlineScript(teamsClientScript), handoverScript(config.authorityUrl)];
  const answer = (page: Page) => renderPage(page.status >= 400 ? { ...page, reference: newCorrelationId() } : page);

  async function start(query: URLSearchParams): Promise<PageAnswer> {
    const id = only(query, 'request');
    const request = id !== undefined && isOpaqueId(id) ? await requests.find(id) : undefined;
    if (!request) return answer({ status: 404, word: 'unknownRequest', detail: 'unknown request' });
    const closed = closedPage(request, runtime.now());
    if (closed) return answer(closed);
    const codeVerifier = createSecret(32);
    const content: SealedState = { requestId: request.id, codeVerifier, expiresAt: request.expiresAt };
    const state = stateSeal.seal(JSON.stringify(content), stateName);
    const loginHint = loginHints.find(request.owner);
    const location = authorizeUrl({
      config,
      request,
      graphScopes,
      state,
      codeVerifier,
      ...(loginHint !== undefined && { loginHint }),
    });
    return { status: 302, headers: { ...privateHeaders, Location: location }, body: '' };
  }

  async function end(query: URLSearchParams): Promise<PageAnswer> {
    const state = only(query, 'state');
    const opened = state === undefined ? undefined : stateSeal.open(state, stateName);
    const content = opened === undefined ? undefined : (parseJson(opened) as SealedState);
    const request = content && (await requests.find(content.requestId));
    if (!request) return answer({ status: 400, word: 'unknownState', detail: 'unknown state' });
    const { codeVerifier, expiresAt } = content;
    const { locale, owner } = request;
    // Accepted once, whatever happens next. Known by its secret, because one state can be written in more than one way.
    if (!(await requests.useState(hashSecret(codeVerifier), expiresAt))) {
      return answer({ status: 400, word: 'unknownState', locale, detail: 'state used twice' });
    }
    const closed = closedPage(request, runtime.now());
    if (closed) return answer(closed);
    const error = query.get('error');
    if (error !== null) return answer(pageOfEntraError(error, findNumberIn(query.get('error_description')), locale));
    const code = only(query, 'code');
    if (code === undefined) return answer(pageOfEntraError('no_code', undefined, locale));

    const redeemed = await entra.ask(owner.tenantId, 'code', (application) =>
      application.acquireTokenByCode({
        code,
        codeVerifier,
        redirectUri: redirectUri(config.publicUrl),
        scopes: [accessScope(config.app.clientId)],
      }),
    );
    if (!redeemed.ok) {
      await requests.recordFailure(request.id, redeemed.failure);
      return answer(pageOfFailure(redeemed.failure, locale));
    }
    const verified = await verifier.verify(redeemed.accessToken, owner);
    if (!verified.ok) {
      if (!verified.isOtherPerson) {
        await requests.recordFailure(request.id, verified.failure);
        return answer(pageOfFailure(verified.failure, locale));
      }
      await parts.onOtherPerson?.(request);
      const fills = { name: owner.name };
      return answer({ status: 403, word: 'otherPerson', locale, fills, detail: 'somebody else signed in' });
    }
    loginHints.remember(owner, verified.claims.userName);
    const handover = { code: await codes.issue(redeemed.accessToken, request), scripts };
    return answer({ status: 200, word: 'signedIn', locale, handover });
  }

  return { start, end, takeCode: codes.take, forget: codes.forget };
}

/**
 * What a state carries. Nothing is stored at the start, so that whoever opens a link again, such as a link scanner, ends no other
 * sign-in of the same request.
 */
interface SealedState {
  readonly requestId: string;
  readonly codeVerifier: string;
  readonly expiresAt: number;
}

const stateName = 'sign-in state';

function closedPage(request: SignInRequest, at: number): Page | undefined {
  const { locale } = request;
  if (request.usedAt !== undefined) return { status: 410, word: 'usedRequest', locale, detail: 'request used' };
  if (request.expiresAt <= at) return { status: 410, word: 'expiredRequest', locale, detail: 'request expired' };
  return undefined;
}

/** A parameter that is present exactly once, not empty and of sensible length; no honest query repeats one. */
function only(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  return value && others.length === 0 && value.length <= 8_192 ? value : undefined;
}

interface AuthorizeAsked {
  readonly config: Config;
  readonly request: SignInRequest;
  readonly graphScopes: readonly string[];
  readonly state: string;
  readonly codeVerifier: string;
  readonly loginHint?: string;
}

const accessScope = (clientId: string) => `${clientId}/access_as_user`;
const redirectUri = (publicUrl: string) => `${publicUrl}/auth/end`;

/**
 * Entra's authorize address for a request. Consent and step-up also ask for Graph, so that its policies and permissions are settled at
 * once; only consent prompts for it, because a step-up must not lead to a consent page that the person may not answer.
 * Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow.
 */
function authorizeUrl(asked: AuthorizeAsked): string {
  const { config, request, graphScopes, state, codeVerifier, loginHint } = asked;
  const { purpose, claims } = request;
  const scopes = ['openid', 'profile', 'offline_access', accessScope(config.app.clientId)];
  if (purpose !== 'signIn') scopes.push(...graphScopes);
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

const words: Readonly<Record<ExchangeFailure['reason'], PageWord>> = {
  assertionRejected: 'refused',
  versionOne: 'versionOne',
  assertionExpired: 'refused',
  refused: 'refused',
  tenantNotAllowed: 'tenantNotAllowed',
  consentRequired: 'consentMissing',
  // Who comes to this page has just passed every check that the sign-in page asks for.
  stepUpRequired: 'blockedByPolicy',
  blockedByPolicy: 'blockedByPolicy',
  notInTenant: 'notInTenant',
  wrongClientSecret: 'operatorFault',
  throttled: 'busy',
  unavailable: 'busy',
};

/** The page for a code that brought no assertion. Always 4xx, even when Entra failed: the status must differ from success. */
function pageOfFailure(failure: ExchangeFailure, locale: Locale): Page {
  const { reason } = failure;
  const word = words[reason];
  const code = 'code' in failure ? shown(printEntraCode(failure.code)) : reason;
  const detail = reason === 'assertionRejected' ? failure.detail : code;
  return { status: word === 'busy' ? 424 : 403, word, locale, fills: { code }, detail: `${reason}: ${detail}` };
}

const entraErrors: Readonly<Record<string, PageWord>> = {
  access_denied: 'cancelled',
  consent_required: 'consentMissing',
  temporarily_unavailable: 'busy',
  server_error: 'busy',
};

const causeWords: Readonly<Record<EntraCause, PageWord>> = {
  throttled: 'busy',
  unavailable: 'busy',
  consentRequired: 'consentMissing',
  declined: 'cancelled',
  assertionExpired: 'refused',
  assertionRejected: 'refused',
  wrongCredential: 'operatorFault',
  notInTenant: 'notInTenant',
  proofRequired: 'blockedByPolicy',
  blockedByPolicy: 'blockedByPolicy',
};

/**
 * The page for an `error` from Entra's sign-in page. Of its description only the AADSTS number is used: anybody can write a text into an
 * address. The number decides; a number that is not known is shown as it came.
 */
function pageOfEntraError(error: string, number: string | undefined, locale: Locale): Page {
  const code = shown(printEntraCode(number ?? error));
  const cause = number === undefined ? undefined : findEntraCause(number);
  const ofError = number === undefined && Object.hasOwn(entraErrors, error) ? entraErrors[error] : undefined;
  const word = cause === undefined ? ofError : causeWords[cause];
  return { status: 400, word: word ?? 'refused', locale, fills: { code }, detail: `sign-in page: ${code}` };
}

/** Shows only codes in Entra's form, so that a page repeats nothing that a stranger wrote into its address. */
function shown(code: string): string {
  return /^[\w.-]{1,40}$/.test(code) ? code : 'unknown';
}

/** Microsoft's client library as one browser script, put into the page because the page may load nothing from elsewhere. */
function inlineScript(script: string): string {
  const notice = '/*! @microsoft/teams-js, Copyright (c) Microsoft Corporation, MIT License */\n';
  return notice + script.replaceAll(/<(?=\/script|!--)/gi, '\\x3C');
}

/**
 * Passes the code in `data-state` to the Teams client that opened the window, which then closes it; without a client nothing happens.
 * The library knows Teams' own hosts; a rehearsal's client, on the authority's loopback origin, must be named to it.
 */
function handoverScript(authorityUrl: string): string {
  const clients = isLoopback(authorityUrl) ? [new URL(authorityUrl).origin] : [];
  return `microsoftTeams.app.initialize(${JSON.stringify(clients)})
  .then(() => microsoftTeams.authentication.notifySuccess(document.body.dataset.state))
  .catch(() => {});`;
}
