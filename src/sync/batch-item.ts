import type { ProgressCounts, Trouble } from '../cards/progress-card.ts';
import { wasStoppedAsking } from '../domain/licenses.ts';
import type { SyncBatchItem } from '../domain/sync-batch.ts';
import type { SyncRun } from '../domain/sync-run.ts';

/** A token of a batch. Without an outcome it waits, or runs. */
export interface BatchItem extends SyncBatchItem {
  readonly running?: true;
}

/** A batch's token once its run has ended; when its sync failed, the token's state may be why. */
export function endedItem(item: BatchItem, run: SyncRun): BatchItem {
  const { tokenId, name } = item;
  const { joined, after } = run;
  const outcome = outcomeOf(run);
  const detail = outcome === 'failed' && after && after.state !== 'valid' ? after.state : undefined;
  return { tokenId, name, joined, outcome, ...(detail !== undefined && { detail }) };
}

function outcomeOf({ outcome = 'lost', refusal = 'refused', licensesBefore }: SyncRun): string {
  if (outcome === 'notStarted' && wasStoppedAsking(licensesBefore)) return 'stoppedAsking';
  return outcome === 'refusedLate' ? refusal : outcome;
}

/** Counts the tokens of a batch, and lists those that did not complete: the worst kind first, else in the order of the plan. */
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

type Ending = 'completed' | Trouble['kind'];

const endings: ReadonlyMap<string, Ending> = new Map([
  ['completed', 'completed'],
  ['stuck', 'noResult'],
  ['noResult', 'noResult'],
  ['lost', 'noResult'],
  ['notAsked', 'notStarted'],
  ['notStarted', 'notStarted'],
  ['stoppedAsking', 'notStarted'],
  ['coolingDown', 'notStarted'],
]);

/** Every other outcome, such as the reason of a refusal, counts as failed. */
const endingOf = (outcome: string): Ending => endings.get(outcome) ?? 'failed';

const rank: Readonly<Record<Trouble['kind'], number>> = { failed: 0, noResult: 1, notStarted: 2 };
