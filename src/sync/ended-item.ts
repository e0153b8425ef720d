import type { BatchItem } from './batch-tally.ts';
import type { TokenRun } from './judge.ts';
import { wasStoppedAsking } from './license-snapshot.ts';

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
