import { SendingError } from '../domain/turn.ts';
import { faultOf, mayBeTaken } from './sending-fault.ts';

export interface ConnectorErrorParts {
  /**
   * `refused`: Teams answered `status`. `unreachable`: no answer in time; a message may have been taken all the same. The others were
   * never sent: `addressRefused`: not Teams' address; `tenantRefused`: not one of those served; `noToken`: Entra gave the bot none;
   * `noRoom`: Teams' limits leave none for now.
   */
  readonly reason: 'refused' | 'unreachable' | 'addressRefused' | 'tenantRefused' | 'noToken' | 'noRoom';
  readonly status?: number;
  /** Teams' own `error.code`, such as `ActivityNotFoundInConversation`. */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A call to Teams' connector failed. */
export class ConnectorError extends SendingError {
  override readonly name = 'ConnectorError';
  readonly reason: ConnectorErrorParts['reason'];
  readonly status: number | undefined;

  constructor(parts: ConnectorErrorParts) {
    const { reason, status, retryAfterMs, cause } = parts;
    super(faultOf(parts), parts.code ?? String(status ?? reason), {
      retryAfterMs,
      cause,
      mayBeTaken: mayBeTaken(parts),
    });
    this.reason = reason;
    this.status = status;
  }
}
