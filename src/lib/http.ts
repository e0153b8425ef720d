import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

interface HttpCall {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Ends the call, which then rejects. */
  readonly signal?: AbortSignal | undefined;
}

interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Empty when the body was cut off. */
  readonly text: string;
}

/**
 * Calls an http or https address by Node's own client, which keeps connections and takes half of the CPU of `fetch`. Follows no
 * redirect. Rejects with the network's error when there was no answer.
 */
export function callHttp(address: string, { method, headers, body, signal }: HttpCall): Promise<HttpReply> {
  const request = address.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const call = request(address, { method, headers: { ...headers, ...length }, ...(signal && { signal }) });
    call.once('error', reject);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      const answer = (text: string) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => answer(Buffer.concat(chunks).toString('utf8')));
      response.once('error', () => answer(''));
    });
    call.end(body);
  });
}
