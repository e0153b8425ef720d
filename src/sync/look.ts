import type { TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import type { ReadOnlyGraph } from '../graph/client.ts';
import { GraphError } from '../graph/errors.ts';
import { getVppToken } from '../graph/vpp.ts';
import { AppTokenError } from '../identity/tokens.ts';

export type Look =
  | { readonly kind: 'seen'; readonly token: VppToken }
  /** Nothing was learnt this time; the next look may tell. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'gone' }
  /** Nobody may look for this run any more. */
  | { readonly kind: 'blind' };

export interface LookParts {
  /** Whose eyes may be used, best first: the requester's own while they are signed in, else the app's. */
  readonly listReaders: (run: TokenRun) => readonly ReadOnlyGraph[];
  readonly beta: boolean;
}

/**
 * Looks at a run's token once, with whoever may. A refusal passes on to the next reader, and so does a token that is not found:
 * it may be hidden from one and not from the other.
 */
export async function lookAt(run: TokenRun, parts: LookParts, signal: AbortSignal): Promise<Look> {
  let isMissing = false;
  for (const graph of parts.listReaders(run)) {
    try {
      return { kind: 'seen', token: await getVppToken(graph, run.tokenId, { beta: parts.beta, signal }) };
    } catch (error) {
      if (error instanceof AppTokenError && !passing.has(error.reason)) continue;
      if (!(error instanceof GraphError)) return { kind: 'nothing' };
      if (error.reason === 'notFound') isMissing = true;
      else if (!refusals.has(error.reason)) return { kind: 'nothing' };
    }
  }
  return { kind: isMissing ? 'gone' : 'blind' };
}

/** Reasons of Entra's that the next look may find gone. */
const passing: ReadonlySet<string> = new Set(['throttled', 'unavailable']);
const refusals: ReadonlySet<string> = new Set(['tokenRejected', 'claimsChallenge', 'missingScope', 'forbidden']);
