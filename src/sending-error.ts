/**
 * Why a message could not be sent or edited: what senders branch on.
 * `passing`: it may go through later. `messageGone`: the message to be edited is not there any more. `closed`: Teams takes nothing
 * from the bot in that conversation until something changes there. `refused`: this very message will never be taken.
 */
export type SendingFault = 'passing' | 'messageGone' | 'closed' | 'refused';

export interface SendingDetails {
  /** When Teams named a time. */
  readonly retryAfterMs?: number | undefined;
  /** It may have been taken all the same: saying it again could show it twice. */
  readonly mayBeTaken?: boolean;
  readonly cause?: unknown;
}

/** A message could not be sent or edited; thrown by src/teams, read by whoever asked for the message. */
export class SendingError extends Error {
  override readonly name: string = 'SendingError';
  readonly fault: SendingFault;
  /** Teams' own code, or the status. */
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly mayBeTaken: boolean;

  constructor(fault: SendingFault, code: string, { retryAfterMs, mayBeTaken = false, cause }: SendingDetails = {}) {
    super(`Teams did not take a message: ${fault} (${code})`, { cause });
    this.fault = fault;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.mayBeTaken = mayBeTaken;
  }
}
