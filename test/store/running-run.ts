import type { SyncRun } from '../../src/domain/sync-run.ts';
import { tokenOf } from '../support/alert-samples.ts';
import { ada, at, thread } from '../support/stored.ts';

/** A sync of Ada's that goes on, of a token of its own by default. */
export const runningRun = (id: string, changes: Partial<SyncRun> = {}): SyncRun => ({
  id,
  tenantId: ada.tenantId,
  tokenId: `token of ${id}`,
  phase: 'running',
  joined: false,
  requester: ada,
  conversation: thread,
  locale: 'en',
  before: tokenOf('token'),
  startedAt: at,
  seenInProgress: false,
  uncertain: false,
  ...changes,
});
