export interface ConnectorErrorParts {
  /** `refused`: Teams answered `status`. `unreachable`: no answer in time; a message may have been taken all the same. */
  readonly reason: 'refused' | 'unreachable' | 'addressRefused';
  readonly status?: number;
  /** Teams' own `error.code`, such as `ActivityNotFoundInConversation`. */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A message could not be sent or edited. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly reason: ConnectorErrorParts['reason'];
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(parts: ConnectorErrorParts) {
    super(`Teams' connector: ${parts.reason}${parts.status ? ` ${parts.status} ${parts.code ?? ''}` : ''}`, {
      cause: parts.cause,
    });
    this.reason = parts.reason;
    this.status = parts.status;
    this.code = parts.code;
    this.retryAfterMs = parts.retryAfterMs;
  }
}
