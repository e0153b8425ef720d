import type {
  AuthenticationResult,
  ConfidentialClientApplication,
  INetworkModule,
  NetworkRequestOptions,
  NetworkResponse,
} from '@azure/msal-node';
import type { Config } from '../config.ts';
import { findEntraCause, findNumberIn, printEntraCode } from '../domain/entra-errors.ts';
import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import { isJsonObject, parseJson } from '../lib/json.ts';
import { isLoopback } from '../lib/net.ts';
import { retryAfterToMs } from '../lib/retry.ts';
import { CredentialError, loadClientCredential, loadMsal } from './credential.ts';

export type TokenAnswer =
  /** `expiresAt` in epoch milliseconds. */
  | { readonly ok: true; readonly accessToken: string; readonly expiresAt: number }
  | { readonly ok: false; readonly failure: ExchangeFailure };

export interface Entra {
  /** Asks a tenant's token endpoint in our app's name. Never throws for errors of Entra or the network. */
  ask(
    tenantId: string,
    flow: EntraFlow,
    call: (application: ConfidentialClientApplication) => Promise<AuthenticationResult | null>,
  ): Promise<TokenAnswer>;
}

/** `onBehalfOf`: a person's assertion; `code`: the sign-in window's; `app`: the app itself, for monitoring. */
export type EntraFlow = 'onBehalfOf' | 'code' | 'app';

export interface EntraObservation {
  readonly flow: EntraFlow;
  readonly outcome: 'ok' | ExchangeFailure['reason'];
  readonly ms: number;
}

interface EntraParts {
  readonly config: Config;
  /** Called after every request for a token, for metrics. */
  readonly onAsked?: ((observation: EntraObservation) => void) | undefined;
  readonly fetch?: typeof fetch;
  readonly deadlineMs?: number;
}

/**
 * Our app registration at Entra's token endpoint, through MSAL.
 * Every request uses a new MSAL application: MSAL repeats one person's 429 to everybody with the same authority and scopes, without
 * a request, and its cache would hold refresh tokens in clear. Throws at once for an unusable credential.
 */
export function createEntra({ config, onAsked, fetch, deadlineMs }: EntraParts): Entra {
  const credential = loadClientCredential(config.app.credential, config.cloud);
  return {
    async ask(tenantId, flow, call) {
      const from = performance.now();
      const answer = await askOnce(tenantId, call);
      const outcome = answer.ok ? 'ok' : answer.failure.reason;
      onAsked?.({ flow, outcome, ms: performance.now() - from });
      return answer;
    },
  };

  async function askOnce(tenantId: string, call: Parameters<Entra['ask']>[2]): Promise<TokenAnswer> {
    const { AuthError, ConfidentialClientApplication } = await loadMsal();
    let heard: EntraAnswer | 'nothing' | undefined;
    const networkClient = createNetworkClient({
      authorityUrl: config.authorityUrl,
      onHeard: (answer) => {
        heard = answer;
      },
      ...(fetch && { fetch }),
      ...(deadlineMs !== undefined && { deadlineMs }),
    });
    try {
      const application = new ConfidentialClientApplication({
        auth: { clientId: config.app.clientId, authority: `${config.cloud.loginUrl}/${tenantId}`, ...credential },
        system: { networkClient },
      });
      const result = await call(application);
      if (result?.accessToken && result.expiresOn) {
        return { ok: true, accessToken: result.accessToken, expiresAt: result.expiresOn.getTime() };
      }
      return { ok: false, failure: heard ? failureOf(heard) : { reason: 'refused', code: 'no_token' } };
    } catch (error) {
      if (error instanceof CredentialError) return { ok: false, failure: error.failure };
      if (heard) return { ok: false, failure: failureOf(heard) };
      // MSAL itself refused; its message may quote its input, its code never does.
      const code = error instanceof AuthError && error.errorCode !== '' ? error.errorCode : 'msal';
      return { ok: false, failure: { reason: 'refused', code } };
    }
  }
}

interface NetworkClientOptions {
  /** The cloud's login host, or a rehearsal's address on loopback. */
  readonly authorityUrl: string;
  /** Called with every answer, and with `nothing` for a request that got none. */
  readonly onHeard?: (heard: EntraAnswer | 'nothing') => void;
  readonly fetch?: typeof fetch;
  readonly deadlineMs?: number;
}

/**
 * The network client for MSAL: one try, a deadline over headers and body, and no redirect followed with a secret in the body.
 * With a loopback authority every request goes there, whatever host MSAL picked (China's has an alias), so that none leaves
 * this machine; MSAL itself always gets the cloud's real authority, because it refuses http.
 */
export function createNetworkClient(options: NetworkClientOptions): INetworkModule {
  const { authorityUrl, onHeard, fetch = globalThis.fetch, deadlineMs = 10_000 } = options;
  const address = (url: string) => {
    if (!isLoopback(authorityUrl)) return url;
    const { pathname, search } = new URL(url);
    return `${authorityUrl}${pathname}${search}`;
  };

  async function send<T>(
    method: string,
    url: string,
    request?: NetworkRequestOptions,
    timeoutMs?: number,
  ): Promise<NetworkResponse<T>> {
    try {
      const response = await fetch(address(url), {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(Math.min(timeoutMs ?? deadlineMs, deadlineMs)),
        ...(request?.headers && { headers: request.headers }),
        ...(method === 'POST' && { body: request?.body ?? '' }),
      });
      const text = await response.text();
      const body: unknown = parseJson(text);
      onHeard?.(readEntraAnswer(response.status, response.headers.get('retry-after'), body));
      return { headers: Object.fromEntries(response.headers), body: (body ?? {}) as T, status: response.status };
    } catch (error) {
      onHeard?.('nothing');
      throw error;
    }
  }

  return {
    sendGetRequestAsync: (url, request, timeoutMs) => send('GET', url, request, timeoutMs),
    sendPostRequestAsync: (url, request) => send('POST', url, request),
  };
}

