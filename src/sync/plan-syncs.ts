import type { SkipReason } from '../cards/plan-card.ts';
import type { AuthorizedTurn } from '../commands/command.ts';
import { isInProgress } from '../domain/sync-run.ts';
import { findHopelessState, type VppToken } from '../domain/token.ts';
import { listVppTokens } from '../graph/vpp.ts';
import type { SyncRuns } from '../store/sync-runs.ts';

/** What a sync of every token would do: each token is in one of the two lists. */
export interface SyncPlan {
  readonly run: readonly VppToken[];
  readonly skipped: readonly { readonly token: VppToken; readonly reason: SkipReason }[];
}

export interface PlanSyncsParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'listLedTokenIds' | 'listTokenIdsCompletedAfter'>;
  readonly now: () => number;
  readonly cooldownMs: number;
  readonly beta: boolean;
}

/** Reads all tokens as the person of the turn and sorts them. What cannot work comes before what only has to wait. */
export type PlanSyncs = (turn: AuthorizedTurn) => Promise<SyncPlan>;

export function createPlanSyncs({ runs, now, cooldownMs, beta }: PlanSyncsParts): PlanSyncs {
  return async (turn) => {
    const { tenantId } = turn.session;
    const tokens = await listVppTokens(turn.graph, { beta });
    const led = new Set(await runs.listLedTokenIds(tenantId));
    const resting = new Set(cooldownMs > 0 ? await runs.listTokenIdsCompletedAfter(tenantId, now() - cooldownMs) : []);

    const findReason = (token: VppToken): SkipReason | undefined => {
      const hopeless = findHopelessState(token);
      if (hopeless) return hopeless;
      if (led.has(token.id) || isInProgress(token, now())) return 'inProgress';
      return resting.has(token.id) ? 'coolingDown' : undefined;
    };
    const sorted = tokens.map((token) => ({ token, reason: findReason(token) }));
    return {
      run: sorted.flatMap(({ token, reason }) => (reason ? [] : [token])),
      skipped: sorted.flatMap(({ token, reason }) => (reason ? [{ token, reason }] : [])),
    };
  };
}
