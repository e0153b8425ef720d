import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { isLoopback } from '../lib/net.ts';
import { type EntraAnswer, readEntraAnswer } from './entra-answer.ts';

export interface NetworkClientOptions {
  /** Where Entra is reached: the cloud's login host, or a rehearsal's address on loopback. */
  readonly authorityUrl: string;
  /** Told of every answer, and of every request that got none. */
  readonly onHeard?: (heard: EntraAnswer | 'nothing') => void;
  readonly fetch?: typeof fetch;
  readonly deadlineMs?: number;
}

/**
 * MSAL's way to the network: one try, a deadline over headers and body, no redirects followed with a secret in the body.
 * With a loopback authority every request goes there, whatever host MSAL picked (China's has an alias), so that none leaves
 * this machine; MSAL itself is always given the cloud's real authority, because it refuses http.
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
