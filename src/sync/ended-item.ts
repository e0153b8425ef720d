import type { BatchItem } from './batch-tally.ts';
import type { TokenRun } from './judge.ts';

/** A batch's token once its run has ended. The state of a token whose sync failed may be why. */
export function endedItem(item: BatchItem, run: TokenRun): BatchItem {
  const { tokenId, name } = item;
  const { outcome = 'lost', joined, after } = run;
  const detail = outcome === 'failed' && after && after.state !== 'valid' ? after.state : undefined;
  return { tokenId, name, joined, outcome, ...(detail !== undefined && { detail }) };
}
