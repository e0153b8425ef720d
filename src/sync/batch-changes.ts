import type { BatchReceipt } from '../cards/progress-card.ts';
import { bySize, type Uncompared } from '../domain/licenses.ts';
import type { TokenRun } from '../domain/sync-run.ts';
import { listChanges } from './run-phase.ts';

/** What a batch changed: what became of tokens themselves first, then of their apps, the largest change first. */
export function batchReceiptOf(runs: readonly TokenRun[], names: ReadonlyMap<string, string>): BatchReceipt {
  const changes = runs.flatMap((run) =>
    listChanges(run).map((change) => ({ name: names.get(run.tokenId) ?? run.tokenId, change })),
  );
  changes.sort(({ change: one }, { change: other }) => {
    if (one.what === 'app' && other.what === 'app') return bySize(one, other);
    return Number(one.what === 'app') - Number(other.what === 'app');
  });
  return { changes, licenses: licensesOf(runs.filter(({ outcome }) => outcome === 'completed')) };
}

function licensesOf(completed: readonly TokenRun[]): BatchReceipt['licenses'] {
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
