import type { BatchReceipt } from '../cards/progress-card.ts';
import { isSyncOutcome } from '../cards/token-phase.ts';
import type { TokenRun } from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import type { SyncRuns } from '../store/sync-runs.ts';
import { batchReceiptOf } from './batch-changes.ts';
import type { Licenses } from './licenses.ts';
import type { EndedRun } from './run-board.ts';
import { isSeenToEnd } from './run-phase.ts';

export interface FindBatchReceiptParts {
  readonly runs: Pick<SyncRuns<VppToken>, 'listOfBatch' | 'setLicenses'>;
  readonly licenses: Pick<Licenses, 'compare'>;
  readonly log: { error(fields: object, message: string): void };
}

export type FindBatchReceipt = (
  batch: { readonly id: string; readonly items: readonly { readonly tokenId: string; readonly name: string }[] },
  signal: AbortSignal,
) => Promise<BatchReceipt>;

const nothingKnown: BatchReceipt = { changes: [], licenses: { compared: 0, notCompared: 0, approximate: false } };

/** What the syncs of a batch changed; the apps of all its tokens are listed once. Kept with the runs. Never rejects. */
export function createFindBatchReceipt({ runs, licenses, log }: FindBatchReceiptParts): FindBatchReceipt {
  return async ({ id, items }, signal) => {
    try {
      const all = await runs.listOfBatch(id);
      const uncompared = all.filter(isToCompare);
      const found = await licenses.compare(uncompared, signal);
      for (const [runId, compared] of signal.aborted ? [] : found) await runs.setLicenses(runId, compared);
      const known = all.map(
        (run) => ({ ...run, ...(found.has(run.id) && { licenses: found.get(run.id) }) }) as TokenRun,
      );
      return batchReceiptOf(known, new Map(items.map(({ tokenId, name }) => [tokenId, name])));
    } catch (error) {
      log.error({ err: error, batchId: id }, 'what a batch changed could not be found out');
      return nothingKnown;
    }
  };
}

function isToCompare(run: TokenRun): run is EndedRun {
  const { outcome, licenses, after, endedAt } = run;
  const isEnded = outcome !== undefined && after !== undefined && endedAt !== undefined;
  return isEnded && isSyncOutcome(outcome) && isSeenToEnd(outcome) && !licenses;
}
