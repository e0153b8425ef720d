import { withJitter } from '../lib/async.ts';
import { parseJson } from '../lib/json.ts';
import { createCall } from './call.ts';
import { decodeGraphError, findRequestId, GraphError } from './errors.ts';
import { exchange } from './exchange.ts';
import type { GraphOptions } from './options.ts';

export interface PostRequest {
  readonly url: string;
  readonly template: string;
  readonly signal?: AbortSignal | undefined;
  readonly clientRequestId?: string;
  readonly onTaken?: (requestId: string) => void;
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
        if (requestId !== undefined) named.onTaken?.(requestId);
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
