import type { IncomingMessage } from 'node:http';

/** Reads a request's body as text; undefined when it is longer than `mostBytes`, the rest being read and dropped. */
export async function readLimitedBody(request: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= mostBytes) chunks.push(chunk);
  }
  return length <= mostBytes ? Buffer.concat(chunks).toString('utf8') : undefined;
}
