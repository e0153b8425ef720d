import { randomUUID } from 'node:crypto';
import { GraphError } from '../domain/graph.ts';
import { untilAborted, wait as waitRealTime } from '../lib/async.ts';
import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { withJitter } from '../lib/retry.ts';
import { decodeGraphError, findRequestId } from './errors.ts';

/** Where and how Graph is asked. Everything that touches time or chance can be given, for tests and rehearsal. */
export interface GraphOptions {
  /** Such as `https://graph.microsoft.com`, without `/v1.0`. */
  readonly baseUrl: string;
  /** Called once per call, and once more with `renew` after a 401. Has deadlines of its own; what it throws is passed on. */
  readonly getToken: (request?: { readonly renew: true }) => Promise<string>;
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Used between attempts alone; deadlines run in real time. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 up to 1. */
  readonly random?: () => number;
  readonly log?: GraphLog;
  /** For rehearsal: lets tokens travel over http to this machine itself, never further. */
  readonly dangerouslyAllowLoopbackHttp?: boolean;
  /** Told of every attempt, for metrics. */
  readonly onRequest?: (observation: GraphObservation) => void;
  /** Deadline of one GET attempt, 10 s unless told; a call of three attempts ends within 20 s anyway. */
  readonly getTimeoutMs?: number;
  /** Deadline of one POST attempt, 30 s unless told. */
  readonly postTimeoutMs?: number;
}

export interface GraphLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface GraphObservation {
  readonly method: 'GET' | 'POST';
  /** With `{id}` in place of every id: fit for a metric label. */
  readonly path: string;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly ms: number;
}

/** One logical call: what all its attempts share. It carries no method; who sends decides that. */
interface Call {
  readonly clientRequestId: string;
  readonly template: string;
  now(): number;
  /** Headers with a token; a second one is acquired anew when asked. */
  headers(request?: { readonly renew: true }): Promise<Record<string, string>>;
  pause(ms: number, because: GraphError): Promise<void>;
  observe(method: 'GET' | 'POST', startedAt: number, outcome: Outcome): void;
}

function createCall(
  options: GraphOptions,
  template: string,
  signal: AbortSignal | undefined,
  clientRequestId: string = randomUUID(),
): Call {
  const now = options.now ?? Date.now;
  const wait = options.wait ?? waitRealTime;
  return {
    clientRequestId,
    template,
    now,
    async headers(request) {
      signal?.throwIfAborted();
      const token = await untilAborted(request ? options.getToken(request) : options.getToken(), signal);
      // Fetch would quote a malformed header, and so the token, in its error.
      if (!/^[\x21-\x7e]+$/.test(token)) throw new GraphError('tokenRejected', { clientRequestId: 'not sent' });
      return { accept: 'application/json', authorization: `Bearer ${token}`, 'client-request-id': clientRequestId };
    },
    async pause(ms, because) {
      const { reason, status, code } = because;
      options.log?.warn({ path: template, reason, status, code, waitMs: ms, clientRequestId }, 'Graph is asked again');
      await untilAborted(wait(ms, signal), signal);
    },
    observe(method, startedAt, outcome) {
      const ms = now() - startedAt;
      options.onRequest?.({
        method,
        path: template,
        ...(outcome.kind === 'answered' && { status: outcome.status }),
        ms,
      });
    },
  };
}

type Outcome =
  /** `text` is absent when the body could not be had whole; `bodyFault` then says why. */
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
 * One attempt, headers and body within one deadline, the body at most 8 MB. Never rejects: whatever happens is an outcome.
 * It does not know what is asked; `issue` does. Errors of fetch are not passed on, they can quote addresses and headers.
 */
