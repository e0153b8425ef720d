import { randomUUID } from 'node:crypto';
import type { Answer } from './answer.ts';

/** What an error body repeats of its request. */
export interface ErrorTrail {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly requestId: string;
  readonly clientRequestId: string;
}

/** A refusal, thrown anywhere while a request is answered. */
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

export function toErrorAnswer(error: GraphError, { now, requestId, clientRequestId }: ErrorTrail): Answer {
  const date = new Date(now).toISOString().slice(0, 19);
  const innerError = { date, 'request-id': requestId, 'client-request-id': clientRequestId };
  const body = { error: { code: error.code, message: error.message, innerError } };
  return { status: error.status, headers: error.headers, body };
}

/** Intune's own words: JSON inside the message. */
export function intuneError(status: number, code: string, text: string): GraphError {
  return new GraphError(status, code, intuneMessage(text, {}));
}

/**
 * How Intune refuses a person whose role, licence or scope does not suffice: JSON inside JSON, and not a word of the cause.
 * Source: bodies that public issue threads quote, see facts of Graph, errors, variant 2.
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
