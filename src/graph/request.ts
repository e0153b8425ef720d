import { randomUUID } from 'node:crypto';
import { GraphError } from '../domain/graph.ts';
import { untilAborted } from '../lib/async.ts';
import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { withJitter } from '../lib/retry.ts';
import type { Runtime } from '../lib/runtime.ts';
import { decodeGraphError, findRequestId } from './errors.ts';

export interface GraphOptions {
  /** Such as `https://graph.microsoft.com`, without `/v1.0`. */
  readonly baseUrl: string;
  /** Called once per call, and once more with `renew` after a 401. Has deadlines of its own; its errors are passed on. */
  readonly getToken: (request?: { readonly renew: true }) => Promise<string>;
  /** `wait` is used between attempts only; deadlines of attempts run in real time. */
  readonly runtime: Runtime;
  readonly fetch?: typeof fetch;
  /** For the rehearsal: allows sending tokens over http to this machine itself, never further. */
  readonly dangerouslyAllowLoopbackHttp?: boolean;
  /** Called after every attempt, for metrics. */
  readonly onRequest?: (observation: GraphObservation) => void;
  /** Deadline of one GET attempt, 10 s by default; a call of three attempts ends within 20 s anyway. */
  readonly getTimeoutMs?: number;
  /** Deadline of one POST attempt, 30 s by default. */
  readonly postTimeoutMs?: number;
}

export interface GraphObservation {
  readonly method: 'GET' | 'POST';
  /** With `{id}` in place of every id: fit for a metric label. */
  readonly path: string;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly ms: number;
}

export interface GetRequest {
  readonly url: string;
  readonly template: string;
  readonly signal?: AbortSignal | undefined;
}

export interface GetAnswer {
  readonly body: JsonObject;
  readonly clientRequestId: string;
}

const maxTries = 3;
const budgetMs = 20_000;

/**
 * The one function a read-only graph is made of: it sends GET and nothing else.
 * Up to three tries within 20 s after 429, 5xx, a missed deadline or a lost connection, honoring Retry-After; a 401 is sent once more
 * with a new token, which does not count as a try. Resolves to a JSON object or rejects with a GraphError, or with the signal's reason
 * when aborted.
 */
export function createGet(options: GraphOptions): (request: GetRequest) => Promise<GetAnswer> {
  const { runtime, fetch: send = fetch, getTimeoutMs = 10_000 } = options;

  return async ({ url, template, signal }) => {
    const call = createCall(options, template, signal);
    let headers = await call.headers();
    const endsAt = runtime.now() + budgetMs;
    let hasNewToken = false;
    for (let tries = 1; ; ) {
      const startedAt = runtime.now();
      const outcome = await exchange(
        (attempt) => send(url, { method: 'GET', headers, redirect: 'manual', signal: attempt }),
        { timeoutMs: Math.min(getTimeoutMs, endsAt - startedAt), signal },
      );
      call.observe('GET', startedAt, outcome);
      signal?.throwIfAborted();
      const result = judge(outcome, call.clientRequestId, runtime.now());
      if ('body' in result) return { body: result.body, clientRequestId: call.clientRequestId };
      const { error, isWorthRepeating } = result;
      if (error.status === 401 && !error.claims && !hasNewToken) {
        hasNewToken = true;
        headers = await call.headers({ renew: true });
        if (runtime.now() >= endsAt) throw error;
        continue;
      }
      if (!isWorthRepeating || tries >= maxTries) throw error;
      const waitMs = error.retryAfterMs ?? withJitter(1000 * 2 ** (tries - 1), runtime.random);
      if (runtime.now() + waitMs >= endsAt) throw error;
      await call.pause(waitMs, error);
      if (runtime.now() >= endsAt) throw error;
      tries += 1;
    }
  };
}

type Judgement = { readonly body: JsonObject } | { readonly error: GraphError; readonly isWorthRepeating: boolean };

function judge(outcome: Outcome, clientRequestId: string, now: number): Judgement {
  if (outcome.kind !== 'answered') {
    const code = 'code' in outcome ? outcome.code : undefined;
    const reason = outcome.kind === 'timedOut' ? 'timedOut' : 'unavailable';
    return { error: new GraphError(reason, { clientRequestId, ...(code && { code }) }), isWorthRepeating: true };
  }
  const { status, headers, text, bodyFault } = outcome;
  if (status < 200 || status > 299) {
    const error = decodeGraphError(status, headers, text ?? '', { clientRequestId, now });
    return { error, isWorthRepeating: status === 429 || status >= 500 };
  }
  const body = text === undefined ? undefined : parseJson(text);
  if (isJsonObject(body)) return { body };
  const reason = bodyFault === 'timedOut' ? 'timedOut' : 'unreadable';
  const isWorthRepeating = bodyFault === 'cut' || bodyFault === 'timedOut';
  return { error: new GraphError(reason, { clientRequestId, status }), isWorthRepeating };
}

interface PostRequest {
  readonly url: string;
  readonly template: string;
  readonly signal?: AbortSignal | undefined;
  readonly clientRequestId?: string;
  readonly onAccepted?: (requestId: string) => void;
  readonly onSent?: (outcome: Promise<unknown>) => void;
}

const maxSends = 4;
const longestWaitMs = 30_000;

/**
 * Sends a POST without a body. It is sent again only when Graph certainly did nothing: after 429 (at most four times in all) and
 * once after 401 with a new token. Anything that leaves the outcome open rejects with `mayHaveStarted`, an abort in flight too.
 * A 2xx is success, whatever its body: resolves to the parsed body, or undefined when there is none that can be parsed.
 */