async function exchange(
  issue: (signal: AbortSignal) => Promise<Response>,
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
    const response = await issue(signal);
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
 * The one function a read-only graph is made of: it issues GET and nothing else.
 * Up to three tries within 20 s on 429, 5xx, a deadline or a lost connection, Retry-After kept; a 401 once with a new token,
 * which is no try. Resolves to a JSON object or rejects with a GraphError, or with the signal's reason when aborted.
 */
export function createGet(options: GraphOptions): (request: GetRequest) => Promise<GetAnswer> {
  const send = options.fetch ?? fetch;
  const random = options.random ?? Math.random;
  const timeoutMs = options.getTimeoutMs ?? 10_000;

  return async ({ url, template, signal }) => {
    const call = createCall(options, template, signal);
    let headers = await call.headers();
    const endsAt = call.now() + budgetMs;
    let hasNewToken = false;
    for (let tries = 1; ; ) {
      const startedAt = call.now();
      const outcome = await exchange(
        (attempt) => send(url, { method: 'GET', headers, redirect: 'manual', signal: attempt }),
        { timeoutMs: Math.min(timeoutMs, endsAt - startedAt), signal },
      );
      call.observe('GET', startedAt, outcome);
      signal?.throwIfAborted();
      const result = judge(outcome, call);
      if ('body' in result) return { body: result.body, clientRequestId: call.clientRequestId };
      const { error, isWorthRepeating } = result;
      if (error.status === 401 && !error.claims && !hasNewToken) {
        hasNewToken = true;
        headers = await call.headers({ renew: true });
        if (call.now() >= endsAt) throw error;
        continue;
      }
      if (!isWorthRepeating || tries >= maxTries) throw error;
      const waitMs = error.retryAfterMs ?? withJitter(1000 * 2 ** (tries - 1), random);
      if (call.now() + waitMs >= endsAt) throw error;
      await call.pause(waitMs, error);
      if (call.now() >= endsAt) throw error;
      tries += 1;
    }
  };
}

type Judgement = { readonly body: JsonObject } | { readonly error: GraphError; readonly isWorthRepeating: boolean };

function judge(outcome: Outcome, call: Call): Judgement {
  const { clientRequestId } = call;
  if (outcome.kind !== 'answered') {
    const code = 'code' in outcome ? outcome.code : undefined;
    const reason = outcome.kind === 'timedOut' ? 'timedOut' : 'unavailable';
    return { error: new GraphError(reason, { clientRequestId, ...(code && { code }) }), isWorthRepeating: true };
  }
  const { status, headers, text, bodyFault } = outcome;
  if (status < 200 || status > 299) {
    const error = decodeGraphError(status, headers, text ?? '', { clientRequestId, now: call.now() });
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
 * Sends a POST without a body. It is sent again only where Graph surely did nothing: after 429 (at most four in all) and
 * once after 401 with a new token. Whatever leaves the outcome open rejects with `mayHaveStarted`, an abort in flight too.
 * A 2xx is success, whatever its body: resolves to the parsed body, or undefined when there is none to be read.
 */
export function createPost(options: GraphOptions): (request: PostRequest) => Promise<unknown> {
  const send = options.fetch ?? fetch;
  const random = options.random ?? Math.random;
  const timeoutMs = options.postTimeoutMs ?? 30_000;

  return async ({ url, template, signal, ...named }) => {
    const call = createCall(options, template, signal, named.clientRequestId);
    const { clientRequestId } = call;
    let headers = await call.headers();
    let hasNewToken = false;
    for (let sends = 1; ; sends += 1) {
      signal?.throwIfAborted();
      const startedAt = call.now();
      const exchanging = exchange(
        (attempt) => send(url, { method: 'POST', headers, redirect: 'manual', signal: attempt }),
        { timeoutMs, signal },
      );
      named.onSent?.(exchanging);
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
        if (requestId !== undefined) named.onAccepted?.(requestId);
        return parseJson(text);
      }
      const error = decodeGraphError(status, outcome.headers, text, { clientRequestId, now: call.now() });
      // A redirect may come after the work as well as instead of it.
      if (status >= 500 || status < 400 || status === 408) throw new GraphError('mayHaveStarted', error);
      if (sends >= maxSends) throw error;
      if (status === 401 && !error.claims && !hasNewToken) {
        hasNewToken = true;
        headers = await call.headers({ renew: true });
      } else if (status === 429) {
        const waitMs = error.retryAfterMs ?? withJitter(1000 * 2 ** sends, random);
        if (waitMs > longestWaitMs) throw error;
        await call.pause(waitMs, error);
      } else {
        throw error;
      }
    }
  };
}
