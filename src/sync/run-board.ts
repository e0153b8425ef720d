import type { SyncOutcome } from '../cards/token-phase.ts';
import type { VppToken } from '../graph/vpp-token.ts';
import type { TokenRun } from './judge.ts';

/** A run that has ended, as its receipt needs it. `after` is the last that was seen of the token. */
export type EndedRun = TokenRun & { readonly outcome: SyncOutcome; readonly endedAt: number; readonly after: VppToken };

/** Where a run shows how it ended. Never rejects: a receipt that cannot be delivered is logged, the run stays ended. */
export interface RunBoard {
  showEnd(run: EndedRun): Promise<void>;
}