export function createPost(options: GraphOptions): (request: PostRequest) => Promise<unknown> {
  const { runtime, fetch: send = fetch, postTimeoutMs = 30_000 } = options;

  return async ({ url, template, signal, onAccepted, onSent, ...named }) => {
    const call = createCall(options, template, signal, named.clientRequestId);
    const { clientRequestId } = call;
    let headers = await call.headers();
    let hasNewToken = false;
    for (let sends = 1; ; sends += 1) {
      signal?.throwIfAborted();
      const startedAt = runtime.now();
      const exchanging = exchange(
        (attempt) => send(url, { method: 'POST', headers, redirect: 'manual', signal: attempt }),
        { timeoutMs: postTimeoutMs, signal },
      );
      onSent?.(exchanging);
      const outcome = await exchanging;
      call.observe('POST', startedAt, outcome);
      if (outcome.kind !== 'answered') {
        const code = 'code' in outcome ? outcome.code : undefined;
        const reason = outcome.kind === 'notSent' ? 'unavailable' : 'mayHaveStarted';
        throw new GraphError(reason, { clientRequestId, ...(code && { code }) });
      }
      const { status, text = '' } = outcome;
      if (status >= 200 && status <= 299) {
        const requestId = findRequestId(outcome.headers);
        if (requestId !== undefined) onAccepted?.(requestId);
        return parseJson(text);
      }
      const error = decodeGraphError(status, outcome.headers, text, { clientRequestId, now: runtime.now() });
      // A redirect may come after the work as well as instead of it.
      if (status >= 500 || status < 400 || status === 408) throw new GraphError('mayHaveStarted', error);
      if (sends >= maxSends) throw error;
      if (status === 401 && !error.claims && !hasNewToken) {
        hasNewToken = true;
        headers = await call.headers({ renew: true });
      } else if (status === 429) {
        const waitMs = error.retryAfterMs ?? withJitter(1000 * 2 ** sends, runtime.random);
        if (waitMs > longestWaitMs) throw error;
        await call.pause(waitMs, error);
      } else {
        throw error;
      }
    }
  };
}

/** Everything that the attempts of one call share. It knows no method: that is the sender's decision. */
interface Call {
  readonly clientRequestId: string;
  /** With the token in use, or with a new one. */
  headers(request?: { readonly renew: true }): Promise<Record<string, string>>;
  /** Logs that the call is repeated, and waits. Rejects with the signal's reason when it is aborted. */
  pause(ms: number, because: GraphError): Promise<void>;
  observe(method: 'GET' | 'POST', startedAt: number, outcome: Outcome): void;
}

function createCall(
  { runtime, getToken, onRequest }: GraphOptions,
  template: string,
  signal: AbortSignal | undefined,
  clientRequestId: string = randomUUID(),
): Call {
  return {
    clientRequestId,
    async headers(request) {
      signal?.throwIfAborted();
      const token = await untilAborted(request ? getToken(request) : getToken(), signal);
      // Fetch would quote a malformed header, and so the token, in its error.
      if (!/^[\x21-\x7e]+$/.test(token)) throw new GraphError('tokenRejected', { clientRequestId: 'not sent' });
      return { accept: 'application/json', authorization: `Bearer ${token}`, 'client-request-id': clientRequestId };
    },
    async pause(ms, because) {
      const { reason, status, code } = because;
      runtime.log.warn(
        { path: template, reason, status, code, waitMs: ms, clientRequestId },
        'a request to Graph is repeated',
      );
      await untilAborted(runtime.wait(ms, signal), signal);
    },
    observe(method, startedAt, outcome) {
      onRequest?.({
        method,
        path: template,
        ...(outcome.kind === 'answered' && { status: outcome.status }),
        ms: runtime.now() - startedAt,
      });
    },
  };
}

type Outcome =
  /** `text` is absent when the body did not arrive whole; `bodyFault` then says why. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Headers;
      readonly text?: string;
      readonly bodyFault?: 'cut' | 'tooLarge' | 'timedOut' | 'aborted';
    }
  /** No connection was made, so nothing can have happened. */
  | { readonly kind: 'notSent'; readonly code?: string }
  /** The connection broke before an answer; the request may have arrived. */
  | { readonly kind: 'lost'; readonly code?: string }
  | { readonly kind: 'timedOut' }
  /** By the caller's signal. */
  | { readonly kind: 'aborted' };

const maxBodyBytes = 8 * 1024 * 1024;

/**
 * One attempt: headers and body within one deadline, the body at most 8 MB. Never rejects: whatever happens is an outcome. Fetch's own
 * errors are not passed on, because they can quote addresses and headers.
 */
async function exchange(
  send: (signal: AbortSignal) => Promise<Response>,
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Outcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), limits.timeoutMs);
  const signal = limits.signal ? AbortSignal.any([limits.signal, deadline.signal]) : deadline.signal;
  const interruption = () => {
    if (limits.signal?.aborted) return 'aborted';
    return deadline.signal.aborted ? 'timedOut' : undefined;
  };
  try {
    const response = await send(signal);
    const { status, headers } = response;
    try {
      const text = await readText(response);
      return { kind: 'answered', status, headers, ...(text === undefined ? { bodyFault: 'tooLarge' } : { text }) };
    } catch {
      return { kind: 'answered', status, headers, bodyFault: interruption() ?? 'cut' };
    }
  } catch (error) {
    const kind = interruption();
    return kind ? { kind } : toNetworkFault(error);
  } finally {
    clearTimeout(timer);
  }
}

async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const beforeSending = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

function toNetworkFault(error: unknown): Outcome {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code, syscall } = (typeof cause === 'object' && cause !== null ? cause : {}) as {
    readonly code?: unknown;
    readonly syscall?: unknown;
  };
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return { kind: 'lost' };
  return { kind: beforeSending.has(code) || syscall === 'connect' ? 'notSent' : 'lost', code };
}
