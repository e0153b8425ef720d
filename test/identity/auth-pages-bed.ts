import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignInRequest } from '../../src/domain/sign-in-request.ts';
import { createAssertionVerifier } from '../../src/identity/assertions.ts';
import { createAuthPages } from '../../src/identity/auth-pages.ts';
import { createEntra } from '../../src/identity/entra.ts';
import { createSeal } from '../../src/identity/keys.ts';
import { createLoginHints } from '../../src/identity/sessions.ts';
import { createRuntime } from '../support/runtime.ts';
import { entraConfig } from './entra-config.ts';
import { entraError, s256, startEntra, type TokenReply } from './entra-double.ts';
import { createRequests, signInRequest } from './requests-double.ts';

export const graphScopes = [
  'https://graph.microsoft.com/Config.ReadWrite.All',
  'https://graph.microsoft.com/Apps.Read.All',
];

/** The sign-in pages behind a real HTTP server, with an Entra that checks PKCE and issues one code per authorize request. */
export async function startAuthPages(changes: Partial<SignInRequest> = {}) {
  const entra = await startEntra();
  const clock = { now: Date.now() };
  const request = signInRequest(changes);
  const { requests, change } = createRequests(request);
  const loginHints = createLoginHints();
  const config = { ...entraConfig(entra.authorityUrl), publicUrl: '' };
  const runtime = createRuntime({ now: () => clock.now });
  const pages = createAuthPages({
    config,
    graphScopes,
    requests,
    stateSeal: createSeal(randomBytes(32)),
    loginHints,
    runtime,
    verifier: createAssertionVerifier(config, runtime),
    entra: createEntra({ config, deadlineMs: 500 }),
  });
  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://bot');
    const page = await (url.pathname === '/auth/start' ? pages.start : pages.end)(url.searchParams);
    response.writeHead(page.status, page.headers);
    response.end(page.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  config.publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** Entra's answer to the next code; by default an assertion for the request's owner. */
  const signingIn = { reply: undefined as TokenReply | undefined, claims: {} as Record<string, unknown> };
  const codes = new Map<string, string>();
  entra.state.script = async ({ form }) => {
    if (signingIn.reply) return signingIn.reply;
    const challenge = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    if (challenge === undefined) return entraError('invalid_grant', 54005);
    if (s256(form.get('code_verifier') ?? '') !== challenge) return entraError('invalid_grant', 501481);
    const assertion = await entra.assertion(signingIn.claims, undefined, clock.now);
    return { body: { token_type: 'Bearer', expires_in: 3600, scope: form.get('scope'), access_token: assertion } };
  };

  const get = async (path: string, query: Readonly<Record<string, string>> | URLSearchParams) => {
    const response = await fetch(`${config.publicUrl}${path}?${new URLSearchParams(query)}`, { redirect: 'manual' });
    const body = await response.text();
    const code = /<body data-state="([^"]*)">/.exec(body)?.[1];
    return { status: response.status, headers: response.headers, body, code };
  };
  const open = async (id = request.id) => {
    const { headers } = await get('/auth/start', { request: id });
    return new URL(headers.get('location') ?? 'about:blank');
  };
  /** Entra's sign-in page: remembers the challenge and sends the browser back with a code. */
  const authorize = (url: URL) => {
    const code = `code-${codes.size + 1}-${Math.random()}`;
    codes.set(code, url.searchParams.get('code_challenge') ?? '');
    return { code, state: url.searchParams.get('state') ?? '' };
  };
  const signIn = async () => get('/auth/end', authorize(await open()));

  return {
    entra,
    clock,
    request,
    requests,
    change,
    loginHints,
    config,
    pages,
    signingIn,
    get,
    open,
    authorize,
    signIn,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await entra.stop();
    },
  };
}

export type AuthPagesBed = Awaited<ReturnType<typeof startAuthPages>>;
