import { randomUUID } from 'node:crypto';
import { untilAborted, wait as waitRealTime } from '../lib/async.ts';
import { GraphError } from './errors.ts';
import type { Outcome } from './exchange.ts';
import type { GraphOptions } from './options.ts';

/** One logical call: what all its attempts share. It carries no method; who sends decides that. */
export interface Call {
  readonly clientRequestId: string;
  readonly template: string;
  now(): number;
  /** Headers with a token; a second one is acquired anew when asked. */
  headers(request?: { readonly renew: true }): Promise<Record<string, string>>;
  pause(ms: number, because: GraphError): Promise<void>;
  observe(method: 'GET' | 'POST', startedAt: number, outcome: Outcome): void;
}

export function createCall(
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
