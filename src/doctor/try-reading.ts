import type { AuthorizedTurn } from '../commands/command.ts';
import { explainError } from '../dialogs/refuse.ts';
import { GraphError, type GraphErrorReason } from '../graph/errors.ts';
import { listVppTokens } from '../graph/vpp.ts';
import type { Explanation } from '../i18n/texts.ts';

export type ReadingOutcome =
  | { readonly kind: 'read'; readonly count: number }
  /** `isPassing`: not the person's rights are at fault, and waiting helps. */
  | { readonly kind: 'refused'; readonly explanation: Explanation; readonly isPassing: boolean }
  | { readonly kind: 'tooSlow' };

const passing: ReadonlySet<GraphErrorReason> = new Set(['throttled', 'unavailable', 'timedOut']);

/** Whether Intune lets the person see their tokens, found out by looking. Gives up when the signal says so. */
export async function tryReading(turn: AuthorizedTurn, signal: AbortSignal): Promise<ReadingOutcome> {
  try {
    return { kind: 'read', count: (await listVppTokens(turn.graph, { signal })).length };
  } catch (error) {
    if (signal.aborted) return { kind: 'tooSlow' };
    if (!(error instanceof GraphError)) throw error;
    return { kind: 'refused', explanation: explainError(turn, error), isPassing: passing.has(error.reason) };
  }
}
