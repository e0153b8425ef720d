import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** An answer before it is written. `body` is sent as JSON, a string as it is, and nothing when left out. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The parts of a request that an error body repeats. */
export interface ErrorTrail {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly requestId: string;
  readonly clientRequestId: string;
}

const json = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** Writes an answer with Graph's headers; with `bodyDelayMs` the headers go first. */
export async function sendAnswer(response: ServerResponse, answer: Answer, trail: ErrorTrail, bodyDelayMs: number) {
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    date: new Date(trail.now).toUTCString(),
    'request-id': trail.requestId,
    'client-request-id': trail.clientRequestId,
    'x-ms-ags-diagnostic': JSON.stringify({
      ServerInfo: { DataCenter: 'Rehearsal', Slice: 'E', RoleInstance: 'SB01' },
    }),
    'cache-control': 'no-store',
    ...(body !== undefined && { 'content-type': json, 'content-length': Buffer.byteLength(body) }),
    ...answer.headers,
  });
  if (bodyDelayMs > 0) {
    response.flushHeaders();
    if (!(await waitWhileOpen(response, bodyDelayMs))) return;
  }
  response.end(body);
}

/** Waits in real time; false when the client has disconnected. */
export async function waitWhileOpen(response: ServerResponse, ms: number): Promise<boolean> {
  if (ms <= 0) return !response.destroyed;
  const closed = new AbortController();
  const abort = () => closed.abort();
  response.once('close', abort);
  try {
    await wait(ms, undefined, { signal: closed.signal });
    return true;
  } catch {
    return false;
  } finally {
    response.off('close', abort);
  }
}

/** A refusal, thrown while a request is answered. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const badRequest = (message: string) => new GraphError(400, 'BadRequest', message);

export function toErrorAnswer(error: GraphError, { now, requestId, clientRequestId }: ErrorTrail): Answer {
  const date = new Date(now).toISOString().slice(0, 19);
  const innerError = { date, 'request-id': requestId, 'client-request-id': clientRequestId };
  const body = { error: { code: error.code, message: error.message, innerError } };
  return { status: error.status, headers: error.headers, body };
}

/** An error of Intune: its message is JSON. */
export function intuneError(status: number, code: string, text: string): GraphError {
  return new GraphError(status, code, intuneMessage(text, {}));
}

/**
 * Intune's refusal of a person whose role, licence or scope is not enough: JSON inside JSON, without the cause.
 * Source: bodies quoted in public issue threads.
 */
export function forbiddenByIntune(): GraphError {
  const inner = intuneMessage('An error has occurred', { 'WWW-Authenticate': 'Bearer realm="urn:intune:service"' });
  const outer = { ErrorCode: 'Forbidden', Message: inner, Target: null, Details: null, InnerError: null };
  return new GraphError(
    403,
    'UnknownError',
    JSON.stringify({ ...outer, InstanceAnnotations: [], TypeAnnotation: null }),
  );
}

export function missingScope(oneOf: readonly string[]): GraphError {
  const text = `Application must have one of the following scopes: ${oneOf.join(', ')}`;
  return intuneError(403, 'Forbidden', text);
}

function intuneMessage(text: string, httpHeaders: Readonly<Record<string, string>>): string {
  const trail = `Operation ID (for customer support): ${randomUUID()} - Activity ID: ${randomUUID()}`;
  const url = 'https://proxy.rehearsal.manage.example.com/DeviceAppManagement/deviceAppManagement/vppTokens';
  return JSON.stringify({
    _version: 3,
    Message: `${text} - ${trail} - Url: ${url}`,
    CustomApiErrorPhrase: '',
    RetryAfter: null,
    ErrorSourceService: '',
    HttpHeaders: JSON.stringify(httpHeaders),
  });
}

/**
 * A time as Graph writes it: seven fractional digits, the last four derived from the time itself; `0001-01-01` for never.
 * Source: a captured v1.0 answer.
 */
export function toGraphDate(epochMs: number | undefined): string {
  if (epochMs === undefined) return '0001-01-01T00:00:00Z';
  const beyondMs = String((Math.floor(epochMs / 7) % 9999) + 1).padStart(4, '0');
  return new Date(epochMs).toISOString().replace('Z', `${beyondMs}Z`);
}

const knownOptions = new Set(['$select', '$top', '$skiptoken', '$filter']);

/** Refuses query options that are not known to work on these collections. */
export function checkOptions(query: URLSearchParams, options: { readonly allowFilter: boolean }) {
  for (const name of query.keys()) {
    const unknown = name.startsWith('$') && !knownOptions.has(name);
    if (unknown || (name === '$filter' && !options.allowFilter)) {
      throw badRequest(`The query option ${name} is not supported here.`);
    }
  }
}

/** The properties that $select names, or all; in alphabetical order, as Graph was seen to do. */
export function selectProperties(
  properties: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
  typeName: string,
): Record<string, unknown> {
  const selected = listSelected(query) ?? Object.keys(properties);
  const unknown = selected.find((name) => !Object.hasOwn(properties, name));
  if (unknown !== undefined) {
    throw badRequest(`Could not find a property named '${unknown}' on type '${typeName}'.`);
  }
  return Object.fromEntries(selected.toSorted().map((name) => [name, properties[name]]));
}

export function listSelected(query: URLSearchParams): string[] | undefined {
  const select = query.get('$select');
  if (select === null) return undefined;
  const names = select.split(',').map((name) => name.trim());
  if (names.includes('')) throw badRequest('$select has an empty name.');
  return names;
}

interface PageOptions<T> {
  readonly items: readonly T[];
  readonly query: URLSearchParams;
  /** When the request does not say `$top`. */
  readonly pageSize: number;
  /** The collection's own absolute address, without a query. */
  readonly address: string;
}

/** One page and the address of the next. The skip token is opaque to clients. */
export function takePage<T>({ items, query, pageSize, address }: PageOptions<T>): { page: T[]; nextLink?: string } {
  const size = readTop(query) ?? pageSize;
  const offset = readSkipToken(query);
  const page = items.slice(offset, offset + size);
  if (offset + size >= items.length) return { page };
  const next = new URLSearchParams(query);
  next.set('$skiptoken', Buffer.from(`page:${offset + size}`).toString('base64url'));
  return { page, nextLink: `${address}?${next}` };
}

function readTop(query: URLSearchParams): number | undefined {
  const top = query.get('$top');
  if (top === null) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(top)) throw badRequest(`$top must be a whole number from 1 to 999, not '${top}'.`);
  return Number(top);
}

function readSkipToken(query: URLSearchParams): number {
  const token = query.get('$skiptoken');
  if (token === null) return 0;
  const [, offset] = /^page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset === undefined) throw badRequest('The skip token is not valid.');
  return Number(offset);
}