/** The parts of a token endpoint's answer that explain an error. Holds no token and no message text. */
interface EntraAnswer {
  readonly status: number;
  /** False when the body was no JSON object, such as a proxy's page. */
  readonly isReadable: boolean;
  readonly retryAfterMs?: number;
  /** OAuth error, such as `invalid_grant`. */
  readonly error?: string;
  readonly suberror?: string;
  /** AADSTS numbers as text, in Entra's order: the first is the cause. */
  readonly codes: readonly string[];
  /** Claims challenge, unchanged. */
  readonly claims?: string;
}

/** Reads the answer itself, because MSAL drops claims, status and Retry-After from some of its errors. */
function readEntraAnswer(status: number, retryAfter: string | null, body: unknown): EntraAnswer {
  const isReadable = isJsonObject(body);
  const fields = isReadable ? body : {};
  const text = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? { [name]: value } : {};
  };
  const retryAfterMs = readRetryAfter(retryAfter);
  const listed = Array.isArray(fields.error_codes) ? fields.error_codes.map(String) : [];
  // An answer may lose the list on the way.
  const codes = listed.length > 0 ? listed : [findNumberIn(fields.error_description) ?? []].flat();
  return {
    status,
    isReadable,
    codes,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...text('error'),
    ...text('suberror'),
    ...text('claims'),
  };
}

/** Entra sends seconds. A date would depend on a clock elsewhere, so it is left out. */
function readRetryAfter(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value.trim()) ? retryAfterToMs(value, 0) : undefined;
}

/**
 * Finds the reason why Entra gave no token. The AADSTS number decides, whatever OAuth error it comes with (`invalid_client` and
 * `invalid_grant` are given for almost everything); status and OAuth error count only without a number that is known.
 * `nothing` is a request that got no answer.
 */
function failureOf(heard: EntraAnswer | 'nothing'): ExchangeFailure {
  if (heard === 'nothing') return { reason: 'unavailable' };
  const { status, error, suberror, claims } = heard;
  const known = heard.codes.find((each) => findEntraCause(each) !== undefined);
  const cause = known === undefined ? undefined : findEntraCause(known);
  const code = known ?? heard.codes[0] ?? error ?? `http_${status}`;

  if (status === 429 || cause === 'throttled') {
    return { reason: 'throttled', ...(heard.retryAfterMs !== undefined && { retryAfterMs: heard.retryAfterMs }) };
  }
  switch (cause) {
    case 'unavailable':
    case 'assertionExpired':
      return { reason: cause };
    case 'declined':
    case 'consentRequired':
      return { reason: 'consentRequired', code };
    case 'assertionRejected':
      return { reason: 'assertionRejected', detail: `Entra refused it: ${printEntraCode(code)}` };
    case 'wrongCredential':
      return { reason: 'wrongClientSecret', code };
    case 'notInTenant':
      return { reason: 'notInTenant', code };
    case 'blockedByPolicy':
      // Claims say what would satisfy the policy, such as a second factor.
      return claims === undefined ? { reason: 'blockedByPolicy', code } : { reason: 'stepUpRequired', claims, code };
    case 'proofRequired':
      return { reason: 'stepUpRequired', claims: claims ?? '', code };
  }
  if (status >= 500 || !heard.isReadable || error === 'temporarily_unavailable') return { reason: 'unavailable' };
  if (error === 'consent_required' || suberror === 'consent_required') return { reason: 'consentRequired', code };
  if (claims !== undefined || error === 'interaction_required' || error === 'login_required') {
    return { reason: 'stepUpRequired', claims: claims ?? '', code };
  }
  // A number that is not known says more than the word, which Entra gives for refusals of other kinds too.
  if (error === 'invalid_client' && heard.codes.length === 0) return { reason: 'wrongClientSecret', code };
  return { reason: 'refused', code };
}

export interface OnBehalfOf {
  /**
   * Exchanges a verified assertion at its own tenant for a token to the scopes. `claims` repeats a claims challenge; MSAL adds
   * optional id_token claims of its own. Not cached here: sessions are the cache.
   */
  exchange(asked: {
    readonly assertion: string;
    readonly tenantId: string;
    readonly claims?: string;
  }): Promise<TokenAnswer>;
}

/** `scopes` carry the cloud's Graph root, whatever address Graph is reached at. */
export function createOnBehalfOf({ entra, scopes }: { entra: Entra; scopes: readonly string[] }): OnBehalfOf {
  return {
    exchange: ({ assertion, tenantId, claims }) =>
      entra.ask(tenantId, 'onBehalfOf', (application) =>
        application.acquireTokenOnBehalfOf({
          oboAssertion: assertion,
          scopes: [...scopes],
          skipCache: true,
          ...(claims && { claims }),
        }),
      ),
  };
}
