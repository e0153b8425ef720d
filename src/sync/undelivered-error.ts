export interface Undelivered {
  /** Trying again later may help; Teams refuses the rest for good. */
  readonly isWorthRepeating: boolean;
  /** It may have been taken all the same: saying it again could show it twice. */
  readonly mayBeTaken: boolean;
  /** When Teams named a time. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** What a `CardWall` rejects with when Teams did not take, or did not confirm, what was written or said. */
export class UndeliveredError extends Error implements Undelivered {
  override readonly name = 'UndeliveredError';
  readonly isWorthRepeating: boolean;
  readonly mayBeTaken: boolean;
  readonly retryAfterMs: number | undefined;

  constructor({ isWorthRepeating, mayBeTaken, retryAfterMs, cause }: Undelivered) {
    super(cause instanceof Error ? cause.message : 'Teams did not take it', { cause });
    this.isWorthRepeating = isWorthRepeating;
    this.mayBeTaken = mayBeTaken;
    this.retryAfterMs = retryAfterMs;
  }
}
