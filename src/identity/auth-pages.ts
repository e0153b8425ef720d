import type { Config } from '../config.ts';
import { createSecret, hashSecret, isOpaqueId, newCorrelationId, type RandomBytes } from '../lib/ids.ts';
import type { Actor } from './actor.ts';
import { accessScope, authorizeUrl, redirectUri } from './authorize-url.ts';
import type { Entra } from './entra.ts';
import type { LoginHints } from './login-hints.ts';
import { type Page, type PageAnswer, privateHeaders, renderPage } from './page.ts';
import { pageOfEntraError, pageOfFailure } from './refusal-page.ts';
import type { SharedCodes } from './shared-codes.ts';
import { type CodeHolder, createSignInCodes } from './sign-in-codes.ts';
import type { SignInRequest, SignInRequests } from './sign-in-request.ts';
import { handoverScript, readTeamsClientScript } from './teams-handover.ts';
import type { AssertionVerifier } from './verify-assertion.ts';

export interface AuthPages {
  /** GET /auth/start: 302 to Entra's sign-in page, or a 4xx page. */
  start(query: URLSearchParams): Promise<PageAnswer>;
  /** GET /auth/end: a page with the one-time code in `data-state`, or a 4xx page without. */
  end(query: URLSearchParams): Promise<PageAnswer>;
  /** What a code that came back through Teams stands for; see SignInCodes. Does not mark the request used. */
  takeCode(code: string, holder: CodeHolder): Promise<{ assertion: string; request: SignInRequest } | undefined>;
  /** Drops the codes of a person who signs out. */
  forget(person: Actor): void;
}

export interface AuthPagesOptions {
  readonly config: Pick<Config, 'app' | 'authorityUrl' | 'publicUrl'>;
  /** Graph scopes asked for on consent and step-up. */
  readonly graphScopes: readonly string[];
  readonly requests: SignInRequests;
  readonly verifier: AssertionVerifier;
  readonly entra: Entra;
  readonly loginHints?: LoginHints;
  readonly sharedCodes?: SharedCodes | undefined;
  /** Told when somebody else than the request's owner signed in: nothing is kept of that sign-in. */
  readonly onOtherPerson?: ((request: SignInRequest) => Promise<void>) | undefined;
  readonly now?: () => number;
  readonly random?: RandomBytes;
}

/**
 * The sign-in page's two addresses. No cookie ties them to one browser: Teams opens them in pop-ups that may share no cookies with
 * what follows, and a foreign browser gains nothing, because whoever signs in must be the person who asked and the code only serves
 * that person in that conversation.
 */
export function createAuthPages(options: AuthPagesOptions): AuthPages {
  const {
    config,
    graphScopes,
    requests,
    verifier,
    entra,
    loginHints,
    sharedCodes: shared,
    now = Date.now,
    random,
  } = options;
  const codes = createSignInCodes({ requests, now, ...(random && { random }), ...(shared && { shared }) });
  const scripts = [readTeamsClientScript(), handoverScript(config.authorityUrl)];
  const answer = (page: Page) =>
    renderPage({ ...page, ...(page.status >= 400 && { reference: newCorrelationId() }) }, random);

  async function start(query: URLSearchParams): Promise<PageAnswer> {
    const id = only(query, 'request');
    const request = id !== undefined && isOpaqueId(id) ? await requests.find(id) : undefined;
    if (!request) return answer({ status: 404, word: 'unknownRequest', detail: 'unknown request' });
    const closed = closedPage(request, now());
    if (closed) return answer(closed);
    const state = createSecret(32, random);
    const codeVerifier = createSecret(32, random);
    const loginHint = loginHints?.find(request.owner);
    await requests.start(request.id, { stateHash: hashSecret(state), codeVerifier });
    const location = authorizeUrl({
      ...{ config, request, graphScopes, state, codeVerifier },
      ...(loginHint !== undefined && { loginHint }),
    });
    return { status: 302, headers: { ...privateHeaders, Location: location }, body: '' };
  }

  async function end(query: URLSearchParams): Promise<PageAnswer> {
    const state = only(query, 'state');
    const stateHash = state === undefined ? undefined : hashSecret(state);
    const request = stateHash === undefined ? undefined : await requests.findByStateHash(stateHash);
    if (!request || stateHash === undefined || request.codeVerifier === undefined) {
      return answer({ status: 400, word: 'unknownState', detail: 'unknown state' });
    }
    const { locale, owner, codeVerifier } = request;
    // Whatever comes of it, this state has served.
    if (!(await requests.endStart(request.id, stateHash))) {
      return answer({ status: 400, word: 'unknownState', locale, detail: 'state used twice' });
    }
    const closed = closedPage(request, now());
    if (closed) return answer(closed);
    const error = query.get('error');
    if (error !== null) return answer(pageOfEntraError(error, locale));
    const code = only(query, 'code');
    if (code === undefined) return answer(pageOfEntraError('no_code', locale));

    const redeemed = await entra.ask(owner.tenantId, (application) =>
      application.acquireTokenByCode({
        code,
        codeVerifier,
        redirectUri: redirectUri(config.publicUrl),
        scopes: [accessScope(config.app.clientId)],
      }),
    );
    if (!redeemed.ok) return answer(pageOfFailure(redeemed.failure, locale));
    const verified = await verifier.verify(redeemed.accessToken, owner);
    if (!verified.ok) {
      if (!verified.isOtherPerson) return answer(pageOfFailure(verified.failure, locale));
      await options.onOtherPerson?.(request);
      const fills = { name: owner.name };
      return answer({ status: 403, word: 'otherPerson', locale, fills, detail: 'somebody else signed in' });
    }
    loginHints?.remember(owner, verified.claims.userName);
    const handover = { code: await codes.issue(redeemed.accessToken, request), scripts };
    return answer({ status: 200, word: 'signedIn', locale, handover });
  }

  return { start, end, takeCode: codes.take, forget: codes.forget };
}

function closedPage(request: SignInRequest, at: number): Page | undefined {
  const { locale } = request;
  if (request.usedAt !== undefined) return { status: 410, word: 'usedRequest', locale, detail: 'request used' };
  if (request.expiresAt <= at) return { status: 410, word: 'expiredRequest', locale, detail: 'request expired' };
  return undefined;
}

/** A parameter that stands there once, not empty and of sensible length; two of a kind are nobody's honest query. */
function only(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  return value && others.length === 0 && value.length <= 8_192 ? value : undefined;
}
