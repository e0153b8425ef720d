import type { ProgressCounts, Trouble } from '../cards/progress-card.ts';
import type { SyncBatchItem } from '../store/sync-batches.ts';

/** A token of a batch: it has ended once it has an outcome, and waits until it runs. */
export interface BatchItem extends SyncBatchItem {
  readonly running?: true;
}

type Ending = 'completed' | Trouble['kind'];

/** Whatever is not named here, such as the reason of a refusal, counts as failed. */
const endings: Readonly<Record<string, Ending>> = {
  completed: 'completed',
  stuck: 'noResult',
  noResult: 'noResult',
  lost: 'noResult',
  notAsked: 'notStarted',
  notStarted: 'notStarted',
  stoppedAsking: 'notStarted',
  coolingDown: 'notStarted',
};
const endingOf = (outcome: string): Ending =>
  Object.hasOwn(endings, outcome) ? (endings[outcome] ?? 'failed') : 'failed';

const rank: Readonly<Record<Trouble['kind'], number>> = { failed: 0, noResult: 1, notStarted: 2 };

/** How far a batch is, and what did not complete: the largest trouble first, else in the order of the plan. */
export function tallyOf(items: readonly BatchItem[]): { counts: ProgressCounts; troubles: readonly Trouble[] } {
  const counts = { completed: 0, failed: 0, noResult: 0, notStarted: 0, running: 0, waiting: 0, joined: 0 };
  const troubles: Trouble[] = [];
  for (const { name, outcome, detail, joined, running } of items) {
    if (joined) counts.joined += 1;
    if (outcome === undefined) {
      counts[running ? 'running' : 'waiting'] += 1;
      continue;
    }
    const kind = endingOf(outcome);
    counts[kind] += 1;
    if (kind !== 'completed') troubles.push({ name, kind, outcome, ...(detail !== undefined && { detail }) });
  }
  return { counts, troubles: troubles.sort((one, other) => rank[one.kind] - rank[other.kind]) };
}
