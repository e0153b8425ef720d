import { randomUUID } from 'node:crypto';

interface EntraErrorOptions {
  readonly status?: number;
  readonly suberror?: string;
  /** Claims challenge, JSON, for step-up. */
  readonly claims?: string;
  readonly retryAfterS?: number;
}

/** A refusal of the token endpoint: an OAuth error, the AADSTS number behind it, and what Entra adds in some cases. */
export class EntraError extends Error {
  override readonly name = 'EntraError';
  readonly error: string;
  readonly code: number;
  readonly options: EntraErrorOptions;

  constructor(error: string, code: number, message: string, options: EntraErrorOptions = {}) {
    super(message);
    this.error = error;
    this.code = code;
    this.options = options;
  }
}

/** The refusal as Entra writes it: the number stands in the description and in `error_codes`. */
export function toErrorBody(error: EntraError, now: number, correlationId: string = randomUUID()) {
  const traceId = randomUUID();
  const timestamp = new Date(now)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  const trail = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    error: error.error,
    error_description: `AADSTS${error.code}: ${error.message} ${trail}`,
    error_codes: [error.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    ...(error.options.suberror !== undefined && { suberror: error.options.suberror }),
    ...(error.options.claims !== undefined && { claims: error.options.claims }),
  };
}
