import { withJitter } from '../lib/async.ts';
import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { type Call, createCall } from './call.ts';
import { decodeGraphError, GraphError } from './errors.ts';
import { exchange, type Outcome } from './exchange.ts';
import type { GraphOptions } from './options.ts';

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
