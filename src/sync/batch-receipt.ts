import type { BatchReceipt } from '../cards/progress-card.ts';
import { bySize, type Uncompared } from '../domain/licenses.ts';
import type { SyncBatch } from '../domain/sync-batch.ts';
import type { EndedRun, SyncRun, SyncRuns } from '../domain/sync-run.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Licenses } from './licenses.ts';
import { isSeenToEnd, listChanges } from './token-view.ts';

interface FindBatchReceiptParts {
  readonly runtime: Runtime;
  readonly runs: SyncRuns;
  readonly licenses: Licenses;
}

/** Finds what the syncs of a batch changed, listing the apps of all its tokens once, and stores it with the runs. Never rejects. */
export type FindBatchReceipt = (batch: SyncBatch, signal: AbortSignal) => Promise<BatchReceipt>;

const nothingKnown: BatchReceipt = { changes: [], licenses: { compared: 0, notCompared: 0, approximate: false } };

export function createFindBatchReceipt({ runtime, runs, licenses }: FindBatchReceiptParts): FindBatchReceipt {
  return async ({ id, items }, signal) => {
    try {
      const all = await runs.listOfBatch(id);
      const found = await licenses.compare(all.filter(isUncompared), signal);
      for (const [runId, compared] of signal.aborted ? [] : found) await runs.setLicenses(runId, compared);
      const known = all.map((run): SyncRun => {
        const compared = found.get(run.id);
        return compared ? { ...run, licenses: compared } : run;
      });
      return batchReceiptOf(known, new Map(items.map(({ tokenId, name }) => [tokenId, name])));
    } catch (error) {
      runtime.log.error({ err: error, batchId: id }, 'the changes of a batch could not be found');
      return nothingKnown;
    }
  };
}

function isUncompared(run: SyncRun): run is EndedRun {
  const { outcome, licenses, after, endedAt } = run;
  const isEnded = outcome !== undefined && after !== undefined && endedAt !== undefined;
  return isEnded && isSeenToEnd(outcome) && !licenses;
}

/** Changes of the tokens themselves come first, then those of their apps, the largest first. */
function batchReceiptOf(runs: readonly SyncRun[], names: ReadonlyMap<string, string>): BatchReceipt {
  const changes = runs.flatMap((run) =>
    listChanges(run).map((change) => ({ name: names.get(run.tokenId) ?? run.tokenId, change })),
  );
  changes.sort(({ change: one }, { change: other }) => {
    if (one.what === 'app' && other.what === 'app') return bySize(one, other);
    return Number(one.what === 'app') - Number(other.what === 'app');
  });
  return { changes, licenses: licensesOf(runs.filter(({ outcome }) => outcome === 'completed')) };
}

/** `why` is given only where it is the same for all that were not compared. */
function licensesOf(completed: readonly SyncRun[]): BatchReceipt['licenses'] {
  const compared = completed.flatMap(({ licenses }) => (licenses?.kind === 'compared' ? [licenses] : []));
  const whys = new Set<Uncompared | undefined>(
    completed.flatMap(({ licenses }) => (licenses?.kind === 'compared' ? [] : [licenses?.why])),
  );
  const [why] = whys.size === 1 ? whys : [];
  return {
    compared: compared.length,
    notCompared: completed.length - compared.length,
    ...(why !== undefined && { why }),
    approximate: compared.some(({ approximate }) => approximate),
  };
}
