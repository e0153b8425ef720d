import { GraphError, type GraphErrorReason } from '../domain/graph.ts';
import { isJsonObject, type JsonObject, parseJson } from '../lib/json.ts';
import { retryAfterToMs } from '../lib/retry.ts';

/** Graph's own id of a request, for Microsoft's support; undefined when the header is absent or odd. */
export const findRequestId = (headers: Headers): string | undefined =>
  headers.get('request-id')?.match(/^[0-9a-f-]{8,64}$/i)?.[0];

interface DecodeContext {
  readonly clientRequestId: string;
  /** Epoch milliseconds, with which a Retry-After date is compared. */
  readonly now: number;
}

/**
 * Decodes an answer that is not a success. Never throws, whatever the body is: plain OData, Intune's JSON inside a string (once
 * or twice encoded), its older form joined by " - ", HTML or nothing.
 * A 401 whose body says Forbidden is Intune's refusal for role or license, wrapped by Graph.
 * Source: github.com/microsoftgraph/msgraph-sdk-powershell/issues/1257.
 */
export function decodeGraphError(
  status: number,
  headers: Headers,
  bodyText: string,
  { clientRequestId, now }: DecodeContext,
): GraphError {
  const body = readErrorBody(bodyText);
  const claims = status === 401 ? findClaims(headers.get('www-authenticate')) : undefined;
  const requestId = body.requestId ?? findRequestId(headers);
  const retryAfterMs = retryAfterToMs(headers.get('retry-after'), now);
  return new GraphError(reasonOf(status, body, claims), {
    clientRequestId,
    status,
    ...(body.code && { code: body.code }),
    ...(requestId && { requestId }),
    ...(body.activityId && { activityId: body.activityId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(body.neededScopes && { neededScopes: body.neededScopes }),
    ...(body.detail && { detail: body.detail }),
    ...(claims && { claims }),
  });
}

const reasonOfStatus: Readonly<Record<number, GraphErrorReason>> = {
  403: 'forbidden',
  404: 'notFound',
  408: 'timedOut',
  409: 'conflict',
  410: 'notFound',
  412: 'conflict',
  423: 'conflict',
  429: 'throttled',
};

function reasonOf(status: number, body: ErrorBody, claims: string | undefined): GraphErrorReason {
  if (claims) return 'claimsChallenge';
  if ((status === 401 || status === 403) && body.neededScopes) return 'missingScope';
  if (status === 401) return body.code === 'Forbidden' ? 'forbidden' : 'tokenRejected';
  if (status >= 500) return 'unavailable';
  if (status < 400) return 'unreadable';
  return reasonOfStatus[status] ?? 'badRequest';
}

interface ErrorBody {
  readonly code?: string;
  readonly requestId?: string;
  readonly activityId?: string;
  readonly neededScopes?: readonly string[];
  readonly detail?: string;
}

// The outer body, its message as JSON, and that JSON's Message as JSON once more.
const maxDepth = 3;
/** In characters. Intune's bodies have some two thousand; a longer one is a page, or worse. */
const longestBody = 64 * 1024;
const longestMessage = 8 * 1024;

/** Finds the useful parts of an error body, however often Intune wrapped it. Never throws. */
function readErrorBody(text: string): ErrorBody {
  const found: Found = { codes: [], requestIds: [], message: '' };
  if (text.length <= longestBody) collect(text, 1, found);
  const message = found.message.slice(0, longestMessage);
  const code = found.codes.find((each) => each !== 'UnknownError') ?? found.codes[0];
  const requestId = found.requestIds[0];
  const activityId = message.match(/Activity ID: ([0-9a-f-]{8,64})/i)?.[1];
  const neededScopes = scopesIn(message);
  const detail = toSafeDetail(message);
  return {
    ...(code && { code }),
    ...(requestId && { requestId }),
    ...(activityId && { activityId }),
    ...(neededScopes.length > 0 && { neededScopes }),
    ...(detail && { detail }),
  };
}

interface Found {
  readonly codes: string[];
  readonly requestIds: string[];
  message: string;
}

function collect(text: string, depth: number, found: Found): void {
  const parsed = depth <= maxDepth && text.trimStart().startsWith('{') ? parseJson(text) : undefined;
  if (!isJsonObject(parsed)) {
    // The outermost text is Graph's envelope or something foreign, such as a proxy's HTML.
    if (depth > 1) found.message = text;
    return;
  }
  const error = isJsonObject(parsed.error) ? parsed.error : parsed;
  push(found.codes, error.code ?? error.ErrorCode, /^[A-Za-z][\w.-]{0,63}$/);
  const inner = innerErrorOf(error);
  push(found.requestIds, inner?.['request-id'], /^[0-9a-f-]{8,64}$/i);
  const message = error.message ?? error.Message;
  if (typeof message === 'string') collect(message, depth + 1, found);
}

function innerErrorOf(error: JsonObject): JsonObject | undefined {
  const inner = error.innerError ?? error.innererror;
  return isJsonObject(inner) ? inner : undefined;
}

function push(list: string[], value: unknown, shape: RegExp): void {
  if (typeof value === 'string' && shape.test(value)) list.push(value);
}

function scopesIn(message: string): string[] {
  const list = message.match(/one of the following scopes:(.*?)(?: - |$)/is)?.[1] ?? '';
  return [...new Set(list.match(/\b[A-Z][A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*){1,4}\b/g))].slice(0, 20);
}

const maxLength = 300;

/**
 * One sentence of Graph's or Intune's message that may be shown and logged, or undefined.
 * Cut before " - Operation ID" and similar parts. A sentence that still holds an address, a host, JSON, markup or an opaque long
 * word is dropped whole, because the text around them may be as private. "An error has occurred" is dropped as meaningless.
 */
function toSafeDetail(message: string): string | undefined {
  // One space before the dash, not several: a message of spaces only would take quadratic time.
  const [head = ''] = message.split(/(?:^|\s)-\s+(?:Operation ID|Activity ID|Url|CustomApiErrorPhrase|RetryAfter)\b/i);
  const sentence = head
    .replace(/^\s*Message:/i, '')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (sentence === '' || /^an (?:unknown )?error (?:has )?occurred\.?$/i.test(sentence)) return undefined;
  if (/[{}<>\\]|:\/\/|www\./.test(sentence) || hasOpaqueWord(sentence) || hasHost(sentence)) return undefined;
  return sentence.length <= maxLength ? sentence : `${sentence.slice(0, maxLength - 1).trimEnd()}…`;
}

function hasOpaqueWord(sentence: string): boolean {
  return /[A-Za-z0-9+/=_-]{65,}/.test(sentence);
}

// Dotted names that are not hosts: permissions (every part capitalized), type names and version numbers.
const harmless = /^(?:[A-Z][A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*)+|microsoft\.graph(?:\.[A-Za-z]+)*|v?\d+\.\d+)$/;
const topLevelDomain = /\.(?:com|net|org|us|cn|io|ms|local|internal)$/i;

function hasHost(sentence: string): boolean {
  const dotted = sentence.match(/[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g) ?? [];
  return dotted.some((name) => !harmless.test(name) || topLevelDomain.test(name)) || /localhost/i.test(sentence);
}

/**
 * The JSON text of a Conditional Access or continuous access evaluation challenge; undefined when the header has none that can be
 * decoded. Source: learn.microsoft.com/entra/identity-platform/claims-challenge.
 */
function findClaims(wwwAuthenticate: string | null): string | undefined {
  const encoded = wwwAuthenticate?.match(/\bclaims="([A-Za-z0-9+/_=-]+)"/i)?.[1];
  if (!encoded) return undefined;
  const claims = Buffer.from(encoded, 'base64').toString('utf8');
  return isJsonObject(parseJson(claims)) ? claims : undefined;
}
