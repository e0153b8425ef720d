import type { SyncOutcome } from '../cards/token-phase.ts';
import type { TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';

/** A run that has ended, as its receipt needs it. `after` is the last that was seen of the token. */
export type EndedRun = TokenRun & {
  readonly outcome: SyncOutcome;
  readonly endedAt: number;
  readonly after: VppToken;
  /** An earlier process began it, and may have written on its card a moment ago. */
  readonly isTakenUp?: true;
};

/** Where a run shows how it goes on and how it ended. */
export interface RunBoard {
  /** Called after every look that saw no end, with the token as it was last seen. */
  showGoingOn(run: TokenRun, seen: { readonly token: VppToken; readonly at: number }): void;
  /** Never rejects: how the run ended is stored, and its showing is tried again. */
  showEnd(run: EndedRun): Promise<void>;
  /** Called instead of `showEnd` when the end was stored before: by another process, or by this one without an answer. Never rejects. */
  showStoredEnd(run: EndedRun): Promise<void>;
}
