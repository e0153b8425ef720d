import { wasStoppedAsking } from '../domain/licenses.ts';
import type { TokenRun } from '../domain/sync-run.ts';
import type { BatchItem } from './batch-tally.ts';

/** A batch's token once its run has ended. The state of a token whose sync failed may be why. */
export function endedItem(item: BatchItem, run: TokenRun): BatchItem {
  const { tokenId, name } = item;
  const { joined, after } = run;
  const isStopped = run.outcome === 'notStarted' && wasStoppedAsking(run.licensesBefore);
  const isRefused = run.outcome === 'refusedLate';
  const ended = isRefused ? (run.refusal ?? 'refused') : (run.outcome ?? 'lost');
  const outcome = isStopped ? 'stoppedAsking' : ended;
  const detail = outcome === 'failed' && after && after.state !== 'valid' ? after.state : undefined;
  return { tokenId, name, joined, outcome, ...(detail !== undefined && { detail }) };
}
