import type { IncomingMessage } from 'node:http';

export type BodyResult =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly status: 400 | 413; readonly why: string };

const mostBytes = 256 * 1024;
const mostDepth = 64;

/**
 * Reads a request's JSON object: at most 256 KB, nested at most 64 deep, UTF-8. Stops reading at the first byte too many.
 * Never rejects: a client that goes away, or is too slow, sent a body that ends too early.
 */
export async function readBody(request: IncomingMessage): Promise<BodyResult> {
  const tooLarge: BodyResult = { ok: false, status: 413, why: 'body over 256 KB' };
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The socket stays open when reading stops early, so that the refusal can still be answered.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) return tooLarge;
      chunks.push(chunk);
    }
  } catch {
    return malformed('body was cut off');
  }
  return parseBody(Buffer.concat(chunks), request.headers['content-type']);
}

const malformed = (why: string): BodyResult => ({ ok: false, status: 400, why });

function parseBody(bytes: Buffer, contentType: string | undefined): BodyResult {
  if (!/^application\/(\S+\+)?json\s*(;|$)/i.test(contentType ?? '')) return malformed('content type is not JSON');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return malformed('not UTF-8');
  }
  if (isTooDeep(text)) return malformed('nested too deep');
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return malformed('not a JSON object');
    const { type } = body as { type?: unknown };
    if (typeof type !== 'string' || type === '') return malformed('no activity type');
    return { ok: true, body: body as Record<string, unknown> };
  } catch {
    return malformed('not JSON');
  }
}

/** Counts brackets outside strings before anything recursive sees the text. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > mostDepth) return true;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return false;
}
