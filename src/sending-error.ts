/**
 * Why a message could not be sent or edited: what senders branch on.
 * `passing`: it may go through later. `messageGone`: the message to be edited is not there any more. `closed`: Teams takes nothing
 * from the bot in that conversation until something changes there. `refused`: this very message will never be taken.
 */
export type SendingFault = 'passing' | 'messageGone' | 'closed' | 'refused';

/** A message could not be sent or edited; thrown by src/teams, read by whoever asked for the message. */
export class SendingError extends Error {
  override readonly name: string = 'SendingError';
  readonly fault: SendingFault;
  /** Teams' own code, or the status. */
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(fault: SendingFault, code: string, retryAfterMs?: number, cause?: unknown) {
    super(`Teams did not take a message: ${fault} (${code})`, { cause });
    this.fault = fault;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
